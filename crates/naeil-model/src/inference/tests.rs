use super::*;
use crate::test_market::some_model;

#[test]
fn a_window_alone_gets_the_same_answer_as_in_a_batch() {
    let (market, model) = some_model();
    let (windows, _) = market.test_windows(2 * CHUNK + 6);
    let mut forecaster = model.forecaster();
    let together = forecaster.forecast(&windows).unwrap().probability_up;
    assert_eq!(together.len(), 2 * CHUNK + 6);
    let window_len = windows.lookback * windows.n_features;
    for (values, expected) in windows.values.chunks(window_len).zip(&together) {
        let alone = WindowBatch {
            values: values.to_vec(),
            n_windows: 1,
            ..windows
        };
        let alone = forecaster.forecast(&alone).unwrap().probability_up[0];
        #[cfg(not(feature = "ndarray"))]
        assert_eq!(alone, *expected);
        #[cfg(feature = "ndarray")]
        for (alone, expected) in alone.iter().zip(expected) {
            assert!((alone - expected).abs() < 1e-6, "{alone} {expected}");
        }
    }
}

#[test]
fn inference_scales_as_training_does() {
    let (market, model) = some_model();
    let (windows, _) = market.test_windows(7);
    let answers = |scaler: Scaler, windows: &WindowBatch| {
        let mut forecaster = LstmForecaster::new(&model.weights, scaler, model.network.clone());
        forecaster.forecast(windows).unwrap().probability_up
    };
    // Training transforms each batch with the model's scaler; the network then sees these.
    let mut scaled = windows.clone();
    model.scaler.transform(&mut scaled.values);
    let (zeros, ones, all) = ([0.0; 2], [1.0; 2], [f32::MAX; 2]);
    let nothing = Scaler::from_parts(&zeros, &ones, &all.map(|x| -x), &all).unwrap();
    assert_eq!(
        answers(model.scaler.clone(), &windows),
        answers(nothing, &scaled)
    );
    // Ranks go in as they are.
    assert_eq!(
        (model.scaler.means()[1], model.scaler.stds()[1]),
        (0.0, 1.0)
    );
    for (raw, scaled) in windows.values.chunks(2).zip(scaled.values.chunks(2)) {
        assert_eq!(raw[1], scaled[1]);
    }
}

#[test]
fn an_empty_batch_has_no_forecasts() {
    let (_, model) = some_model();
    let empty = WindowBatch {
        values: Vec::new(),
        n_windows: 0,
        lookback: 5,
        n_features: 2,
    };
    let forecasts = model.forecaster().forecast(&empty).unwrap();
    assert!(forecasts.probability_up.is_empty());
}

#[test]
fn extreme_inputs_still_give_probabilities() {
    let (market, model) = some_model();
    let (mut windows, _) = market.test_windows(4);
    for (i, value) in windows.values.iter_mut().enumerate() {
        *value = if i % 2 == 0 { f32::MAX } else { f32::MIN };
    }
    let forecasts = model.forecaster().forecast(&windows).unwrap();
    assert_eq!(forecasts.probability_up.len(), 4);
}

#[test]
fn windows_that_do_not_fit_are_refused() {
    let (market, model) = some_model();
    let (good, _) = market.test_windows(3);
    let mut forecaster = model.forecaster();

    let wider = WindowBatch {
        n_features: 3,
        ..good.clone()
    };
    let error = forecaster.forecast(&wider).unwrap_err().to_string();
    assert_eq!(
        error,
        "windows of [3, 5, 3] in 30 values do not fit a model that takes [n, 5, 2]"
    );

    let mut short = good.clone();
    short.values.pop();
    assert!(matches!(
        forecaster.forecast(&short),
        Err(ForecastError::Shape { .. })
    ));

    let endless = WindowBatch {
        n_windows: usize::MAX,
        ..good.clone()
    };
    assert!(matches!(
        forecaster.forecast(&endless),
        Err(ForecastError::Shape { .. })
    ));

    for bad in [f32::NAN, f32::INFINITY] {
        let mut broken = good.clone();
        broken.values[2 * 10 + 1] = bad;
        assert_eq!(
            forecaster.forecast(&broken),
            Err(ForecastError::InputNotFinite(2))
        );
    }
}
