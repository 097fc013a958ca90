//! What happens when the model is slow, busy or broken.

use std::time::Duration;

use naeil_domain::{Horizon, StockCode};
use naeil_serving::{PredictError, RefusalLabels, ServiceConfig};
use naeil_test_support::builders::code;

use crate::support::{Stage, asker};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_overload_and_passes() {
    let stage = Stage::with_config(ServiceConfig {
        queue_capacity: 1,
        ..ServiceConfig::for_testing()
    })
    .await;
    stage.warm().await;
    stage.control.hold();
    let running = stage.ask_aside("000660");
    stage.until_held().await;
    let queued = stage.ask_aside("005930");
    stage.until_queued(1).await;

    let refused = stage.ask("035420", Horizon::OneDay).await;
    assert_eq!(refused, Err(PredictError::Overloaded));
    let batch: Vec<StockCode> = vec![code("035420"), code("999999")];
    let refused = stage
        .service
        .predict_batch(asker("batch"), &batch, Horizon::OneDay)
        .await;
    assert_eq!(refused, Err(PredictError::Overloaded));
    let labels = RefusalLabels {
        reason: "overloaded",
    };
    let refusals = &stage.service.metrics().refusals;
    assert_eq!(refusals.get_or_create(&labels).get(), 2);

    stage.control.release();
    assert!(running.await.unwrap().is_ok());
    assert!(queued.await.unwrap().is_ok());
    assert!(stage.ask("035420", Horizon::OneDay).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_model_meets_the_deadline_and_recovers() {
    let stage = Stage::with_config(ServiceConfig {
        deadline: Duration::from_millis(100),
        ..ServiceConfig::for_testing()
    })
    .await;
    stage.control.hold();
    let late = stage.ask("005930", Horizon::OneDay).await;
    assert_eq!(late, Err(PredictError::DeadlineExceeded));
    let batch = [code("005930"), code("000660")];
    let late = stage
        .service
        .predict_batch(asker("batch"), &batch, Horizon::OneDay)
        .await;
    assert_eq!(late, Err(PredictError::DeadlineExceeded));
    stage.control.release();
    // On a busy machine the first answers may still be late.
    let served = loop {
        match stage.ask("005930", Horizon::OneDay).await {
            Err(PredictError::DeadlineExceeded) => {}
            other => break other,
        }
    };
    assert!(served.is_ok(), "{served:?}");
}

#[tokio::test]
async fn a_panic_in_the_model_is_one_internal_error() {
    let stage = Stage::new().await;
    stage.warm().await;
    stage.control.panic_next(1);
    let failed = stage.ask("005930", Horizon::OneDay).await;
    assert_eq!(failed, Err(PredictError::Internal));
    assert!(stage.ask("005930", Horizon::OneDay).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_questions_share_a_pass() {
    let stage = Stage::new().await;
    stage.warm().await;
    let passes_before = stage.control.passes().len();
    stage.control.hold();
    let first = stage.ask_aside("000660");
    stage.until_held().await;
    let others = ["005930", "035420", "051910"].map(|code| stage.ask_aside(code));
    stage.until_queued(3).await;
    stage.control.release();
    assert!(first.await.unwrap().is_ok());
    for other in others {
        assert!(other.await.unwrap().is_ok());
    }
    assert_eq!(stage.control.passes()[passes_before..], [1, 3]);
}
