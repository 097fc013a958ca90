//! One question at a time.

use naeil_domain::ports::PredictionCache as _;
use naeil_domain::{DataOrigin, Horizon, Market, Reason};
use naeil_features::FeatureSpec;
use naeil_serving::{PredictError, ServiceConfig};
use naeil_test_support::builders::{code, session, stock};
use naeil_test_support::fakes::FakeBars;
use prometheus_client::registry::Registry;

use crate::support::{N_SESSIONS, NEWLY_LISTED, PREDICTABLE, Stage, market, market_with};

#[tokio::test]
async fn the_first_answer_is_computed_and_the_next_is_the_same_from_the_cache() {
    let stage = Stage::new().await;
    let first = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(!first.cache_hit);
    stage.clock.set("2024-01-05T20:00:00+09:00");
    let second = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(second.cache_hit);
    assert_eq!(second.prediction, first.prediction);

    // One pass gives all horizons: 6 windows for the market, 1 for the question.
    for horizon in Horizon::ALL {
        let served = stage.ask("005930", horizon).await.unwrap();
        assert!(served.cache_hit, "{horizon}");
        assert_eq!(served.prediction.horizon, horizon);
    }
    assert_eq!(stage.control.passes(), [6, 1]);
    let stats = stage.cache.stats().await;
    assert_eq!((stats.hits, stats.misses), (4, 1));
}

#[tokio::test]
async fn an_answer_says_where_it_comes_from() {
    let stage = Stage::new().await;
    let prediction = stage
        .ask("035420", Horizon::FiveDays)
        .await
        .unwrap()
        .prediction;
    let model = stage.service.model().unwrap();
    assert_eq!(prediction.stock_code, code("035420"));
    assert_eq!(prediction.model_version, "1");
    assert_eq!(prediction.model_digest, model.version.digest);
    assert_eq!(
        prediction.features_used[..],
        model.description.feature_names
    );
    assert_eq!(prediction.as_of, session("2024-01-05"));
    // 8, 9, 10, 11 and 12 January 2024 are the five sessions after.
    assert_eq!(prediction.target_session, session("2024-01-12"));
    assert_eq!(prediction.data_revision, 1);
    let said: Vec<Reason> = prediction
        .reasons
        .iter()
        .copied()
        .filter(|reason| *reason != Reason::NoEdge)
        .collect();
    assert_eq!(said, [Reason::Uncalibrated, Reason::NoReturnInterval]);
    let (direction, confidence) = model
        .description
        .policy
        .decide(Horizon::FiveDays, prediction.probability_up);
    assert_eq!(prediction.direction, direction);
    assert_eq!(prediction.confidence, confidence);
    let market = model.market.unwrap();
    assert_eq!((market.n_stocks, market.n_predictable), (7, 6));
    assert_eq!(market.as_of, session("2024-01-05"));
}

#[tokio::test]
async fn places_follow_the_probabilities_within_each_market() {
    let stage = Stage::new().await;
    let mut answers = Vec::new();
    for (stock_code, market) in PREDICTABLE {
        let served = stage.ask(stock_code, Horizon::OneDay).await.unwrap();
        answers.push((market, served.prediction));
    }
    for (market, prediction) in &answers {
        let others: Vec<f64> = answers
            .iter()
            .filter(|(listed, other)| listed == market && other.id != prediction.id)
            .map(|(_, other)| other.probability_up)
            .collect();
        let below = others
            .iter()
            .filter(|&&other| other < prediction.probability_up)
            .count();
        assert!(!others.contains(&prediction.probability_up), "no ties here");
        let expected = below as f64 / others.len() as f64;
        assert_eq!(prediction.relative.percentile, expected);
        assert_eq!(prediction.relative.of, others.len() + 1);
    }
}

#[tokio::test]
async fn what_cannot_be_predicted_is_told_apart() {
    let stage = Stage::new().await;
    let error = stage.ask("999999", Horizon::OneDay).await.unwrap_err();
    assert_eq!(
        error,
        PredictError::UnknownStock {
            code: code("999999")
        }
    );
    let error = stage.ask(NEWLY_LISTED, Horizon::OneDay).await.unwrap_err();
    assert!(
        matches!(&error, PredictError::NotEnoughHistory { code, .. } if code.as_str() == NEWLY_LISTED),
        "{error:?}"
    );
    // It has 30 sessions of what the first window needs.
    let spec = FeatureSpec::v2();
    let missing = spec.warm_up() + spec.lookback() - 30;
    let text = error.to_string();
    assert!(
        text.ends_with(&format!("history is {missing} sessions too short")),
        "{text}"
    );
    assert!(text.starts_with("cannot generate prediction"), "{text}");
}

#[tokio::test]
async fn a_stock_that_left_long_ago_is_known_but_cannot_be_predicted() {
    let bars = FakeBars::new(market(N_SESSIONS), DataOrigin::Recorded);
    bars.list(stock("111110"));
    let stage = Stage::open(bars, Some("one"), ServiceConfig::for_testing()).await;
    let error = stage.ask("111110", Horizon::OneDay).await.unwrap_err();
    assert!(
        error.to_string().contains("more than 320 sessions ago"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_questions_are_computed_once() {
    let stage = Stage::new().await;
    stage.warm().await;
    let passes_before = stage.control.passes().len();
    stage.control.hold();
    let questions: Vec<_> = (0..10).map(|_| stage.ask_aside("005930")).collect();
    stage.until_held().await;
    stage.control.release();
    let mut computed = 0;
    let mut predictions = Vec::new();
    for question in questions {
        let served = question.await.unwrap().unwrap();
        computed += usize::from(!served.cache_hit);
        predictions.push(served.prediction);
    }
    assert_eq!(computed, 1);
    assert!(predictions.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(stage.control.passes()[passes_before..], [1]);
}

#[tokio::test]
async fn every_answer_is_logged_and_counted() {
    let stage = Stage::new().await;
    stage.ask("005930", Horizon::OneDay).await.unwrap();
    stage.ask("005930", Horizon::OneDay).await.unwrap();
    stage.ask("999999", Horizon::OneDay).await.unwrap_err();
    stage.service.shutdown().await;

    let logged = stage.log.answers();
    // The second is the same answer to the same request id, which a log keeps once.
    assert_eq!(logged.len(), 1);
    assert_eq!(logged[0].request_id, "005930-1d");
    assert_eq!(logged[0].subject.as_deref(), Some("tester"));
    assert!(!logged[0].cache_hit);

    let mut registry = Registry::default();
    stage.service.metrics().register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    let digest = stage.service.model().unwrap().version.digest.short();
    for line in [
        "prediction_cache_hits_total 1",
        "prediction_cache_misses_total 1",
        "prediction_confidence_count{horizon=\"1d\"} 2",
        "prediction_refusals_total{reason=\"unknown_stock\"} 1",
        "inference_windows_total 7",
        "inference_queue_depth 0",
        "prediction_log_dropped_total 0",
        "serving_swaps_total 2",
        &format!("model_info{{version=\"1\",digest=\"{digest}\"}} 1"),
        // 2024-01-05T00:00:00Z
        "as_of_session_seconds 1704412800",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
}

#[tokio::test]
async fn one_absurd_bar_silences_its_own_stock_only() {
    let panel = market_with(N_SESSIONS, |stock_idx, session_idx, bar| {
        if PREDICTABLE.get(stock_idx).is_some_and(|s| s.0 == "035420")
            && session_idx == N_SESSIONS - 1
        {
            // The importer refuses such a bar; another source may not.
            bar.high = 1e300;
        }
    });
    let bars = FakeBars::new(panel, DataOrigin::Recorded);
    let stage = Stage::open(bars, Some("one"), ServiceConfig::for_testing()).await;

    for (text, market) in PREDICTABLE {
        if text == "035420" {
            continue;
        }
        let served = stage.ask(text, Horizon::OneDay).await.unwrap();
        // Of four on the main board and two on the other, one of the four is out.
        let of = if market == Market::Kospi { 3 } else { 2 };
        assert_eq!(served.prediction.relative.of, of, "{text}");
    }
    let error = stage.ask("035420", Horizon::OneDay).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot generate prediction: the stock has no bar in this session"
    );
}
