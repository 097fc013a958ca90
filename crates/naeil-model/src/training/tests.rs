use super::*;
use crate::device::inference_device;
use crate::network::LstmNetwork;
use crate::test_market::TinyMarket;

use naeil_domain::Horizon;
use naeil_domain::ports::Forecaster;
use naeil_features::DateSplit;

fn quick() -> TrainingConfig {
    TrainingConfig {
        max_epochs: 2,
        windows_per_epoch: Some(96),
        validation_windows: Some(50),
        ..TrainingConfig::default()
    }
}

#[test]
fn a_planted_rule_is_learned() {
    let market = TinyMarket::new();
    let config = TrainingConfig {
        learning_rate: 1e-2,
        max_epochs: 6,
        ..TrainingConfig::default()
    };
    let model = train(&market.data(), &market.network(), &config, &mut |_| {}).unwrap();

    let (windows, places) = market.test_windows(usize::MAX);
    let forecasts = model.forecaster().forecast(&windows).unwrap();
    let base_rate = model.summary().base_rates[0];
    let (mut n, mut loss, mut base_loss, mut right) = (0, 0.0, 0.0, 0);
    for (&(session_idx, stock_idx), p) in places.iter().zip(&forecasts.probability_up) {
        let Some(up) = market.labels.is_up(session_idx, stock_idx, Horizon::OneDay) else {
            continue;
        };
        n += 1;
        let log_loss = |p: f64| if up { -p.ln() } else { -(1.0 - p).ln() };
        loss += log_loss(p[0]);
        base_loss += log_loss(base_rate);
        right += usize::from((p[0] > 0.5) == up);
    }
    let (loss, base_loss) = (loss / f64::from(n), base_loss / f64::from(n));
    let accuracy = right as f64 / f64::from(n);
    // A constant cannot beat ln 2 = 0.693 by much on a market that rises half of the time.
    assert!(base_loss > 0.68, "{base_loss}");
    assert!(loss < base_loss - 0.05, "{loss} against {base_loss}");
    assert!(accuracy > 0.62, "{accuracy}");
}

#[test]
fn the_same_seed_gives_the_same_weights() {
    let market = TinyMarket::new();
    let run = |seed| {
        let config = TrainingConfig { seed, ..quick() };
        train(&market.data(), &market.network(), &config, &mut |_| {}).unwrap()
    };
    let (first, second) = (run(1), run(1));
    assert_eq!(first.weights, second.weights);
    let losses = |model: &TrainedModel| -> Vec<f64> {
        let curve = &model.summary().curve;
        curve.iter().map(|r| r.validation_loss).collect()
    };
    assert_eq!(losses(&first), losses(&second));
    assert_ne!(first.weights, run(2).weights);
}

#[test]
fn the_summary_states_what_was_used() {
    let market = TinyMarket::new();
    let mut reports = Vec::new();
    let model = train(&market.data(), &market.network(), &quick(), &mut |report| {
        reports.push(*report)
    })
    .unwrap();
    let summary = model.summary();
    assert_eq!(summary.config, quick());
    assert_eq!(summary.epochs_run, 2);
    assert_eq!(summary.windows_seen, 2 * 96);
    assert_eq!(summary.validation_windows, 50);
    assert!(summary.train_windows > 96);
    assert_eq!(summary.stop_reason, StopReason::MaxEpochs);
    assert_eq!(summary.curve, reports);
    let best = reports
        .iter()
        .map(|report| report.validation_loss)
        .fold(f64::INFINITY, f64::min);
    assert_eq!(summary.best_validation_loss(), Some(best));
    assert!(reports[0].best);
}

#[test]
fn the_weights_kept_are_those_of_the_best_epoch() {
    // A rate this high spoils what was learned sooner or later; the loss of the kept weights must
    // be the lowest of the curve.
    let market = TinyMarket::new();
    let config = TrainingConfig {
        learning_rate: 0.5,
        max_epochs: 6,
        patience: 6,
        ..quick()
    };
    let network = market.network();
    let model = train(&market.data(), &network, &config, &mut |_| {}).unwrap();
    let data = market.data();
    let run = TrainingRun::prepare(&data, &network, &config, &model.scaler).unwrap();
    let kept = LstmNetwork::from_weights(&model.weights, &inference_device());
    assert_eq!(
        Some(run.validation.loss(&run.assembler, &kept)),
        model.summary().best_validation_loss()
    );
}

#[test]
fn training_stops_when_patience_ends() {
    let market = TinyMarket::new();
    let config = TrainingConfig {
        learning_rate: 0.5,
        max_epochs: 50,
        patience: 1,
        ..quick()
    };
    let model = train(&market.data(), &market.network(), &config, &mut |_| {}).unwrap();
    let summary = model.summary();
    assert_eq!(summary.stop_reason, StopReason::EarlyStopping);
    assert_eq!(summary.epochs_run, summary.best_epoch + 1);
}

#[test]
fn training_stops_within_an_epoch_when_time_is_up() {
    let market = TinyMarket::new();
    let config = TrainingConfig {
        max_minutes: Some(1e-9),
        windows_per_epoch: None,
        ..quick()
    };
    let model = train(&market.data(), &market.network(), &config, &mut |_| {}).unwrap();
    let summary = model.summary();
    assert_eq!(summary.stop_reason, StopReason::TimeLimit);
    assert_eq!((summary.epochs_run, summary.best_epoch), (1, 1));
    assert_eq!(summary.windows_seen, config.batch_size);
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let market = TinyMarket::new();
    let check = |data: &TrainingData<'_>, network, config, part: &str| {
        let error = train(data, &network, &config, &mut |_| {})
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{error}");
    };
    let (data, network) = (market.data(), market.network());

    let other = NetworkConfig {
        input_size: 3,
        ..network.clone()
    };
    check(&data, other, quick(), "does not fit the feature spec");
    for (config, part) in [
        (
            TrainingConfig {
                batch_size: 0,
                ..quick()
            },
            "batch_size",
        ),
        (
            TrainingConfig {
                learning_rate: f64::NAN,
                ..quick()
            },
            "learning_rate",
        ),
        (
            TrainingConfig {
                max_minutes: Some(-1.0),
                ..quick()
            },
            "max_minutes",
        ),
        (
            TrainingConfig {
                // More than a duration can hold.
                max_minutes: Some(1e300),
                ..quick()
            },
            "max_minutes",
        ),
        (
            TrainingConfig {
                patience: 0,
                ..quick()
            },
            "patience",
        ),
    ] {
        check(&data, network.clone(), config, part);
    }

    // The first sessions have feature rows but no complete window yet.
    let too_early = DateSplit {
        train: 0..4,
        ..market.split.clone()
    };
    let data = TrainingData {
        split: &too_early,
        ..data
    };
    check(
        &data,
        network,
        quick(),
        "none of the 4 training sessions has a complete window",
    );
}
