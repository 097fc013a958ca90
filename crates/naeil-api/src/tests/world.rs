//! The world of the server under test: a small simulated market, a fake champion, a faulty cache.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use naeil_cache::InProcessCache;
use naeil_domain::ports::{CacheStats, ModelRegistry, PredictionCache};
use naeil_domain::{
    Alias, BarPanel, BarPanelBuilder, Baseline, CacheKey, Calibration, Horizon, HorizonCalibration,
    HorizonEvaluation, IntervalCalibration, ModelDescription, Prediction, Scores, Session, Stock,
    TradingCalendar,
};
use naeil_features::FeatureSpec;
use naeil_registry::LocalRegistry;
use naeil_test_support::builders::{bar, sessions, stock};
use naeil_test_support::fakes::fake_description;

/// The stock for which the cache panics.
pub(super) const PANICKING_CODE: &str = "000990";
/// A stock that has just been listed.
pub(super) const YOUNG_CODE: &str = "000880";
const CODES: [&str; 6] = [
    "000660",
    YOUNG_CODE,
    PANICKING_CODE,
    "005380",
    "005930",
    "035420",
];
const N_SESSIONS: usize = 260;

pub(super) async fn promote_a_fake_model(registry: &LocalRegistry) {
    let bundle = tempfile::tempdir().unwrap();
    std::fs::write(bundle.path().join("manifest.json"), "{}").unwrap();
    let registered = registry
        .register(bundle.path(), &BTreeMap::new())
        .await
        .unwrap();
    registry
        .set_alias(Alias::Champion, &registered.version)
        .await
        .unwrap();
}

pub(super) fn description() -> ModelDescription {
    let spec = FeatureSpec::v2();
    let mut description = fake_description(spec.hash(), spec.names(), spec.lookback());
    let accuracy = |accuracy| Scores {
        accuracy: Some(accuracy),
        ..Scores::default()
    };
    let part = HorizonCalibration {
        intercept: -0.1,
        slope: 0.8,
        interval: Some(IntervalCalibration {
            level: 0.9,
            lower_scale: 1.2,
            upper_scale: 1.1,
        }),
    };
    description.calibration = Calibration::new(last_session(), 250, [part; 3]).ok();
    description.evaluation.horizons = vec![HorizonEvaluation {
        horizon: Horizon::OneDay,
        n_rows: 500,
        n_sessions: 100,
        base_rate: Some(0.49),
        model: accuracy(0.53),
        baselines: vec![(Baseline::Majority, accuracy(0.51))],
    }];
    description
}

/// Waves of different length and phase, far below the price limit; one stock is newly listed.
pub(super) fn market() -> BarPanel {
    let sessions = sessions("2023-06-01", N_SESSIONS);
    let first_of = |code: &str| {
        if code == YOUNG_CODE {
            N_SESSIONS - 20
        } else {
            0
        }
    };
    let stocks: Vec<Stock> = CODES
        .iter()
        .map(|&code| Stock {
            first_session: sessions[first_of(code)],
            last_session: sessions[N_SESSIONS - 1],
            ..stock(code)
        })
        .collect();
    let mut panel = BarPanelBuilder::new(sessions, stocks);
    for (stock_idx, code) in CODES.iter().enumerate() {
        for session_idx in first_of(code)..N_SESSIONS {
            let step = session_idx as f64;
            let slow = (step / (9.0 + stock_idx as f64)).sin();
            let fast = (step * 1.7 + stock_idx as f64).sin();
            let close = 10_000.0 * (1.0 + 0.08 * slow + 0.01 * fast);
            panel.set(stock_idx, session_idx, &bar(close.round()));
        }
    }
    panel.build()
}

/// The last session of the market.
pub(super) fn last_session() -> Session {
    market().sessions()[N_SESSIONS - 1]
}

pub(super) fn evening_of_the_last_session() -> DateTime<Utc> {
    let last = last_session();
    let close = TradingCalendar::xkrx().closes_at(last).unwrap();
    close.to_utc() + Duration::from_secs(3600)
}

/// A cache that panics when it is asked about one stock.
pub(super) struct PanickingCache(pub(super) InProcessCache);

#[async_trait]
impl PredictionCache for PanickingCache {
    async fn get(&self, key: &CacheKey, now: DateTime<Utc>) -> Option<Arc<Prediction>> {
        assert!(key.stock_code.as_str() != PANICKING_CODE, "told to panic");
        self.0.get(key, now).await
    }

    async fn put(&self, key: CacheKey, prediction: Arc<Prediction>, expires_at: DateTime<Utc>) {
        self.0.put(key, prediction, expires_at).await;
    }

    async fn clear(&self) {
        self.0.clear().await;
    }

    async fn stats(&self) -> CacheStats {
        self.0.stats().await
    }
}
