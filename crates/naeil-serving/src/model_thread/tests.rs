use std::sync::{Arc, LazyLock};

use naeil_domain::HorizonForecast;
use naeil_test_support::fakes::{FakeForecaster, ForecastControl};

use super::*;

/// Windows of one value.
static ONE_VALUE: LazyLock<WindowShape> = LazyLock::new(|| WindowShape {
    seq_length: 1,
    sequence_columns: vec![0],
    n_columns: 1,
});

fn spawn(config: &ServiceConfig) -> (Arc<ForecastControl>, Arc<ModelThread>, ServingMetrics) {
    let control = Arc::new(ForecastControl::default());
    let metrics = ServingMetrics::default();
    let forecaster = Box::new(FakeForecaster::new(
        0.0,
        ONE_VALUE.clone(),
        Arc::clone(&control),
    ));
    let thread = ModelThread::spawn(forecaster, config, &metrics).unwrap();
    (control, Arc::new(thread), metrics)
}

/// One window of one value.
fn window(value: f32) -> WindowBatch {
    WindowBatch {
        n_windows: 1,
        sequence: vec![value],
        wide: vec![value],
    }
}

async fn until_queued(metrics: &ServingMetrics, n: i64) {
    while metrics.inference_queue_depth.get() != n {
        tokio::task::yield_now().await;
    }
}

async fn held(control: &Arc<ForecastControl>) {
    let control = Arc::clone(control);
    tokio::task::spawn_blocking(move || control.wait_until_held())
        .await
        .unwrap();
}

#[tokio::test]
async fn requests_that_wait_share_the_next_pass() {
    let (control, thread, metrics) = spawn(&ServiceConfig::for_testing());
    control.hold();
    let ask = |value: f32| {
        let thread = Arc::clone(&thread);
        tokio::spawn(async move { thread.forecast(window(value)).await })
    };
    let first = ask(1.0);
    held(&control).await;
    let others = [ask(2.0), ask(3.0), ask(4.0)];
    until_queued(&metrics, 3).await;
    control.release();

    assert!(first.await.unwrap().is_ok());
    for (other, value) in others.into_iter().zip([2.0, 3.0, 4.0]) {
        let got = other.await.unwrap().unwrap().rows;
        // The value, twice and three times the value.
        let directions = got[0].map(|HorizonForecast { direction, .. }| direction);
        assert_eq!(directions, [value, 2.0 * value, 3.0 * value]);
    }
    assert_eq!(control.passes(), [1, 3]);
    assert_eq!(metrics.inference_windows.get(), 4);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_but_lets_the_background_wait() {
    let config = ServiceConfig {
        queue_capacity: 1,
        ..ServiceConfig::for_testing()
    };
    let (control, thread, metrics) = spawn(&config);
    control.hold();
    let ask = || {
        let thread = Arc::clone(&thread);
        tokio::spawn(async move { thread.forecast(window(1.0)).await })
    };
    let running = ask();
    held(&control).await;
    let queued = ask();
    until_queued(&metrics, 1).await;

    let refused = thread.forecast(window(1.0)).await;
    assert_eq!(refused, Err(InferenceError::QueueFull));
    let patient = {
        let thread = Arc::clone(&thread);
        tokio::spawn(async move { thread.forecast_when_free(window(1.0)).await })
    };
    control.release();
    for task in [running, queued, patient] {
        assert!(task.await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn a_panic_is_answered_and_the_thread_goes_on() {
    let (control, thread, _) = spawn(&ServiceConfig::for_testing());
    control.panic_next(1);
    let failed = thread.forecast(window(1.0)).await;
    assert_eq!(
        failed,
        Err(InferenceError::Panicked("told to panic".to_owned()))
    );
    assert!(thread.forecast(window(1.0)).await.is_ok());
}

#[tokio::test]
async fn a_bad_window_spoils_no_other_answer() {
    let (control, thread, metrics) = spawn(&ServiceConfig::for_testing());
    control.hold();
    let ask = |value: f32| {
        let thread = Arc::clone(&thread);
        tokio::spawn(async move { thread.forecast(window(value)).await })
    };
    let first = ask(1.0);
    held(&control).await;
    let bad = ask(f32::NAN);
    let good = ask(2.0);
    until_queued(&metrics, 2).await;
    control.release();
    assert!(first.await.unwrap().is_ok());
    assert!(good.await.unwrap().is_ok());
    assert_eq!(
        bad.await.unwrap(),
        Err(InferenceError::Failed(ForecastError::InputNotFinite(0)))
    );
}

#[tokio::test]
async fn the_wrong_number_of_answers_is_an_error() {
    struct Short;
    impl Forecaster for Short {
        fn shape(&self) -> &WindowShape {
            &ONE_VALUE
        }

        fn forecast(&mut self, _: &WindowBatch) -> Result<Forecasts, ForecastError> {
            Ok(Forecasts { rows: Vec::new() })
        }
    }
    let metrics = ServingMetrics::default();
    let config = ServiceConfig::for_testing();
    let thread = ModelThread::spawn(Box::new(Short), &config, &metrics).unwrap();
    let failed = thread.forecast(window(1.0)).await.unwrap_err();
    assert!(failed.to_string().contains("0 answers"), "{failed}");
}
