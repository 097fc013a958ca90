//! New champions, new bars, and trouble with either.

use naeil_domain::ports::ModelRegistry as _;
use naeil_domain::{
    BarPanelBuilder, Calibration, DataOrigin, Horizon, HorizonCalibration, IntervalCalibration,
    Reason,
};
use naeil_serving::{PredictError, RefreshOutcome, ServiceConfig, ServingError};
use naeil_test_support::builders::{bar, code, session};
use naeil_test_support::fakes::FakeBars;

use crate::support::{N_SESSIONS, Stage, asker, market};

#[tokio::test]
async fn without_champion_or_bars_it_opens_and_answers_no_model() {
    let stage = Stage::bare().await;
    assert!(!stage.service.is_ready());
    assert_eq!(stage.service.model(), None);
    let nothing = stage.service.refresh().await.unwrap();
    assert!(!nothing.changed());

    let no_model = stage.ask("005930", Horizon::OneDay).await;
    assert_eq!(no_model, Err(PredictError::NoModel));
    let no_model = stage
        .service
        .predict_batch(asker("batch"), &[code("005930")], Horizon::OneDay)
        .await;
    assert_eq!(no_model, Err(PredictError::NoModel));

    stage.promote("one").await;
    let outcome = stage.service.refresh().await.unwrap();
    assert!(outcome.champion_changed && !outcome.market_changed);
    assert_eq!(stage.service.model().unwrap().market, None);
    assert!(!stage.service.is_ready(), "a model alone knows no stock");

    stage.bars.replace(market(N_SESSIONS), DataOrigin::Recorded);
    let outcome = stage.service.refresh().await.unwrap();
    assert!(!outcome.champion_changed && outcome.market_changed);
    assert!(stage.service.is_ready());
    assert!(stage.ask("005930", Horizon::OneDay).await.is_ok());
}

#[tokio::test]
async fn a_refresh_without_news_changes_nothing() {
    let stage = Stage::new().await;
    let before = stage.ask("005930", Horizon::OneDay).await.unwrap();
    let outcome = stage.service.refresh().await.unwrap();
    assert_eq!(outcome, RefreshOutcome::default());
    assert_eq!(stage.service.metrics().swaps.get(), 2, "those of the start");
    let after = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(after.cache_hit);
    assert_eq!(after.prediction, before.prediction);
}

#[tokio::test]
async fn new_bars_are_new_questions() {
    let stage = Stage::new().await;
    let before = stage.ask("005930", Horizon::OneDay).await.unwrap();
    stage
        .bars
        .replace(market(N_SESSIONS + 1), DataOrigin::Simulated);
    stage.clock.set("2024-01-08T18:00:00+09:00");
    assert!(stage.service.refresh().await.unwrap().market_changed);

    let after = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(!after.cache_hit);
    assert_ne!(after.prediction.id, before.prediction.id);
    assert_eq!(after.prediction.as_of, session("2024-01-08"));
    assert_eq!(after.prediction.data_revision, 2);
    assert!(after.prediction.reasons.contains(&Reason::SimulatedData));
    assert!(!after.prediction.is_stale());
}

#[tokio::test]
async fn the_first_bars_of_a_session_do_not_move_the_market_there() {
    let stage = Stage::new().await;
    // One stock of seven has a bar of the next session, then six have.
    for (n_arrived, as_of) in [(1, "2024-01-05"), (6, "2024-01-08")] {
        let whole = market(N_SESSIONS + 1);
        let newest = whole.sessions()[N_SESSIONS];
        let mut arriving = BarPanelBuilder::new(whole.sessions().to_vec(), whole.stocks().to_vec());
        for stock_idx in 0..whole.stocks().len() {
            let bars = whole.stock_bars(stock_idx);
            for (session_idx, &session) in whole.sessions().iter().enumerate() {
                let missing = session == newest && stock_idx >= n_arrived;
                if missing || bars.close[session_idx].is_nan() {
                    continue;
                }
                let close = bars.close[session_idx];
                arriving.set(stock_idx, session_idx, &bar(close));
            }
        }
        stage.bars.replace(arriving.build(), DataOrigin::Recorded);
        stage.service.refresh().await.unwrap();
        let answer = stage.ask("005930", Horizon::OneDay).await.unwrap();
        assert_eq!(answer.prediction.as_of.to_string(), as_of);
    }
}

#[tokio::test]
async fn a_corrected_bar_alone_is_a_new_question() {
    let stage = Stage::new().await;
    let before = stage.ask("005930", Horizon::OneDay).await.unwrap();
    stage.bars.replace(market(N_SESSIONS), DataOrigin::Recorded);
    stage.service.refresh().await.unwrap();
    let after = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(!after.cache_hit);
    assert_eq!(after.prediction.as_of, before.prediction.as_of);
    assert_ne!(after.prediction.id, before.prediction.id);
}

#[tokio::test]
async fn a_new_champion_answers_after_a_trial_on_the_whole_market() {
    let stage = Stage::new().await;
    let before = stage.ask("005930", Horizon::OneDay).await.unwrap();
    let passes_before = stage.control.passes().len();
    let version = stage.promote("two").await;
    assert!(stage.service.refresh().await.unwrap().champion_changed);
    assert_eq!(stage.control.passes()[passes_before..], [6]);

    let after = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(!after.cache_hit);
    assert_eq!(after.prediction.model_version, version);
    assert_ne!(after.prediction.id, before.prediction.id);
    assert_ne!(
        after.prediction.probability_up,
        before.prediction.probability_up
    );

    // Back to the first: its answers are still remembered.
    stage.promote("one").await;
    stage.service.refresh().await.unwrap();
    let again = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(again.cache_hit);
    assert_eq!(again.prediction, before.prediction);
}

#[tokio::test]
async fn a_new_calibration_is_taken_up_without_loading_the_model_again() {
    let stage = Stage::new().await;
    let before = stage
        .ask("005930", Horizon::OneDay)
        .await
        .unwrap()
        .prediction;
    assert_eq!(before.calibration_digest, None);
    assert_eq!(before.return_interval, None);

    let part = HorizonCalibration {
        intercept: -0.25,
        slope: 0.5,
        interval: Some(IntervalCalibration {
            level: 0.8,
            lower_scale: 2.0,
            upper_scale: 1.0,
        }),
    };
    let calibration = Calibration::new(before.as_of, 250, [part; 3]).unwrap();
    let version = &before.model_version;
    stage
        .registry
        .publish_calibration(version, &calibration)
        .await
        .unwrap();
    let outcome = stage.service.refresh().await.unwrap();
    assert!(outcome.calibration_changed && !outcome.champion_changed);
    assert!(!stage.service.refresh().await.unwrap().changed());

    let served = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(!served.cache_hit, "another calibration is another question");
    let after = served.prediction;
    assert_eq!(after.calibration_digest, Some(calibration.digest()));
    assert_ne!(after.id, before.id);
    // The fake's direction output is the logit of the uncalibrated probability.
    let logit = (before.probability_up / (1.0 - before.probability_up)).ln();
    let expected = 1.0 / (1.0 + (0.25 - 0.5 * logit).exp());
    assert!((after.probability_up - expected).abs() < 1e-12);
    // Its quantiles lie 0.01 apart around a hundredth of that logit: 2 x 0.02 below, 0.02 above.
    let interval = after.return_interval.unwrap();
    assert!((interval.median - logit / 100.0).abs() < 1e-12);
    assert!((interval.median - interval.lower - 0.04).abs() < 1e-12);
    assert!((interval.upper - interval.median - 0.02).abs() < 1e-12);
    assert_eq!(interval.level, 0.8);
    assert!(!after.reasons.contains(&Reason::Uncalibrated));
    assert!(!after.reasons.contains(&Reason::NoReturnInterval));
    assert_eq!(
        after.relative, before.relative,
        "a calibration moves no place"
    );
}

#[tokio::test]
async fn a_refused_champion_leaves_the_old_one_and_does_not_hold_up_bars() {
    let stage = Stage::new().await;
    let refused = stage.promote("refuse").await;
    stage
        .bars
        .replace(market(N_SESSIONS + 1), DataOrigin::Recorded);
    let error = stage.service.refresh().await.unwrap_err();
    assert!(
        matches!(&error, ServingError::ChampionRefused { version, .. } if *version == refused),
        "{error:?}"
    );
    assert_eq!(stage.service.metrics().refresh_failures.get(), 1);
    let trouble = stage.service.trouble().unwrap();
    assert!(trouble.contains("told to refuse"), "{trouble}");

    let served = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert_eq!(served.prediction.model_version, "1");
    assert_eq!(served.prediction.as_of, session("2024-01-08"));

    stage.promote("two").await;
    assert!(stage.service.refresh().await.unwrap().champion_changed);
    assert_eq!(stage.service.trouble(), None);
}

#[tokio::test]
async fn a_champion_that_fails_its_trial_never_answers() {
    let stage = Stage::new().await;
    stage.warm().await;
    stage.promote("two").await;
    stage.control.panic_next(1);
    let error = stage.service.refresh().await.unwrap_err();
    assert!(matches!(error, ServingError::MarketPass(_)), "{error:?}");
    let served = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert_eq!(served.prediction.model_version, "1");
}

#[tokio::test]
async fn bars_that_move_while_they_are_read_are_left_for_later() {
    let stage = Stage::new().await;
    stage.bars.keep_moving(true);
    stage
        .bars
        .replace(market(N_SESSIONS + 1), DataOrigin::Recorded);
    let error = stage.service.refresh().await.unwrap_err();
    assert!(
        matches!(error, ServingError::BarsMoving { .. }),
        "{error:?}"
    );
    let served = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert_eq!(served.prediction.as_of, session("2024-01-05"));

    stage.bars.keep_moving(false);
    assert!(stage.service.refresh().await.unwrap().market_changed);
}

#[tokio::test]
async fn a_store_that_is_down_at_the_start_is_taken_up_later() {
    let bars = FakeBars::new(market(N_SESSIONS), DataOrigin::Recorded);
    bars.break_down(true);
    let stage = Stage::open(bars, Some("one"), ServiceConfig::for_testing()).await;
    assert!(!stage.service.is_ready());
    assert!(stage.service.trouble().unwrap().contains("bars"));
    stage.bars.break_down(false);
    stage.service.refresh().await.unwrap();
    assert!(stage.service.is_ready());
    assert_eq!(stage.service.trouble(), None);
}
