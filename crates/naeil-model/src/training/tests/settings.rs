//! What the settings do.

use super::*;
use crate::config::Selection;
use crate::device::inference_device;
use crate::network::LstmNetwork;
use crate::summary::EpochReport;

#[test]
fn the_summary_states_what_was_used() {
    let market = TinyMarket::new();
    let (data, network) = (market.data(), market.network());
    let mut reports: Vec<EpochReport> = Vec::new();
    let mut steps = Vec::new();
    let mut watch = |progress: &Progress<'_>| {
        steps.push((progress.epoch, progress.step));
        assert_eq!((progress.member, progress.n_members), (1, 1));
        assert_eq!((progress.n_epochs, progress.n_steps), (2, 40));
        assert!(progress.loss.is_finite());
        reports.extend(progress.epoch_report.cloned());
        ControlFlow::Continue(())
    };
    let model = train(&data, &network, &quick(), None, &mut watch).unwrap();
    // 200 windows an epoch are 20 sessions with half of 20 stocks.
    let expected = (1..=40).map(|step| (1 + (step - 1) / 20, step));
    assert!(steps.into_iter().eq(expected));
    let summary = model.summary();
    assert_eq!(summary.config, quick());
    assert_eq!(summary.windows_seen(), 2 * 200);
    assert!((80..=120).contains(&summary.validation_windows));
    assert!(summary.train_windows > 200);
    assert_eq!(summary.train_windows, summary.train_sessions * 20);
    let member = &summary.members[0];
    assert_eq!(member.stop_reason, StopReason::Finished);
    assert_eq!((member.seed, member.kept_epoch), (42, 2));
    assert_eq!(member.curve, reports);
    assert_eq!(summary.validation(), reports[1].validation);
    assert!(reports[0].best);
    // The unit of the quantiles travels with the weights.
    let scale = summary.return_scale.map(|scale| scale as f32);
    assert_eq!(model.members[0].return_scale(), scale);
}

/// A rate this high spoils what was learned sooner or later.
fn spoiling() -> TrainingConfig {
    TrainingConfig {
        learning_rate: 0.9,
        epochs: 6,
        select: Selection::Best,
        ..quick()
    }
}

#[test]
fn the_best_weights_are_those_of_the_epoch_with_the_lowest_loss() {
    let market = TinyMarket::new();
    let (network, data) = (market.network(), market.data());
    let model = trained(&data, &network, &spoiling()).unwrap();
    let member = &model.summary().members[0];
    let losses = member
        .curve
        .iter()
        .map(|report| report.validation.unwrap().loss);
    let lowest = losses.fold(f64::INFINITY, f64::min);
    assert_eq!(member.validation().unwrap().loss, lowest);
    let config = spoiling();
    let plan = Plan::prepare(&data, &network, &config).unwrap();
    let kept = LstmNetwork::from_weights(&network, &model.members[0], &inference_device());
    let judged = plan
        .validation
        .as_ref()
        .unwrap()
        .judge(&plan.assembler, &kept);
    assert_eq!(judged.loss, lowest);
}

#[test]
fn training_stops_when_patience_ends() {
    let market = TinyMarket::new();
    let config = TrainingConfig {
        patience: Some(1),
        epochs: 50,
        ..spoiling()
    };
    let model = trained(&market.data(), &market.network(), &config).unwrap();
    let member = &model.summary().members[0];
    assert_eq!(member.stop_reason, StopReason::EarlyStopping);
    assert_eq!(member.curve.len(), member.kept_epoch + 1);
}

#[test]
fn training_stops_within_an_epoch_when_time_is_up() {
    let market = TinyMarket::new();
    let config = TrainingConfig {
        max_minutes: Some(1e-9),
        seeds: 3,
        ..quick()
    };
    let model = trained(&market.data(), &market.network(), &config).unwrap();
    let members = &model.summary().members;
    assert_eq!((members.len(), model.n_members()), (1, 1));
    assert_eq!(members[0].stop_reason, StopReason::TimeLimit);
    assert_eq!((members[0].curve.len(), members[0].kept_epoch), (1, 1));
    // One step: half of 20 stocks.
    assert_eq!(members[0].windows_seen, 10);
}

#[test]
fn a_training_without_validation_runs_through() {
    let market = TinyMarket::new();
    let data = TrainingData {
        validation: None,
        ..market.data()
    };
    let model = trained(&data, &market.network(), &quick()).unwrap();
    assert_eq!(model.summary().validation_windows, 0);
    assert_eq!(model.summary().validation(), None);
    for (config, key) in [
        (
            TrainingConfig {
                select: Selection::Best,
                ..quick()
            },
            "select",
        ),
        (
            TrainingConfig {
                patience: Some(1),
                ..quick()
            },
            "patience",
        ),
    ] {
        let error = trained(&data, &market.network(), &config).unwrap_err();
        assert!(error.to_string().contains(key), "{error}");
    }
}

#[test]
fn a_network_for_other_columns_is_refused() {
    let market = TinyMarket::new();
    let other = NetworkConfig {
        n_columns: 3,
        ..market.network()
    };
    let error = trained(&market.data(), &other, &quick()).unwrap_err();
    assert!(error.to_string().contains("does not fit the feature spec"));
}

/// Labels of the market's shape, made by `value` from a running number.
fn labels(market: &TinyMarket, value: fn(usize) -> f32) -> naeil_features::Labels {
    let (n_sessions, n_stocks) = (market.panel.sessions().len(), market.panel.stocks().len());
    let returns = (0..n_sessions * n_stocks * 3).map(value).collect();
    naeil_features::Labels::from_returns(n_sessions, n_stocks, returns)
}

#[test]
fn a_loss_that_is_no_number_is_refused() {
    let market = TinyMarket::new();
    let labels = labels(&market, |at| if at % 7 == 0 { f32::INFINITY } else { 0.01 });
    let data = TrainingData {
        labels: &labels,
        ..market.data()
    };
    let error = trained(&data, &market.network(), &quick()).unwrap_err();
    assert!(
        matches!(error, ModelError::Diverged { epoch: 1 }),
        "{error}"
    );
}

#[test]
fn returns_of_any_size_are_scaled() {
    let market = TinyMarket::new();
    let labels = labels(&market, |at| if at % 2 == 0 { f32::MAX } else { f32::MIN });
    let data = TrainingData {
        labels: &labels,
        ..market.data()
    };
    trained(&data, &market.network(), &quick()).unwrap();
}
