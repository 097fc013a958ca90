//! A server under test: the real service on a small simulated market, on a socket of its own.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use naeil_cache::InProcessCache;
use naeil_domain::ports::{CacheStats, Clock, ModelRegistry, PredictionCache};
use naeil_domain::{
    Alias, BarPanel, BarPanelBuilder, Baseline, CacheKey, DataOrigin, Horizon, HorizonEvaluation,
    LoggedPrediction, ModelDescription, Prediction, Scores, Stock, TradingCalendar,
};
use naeil_features::FeatureSpec;
use naeil_registry::LocalRegistry;
use naeil_serving::{PredictionService, ServiceConfig, ServicePorts};
use naeil_test_support::builders::{bar, sessions, stock};
use naeil_test_support::fakes::{
    FakeBars, FakeLoader, ForecastControl, RecordingLog, SettableClock, fake_description,
};
use prometheus_client::registry::Registry;
use serde_json::Value;
use tempfile::TempDir;

use super::client::{Reply, Request};
use crate::{
    ApiMetrics, ApiState, HttpSettings, JwtSecret, JwtSettings, TokenIssuer, TokenRequest,
    TokenVerifier, run,
};

/// The stock for which the cache panics.
pub(super) const PANICKING_CODE: &str = "000990";
/// A stock that has just been listed.
const YOUNG_CODE: &str = "000880";
const CODES: [&str; 5] = ["000660", YOUNG_CODE, PANICKING_CODE, "005930", "035420"];
const SECRET: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b";
const N_SESSIONS: usize = 260;

pub(super) struct TestServer {
    address: SocketAddr,
    handle: ServerHandle,
    service: Arc<PredictionService>,
    issuer: TokenIssuer,
    clock: Arc<SettableClock>,
    control: Arc<ForecastControl>,
    log: Arc<RecordingLog>,
    document: Value,
    _registry_dir: TempDir,
}

impl TestServer {
    pub(super) async fn start() -> Self {
        Self::with_champion(true).await
    }

    pub(super) async fn without_a_model() -> Self {
        Self::with_champion(false).await
    }

    async fn with_champion(has_champion: bool) -> Self {
        let registry_dir = tempfile::tempdir().unwrap();
        let registry = LocalRegistry::open(registry_dir.path().join("registry")).unwrap();
        if has_champion {
            promote_a_fake_model(&registry).await;
        }
        let clock = Arc::new(SettableClock::new(evening_of_the_last_session()));
        let control = Arc::new(ForecastControl::default());
        let log = Arc::new(RecordingLog::default());
        let ports = ServicePorts {
            bars: Arc::new(FakeBars::new(market(), DataOrigin::Simulated)),
            registry: Arc::new(registry),
            loader: Arc::new(FakeLoader::new(description(), control.clone())),
            cache: Arc::new(PanickingCache(InProcessCache::new(1000))),
            log: log.clone(),
            clock: clock.clone(),
            calendar: Arc::new(TradingCalendar::xkrx()),
        };
        let service = PredictionService::start(ports, ServiceConfig::for_testing()).await;
        let service = Arc::new(service.unwrap());

        let secret = JwtSecret::new(SECRET).unwrap();
        let issuer = TokenIssuer::new(&secret, JwtSettings::default(), clock.clone());
        let verifier = TokenVerifier::new(&secret, JwtSettings::default(), clock.clone());
        let metrics = ApiMetrics::default();
        let mut printed = Registry::default();
        metrics.register(printed.sub_registry_with_prefix("naeil"));
        let state = ApiState::new(
            service.clone(),
            verifier,
            metrics,
            Arc::new(printed),
            clock.clone(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let settings = HttpSettings {
            workers: 1,
            shutdown_timeout: Duration::from_secs(1),
            ..HttpSettings::default()
        };
        let server = run(listener, state, settings).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        let document = Request::get("/openapi.json").send(address).await.json();
        Self {
            address,
            handle,
            service,
            issuer,
            clock,
            control,
            log,
            document,
            _registry_dir: registry_dir,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn control(&self) -> &ForecastControl {
        &self.control
    }

    /// The last session of the market, as replies write it.
    pub(super) fn as_of(&self) -> String {
        market().sessions()[N_SESSIONS - 1].to_string()
    }

    pub(super) fn young_stock(&self) -> &'static str {
        YOUNG_CODE
    }

    pub(super) fn wait_a_minute(&self) {
        let later = self.clock.now() + Duration::from_secs(60);
        self.clock.set(&later.to_rfc3339());
    }

    /// A token that is good for an hour.
    pub(super) fn token(&self) -> String {
        self.token_for(Duration::from_secs(3600), &["predict"])
    }

    pub(super) fn token_for(&self, ttl: Duration, scopes: &[&str]) -> String {
        self.issuer
            .issue(&TokenRequest {
                subject: "tester".to_owned(),
                scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
                ttl,
                tier: None,
            })
            .unwrap()
    }

    pub(super) fn predict(&self, code: &str) -> Request {
        Request::get(&format!("/api/v1/ai/predict/{code}")).bearer(&self.token())
    }

    pub(super) fn batch(&self, body: Value) -> Request {
        Request::post("/api/v1/ai/predict/batch", body.to_string()).bearer(&self.token())
    }

    /// Sends a request and holds its reply to what every reply promises.
    pub(super) async fn ask(&self, request: Request) -> Reply {
        let reply = request.send(self.address).await;
        let id = reply.header("x-request-id").expect("a request id");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        if reply.status >= 400 {
            assert_eq!(
                reply.header("content-type"),
                Some("application/problem+json")
            );
            let problem = reply.json();
            assert_eq!(problem["status"], reply.status);
            assert_eq!(problem["request_id"], id);
            let code = problem["code"].as_str().unwrap();
            assert_eq!(problem["type"], format!("/docs#error-{code}"));
            for text in ["title", "detail", "instance"] {
                assert!(!problem[text].as_str().unwrap().is_empty(), "{text}");
            }
            assert!(problem["retryable"].is_boolean());
            assert_eq!(problem.as_object().unwrap().len(), 8);
        }
        self.assert_declared(&request, reply.status);
        reply
    }

    /// Whatever an operation answers must stand in its OpenAPI description.
    #[track_caller]
    fn assert_declared(&self, request: &Request, status: u16) {
        let method = match request.method.as_str() {
            "HEAD" => "get".to_owned(),
            method => method.to_lowercase(),
        };
        let path = request.target.split('?').next().unwrap_or_default();
        let paths = self.document["paths"].as_object().unwrap();
        let exact = paths.get(path);
        let template = || paths.iter().find(|(template, _)| matches(template, path));
        let Some(item) = exact.or_else(|| template().map(|(_, item)| item)) else {
            return;
        };
        let Some(operation) = item.get(&method) else {
            assert!([204, 405].contains(&status), "{method} {path}: {status}");
            return;
        };
        let declared = &operation["responses"][status.to_string()];
        assert!(
            declared.is_object(),
            "{method} {path} does not declare {status}"
        );
    }

    pub(super) async fn stop_and_read_the_log(self) -> Vec<LoggedPrediction> {
        self.handle.stop(true).await;
        self.service.shutdown().await;
        self.log.answers()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // The command is sent at once; nobody needs to wait for the end.
        drop(self.handle.stop(false));
    }
}

fn matches(template: &str, path: &str) -> bool {
    let segments = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (template, path) = (segments(template), segments(path));
    let fits = |(pattern, segment): (&String, &String)| {
        pattern == segment || (pattern.starts_with('{') && !segment.is_empty())
    };
    template.len() == path.len() && template.iter().zip(&path).all(fits)
}

async fn promote_a_fake_model(registry: &LocalRegistry) {
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

fn description() -> ModelDescription {
    let spec = FeatureSpec::v1();
    let mut description = fake_description(spec.hash(), spec.names(), spec.lookback());
    let accuracy = |accuracy| Scores {
        accuracy: Some(accuracy),
        ..Scores::default()
    };
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
fn market() -> BarPanel {
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

fn evening_of_the_last_session() -> DateTime<Utc> {
    let last = market().sessions()[N_SESSIONS - 1];
    let close = TradingCalendar::xkrx().closes_at(last).unwrap();
    close.to_utc() + Duration::from_secs(3600)
}

/// A cache that panics when it is asked about one stock.
struct PanickingCache(InProcessCache);

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
