//! A service on a small market that a test can move.

use std::collections::BTreeMap;
use std::sync::Arc;

use naeil_cache::InProcessCache;
use naeil_domain::ports::{ModelRegistry, PredictionCache};
use naeil_domain::{
    Alias, Bar, BarPanel, BarPanelBuilder, DataOrigin, Horizon, LiveCalendar, Market, Stock,
    TradingCalendar,
};
use naeil_features::FeatureSpec;
use naeil_registry::LocalRegistry;
use naeil_serving::{Asker, PredictError, PredictionService, Served, ServiceConfig, ServicePorts};
use naeil_test_support::builders::{bar, code, sessions};
use naeil_test_support::fakes::{
    FakeBars, FakeLoader, ForecastControl, RecordingLog, SettableClock, fake_description,
};
use naeil_test_support::suites::registry::write_bundle;
use tempfile::TempDir;

/// Stocks with enough history, ascending, and the market that lists each.
pub(crate) const PREDICTABLE: [(&str, Market); 6] = [
    ("000660", Market::Kospi),
    ("005930", Market::Kospi),
    ("035420", Market::Kospi),
    ("051910", Market::Kospi),
    ("086520", Market::Kosdaq),
    ("247540", Market::Kosdaq),
];

/// A stock that was listed 30 sessions before the end.
pub(crate) const NEWLY_LISTED: &str = "950001";

/// Sessions of [`market`] in most tests; they end on Friday 2024-01-05.
pub(crate) const N_SESSIONS: usize = 150;

/// The evening of the last session.
pub(crate) const EVENING: &str = "2024-01-05T18:00:00+09:00";

/// A market whose last session is the `n_sessions`-th after the first of its days.
pub(crate) fn market(n_sessions: usize) -> BarPanel {
    market_with(n_sessions, |_, _, _| {})
}

/// The same market after `change` has had its hand on each bar, by stock and session.
pub(crate) fn market_with(n_sessions: usize, change: impl Fn(usize, usize, &mut Bar)) -> BarPanel {
    let sessions = sessions("2023-05-26", n_sessions);
    let last_session = sessions[n_sessions - 1];
    let newly_listed = (NEWLY_LISTED, Market::Konex);
    let stocks = PREDICTABLE
        .into_iter()
        .chain([newly_listed])
        .map(|(text, market)| Stock {
            code: code(text),
            name: format!("stock {text}"),
            market,
            first_session: sessions[0],
            last_session,
        })
        .collect();
    let mut panel = BarPanelBuilder::new(sessions, stocks);
    for stock_idx in 0..=PREDICTABLE.len() {
        let is_new = stock_idx == PREDICTABLE.len();
        let first = if is_new { n_sessions - 30 } else { 0 };
        for session_idx in first..n_sessions {
            let mut bar = wave(stock_idx, session_idx);
            change(stock_idx, session_idx, &mut bar);
            panel.set(stock_idx, session_idx, &bar);
        }
    }
    panel.build()
}

/// Prices that swing by 3 %, each stock at its own pace.
fn wave(stock_idx: usize, session_idx: usize) -> Bar {
    let pace = 0.2 + 0.07 * stock_idx as f64;
    let close = 10_000.0 * (1.0 + 0.03 * (pace * session_idx as f64).sin());
    Bar {
        volume: 1000.0 + 50.0 * ((7 * session_idx + 3 * stock_idx) % 11) as f64,
        ..bar(close)
    }
}

/// A service and a hand on everything around it.
pub(crate) struct Stage {
    pub(crate) service: Arc<PredictionService>,
    pub(crate) clock: Arc<SettableClock>,
    pub(crate) bars: Arc<FakeBars>,
    pub(crate) registry: LocalRegistry,
    pub(crate) control: Arc<ForecastControl>,
    pub(crate) log: Arc<RecordingLog>,
    pub(crate) cache: Arc<InProcessCache>,
    pub(crate) calendar: LiveCalendar,
    dir: TempDir,
}

impl Stage {
    /// With a champion and bars.
    pub(crate) async fn new() -> Self {
        Self::with_config(ServiceConfig::for_testing()).await
    }

    pub(crate) async fn with_config(config: ServiceConfig) -> Self {
        let bars = FakeBars::new(market(N_SESSIONS), DataOrigin::Recorded);
        Self::open(bars, Some("one"), config).await
    }

    /// Without any of the two.
    pub(crate) async fn bare() -> Self {
        Self::open(FakeBars::empty(), None, ServiceConfig::for_testing()).await
    }

    pub(crate) async fn open(
        bars: FakeBars,
        champion: Option<&str>,
        config: ServiceConfig,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let registry = LocalRegistry::open(dir.path().join("registry")).unwrap();
        if let Some(bundle) = champion {
            promote(&registry, &dir, bundle).await;
        }
        let spec = FeatureSpec::v2();
        let description = fake_description(spec.hash(), spec.names(), spec.lookback());
        let control = Arc::new(ForecastControl::default());
        let bars = Arc::new(bars);
        let clock = Arc::new(SettableClock::at(EVENING));
        let cache = Arc::new(InProcessCache::new(1000));
        let log = Arc::new(RecordingLog::default());
        let calendar = LiveCalendar::new(TradingCalendar::xkrx());
        let ports = ServicePorts {
            bars: bars.clone(),
            stocks: bars.clone(),
            registry: Arc::new(registry.clone()),
            loader: Arc::new(FakeLoader::new(description, Arc::clone(&control))),
            cache: cache.clone(),
            log: log.clone(),
            clock: clock.clone(),
            calendar: calendar.clone(),
        };
        let service = PredictionService::start(ports, config).await.unwrap();
        Self {
            service: Arc::new(service),
            clock,
            bars,
            registry,
            control,
            log,
            cache,
            calendar,
            dir,
        }
    }

    /// Registers a bundle that is told apart by `text` and makes it champion.
    pub(crate) async fn promote(&self, text: &str) -> String {
        promote(&self.registry, &self.dir, text).await
    }

    /// Asks about one stock.
    pub(crate) async fn ask(
        &self,
        stock_code: &str,
        horizon: Horizon,
    ) -> Result<Served, PredictError> {
        let asker = asker(&format!("{stock_code}-{horizon}"));
        self.service
            .predict(asker, &code(stock_code), horizon)
            .await
    }

    /// Asks about one stock while the test goes on.
    pub(crate) fn ask_aside(
        &self,
        stock_code: &'static str,
    ) -> tokio::task::JoinHandle<Result<Served, PredictError>> {
        let service = Arc::clone(&self.service);
        tokio::spawn(async move {
            service
                .predict(asker(stock_code), &code(stock_code), Horizon::OneDay)
                .await
        })
    }

    /// Waits until the model is in a forward pass that the test holds.
    pub(crate) async fn until_held(&self) {
        let control = Arc::clone(&self.control);
        tokio::task::spawn_blocking(move || control.wait_until_held())
            .await
            .unwrap();
    }

    /// Waits until so many requests wait for the model.
    pub(crate) async fn until_queued(&self, n: i64) {
        while self.service.metrics().inference_queue_depth.get() != n {
            tokio::task::yield_now().await;
        }
    }

    /// Ends the pass over the market that follows a start, so that a test counts only its own.
    pub(crate) async fn warm(&self) {
        self.ask("000660", Horizon::OneDay).await.unwrap();
        self.cache.clear().await;
    }
}

pub(crate) fn asker(request_id: &str) -> Asker {
    Asker {
        request_id: request_id.to_owned(),
        subject: Some("tester".to_owned()),
    }
}

async fn promote(registry: &LocalRegistry, dir: &TempDir, text: &str) -> String {
    let bundle = write_bundle(dir.path(), text).unwrap();
    let version = registry
        .register(&bundle, &BTreeMap::new())
        .await
        .unwrap()
        .version;
    registry.set_alias(Alias::Champion, &version).await.unwrap();
    version
}
