//! A server under test: the real service on a small simulated market, on a socket of its own.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use naeil_cache::InProcessCache;
use naeil_domain::ports::Clock;
use naeil_domain::{DataOrigin, LoggedPrediction, TradingCalendar};
use naeil_registry::LocalRegistry;
use naeil_serving::{PredictionService, ServiceConfig, ServicePorts};
use naeil_test_support::fakes::{
    FakeBars, FakeLoader, ForecastControl, RecordingLog, SettableClock,
};
use prometheus_client::registry::Registry;
use serde_json::Value;
use tempfile::TempDir;

use super::client::{Reply, Request};
use super::world::{
    self, PanickingCache, YOUNG_CODE, description, evening_of_the_last_session, market,
    promote_a_fake_model,
};
use crate::{
    ApiMetrics, ApiState, HttpSettings, JwtSecret, JwtSettings, TokenIssuer, TokenRequest,
    TokenVerifier, run,
};

const SECRET: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b";

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
        Self::configured(ServiceConfig::for_testing(), Self::settings()).await
    }

    pub(super) async fn configured(config: ServiceConfig, settings: HttpSettings) -> Self {
        Self::build(true, config, settings).await
    }

    pub(super) async fn without_a_model() -> Self {
        Self::build(false, ServiceConfig::for_testing(), Self::settings()).await
    }

    /// Settings for tests: one worker, quick to stop.
    pub(super) fn settings() -> HttpSettings {
        HttpSettings {
            workers: 1,
            shutdown_timeout: Duration::from_secs(1),
            ..HttpSettings::default()
        }
    }

    async fn build(has_champion: bool, config: ServiceConfig, settings: HttpSettings) -> Self {
        let registry_dir = tempfile::tempdir().unwrap();
        let registry = LocalRegistry::open(registry_dir.path().join("registry")).unwrap();
        if has_champion {
            promote_a_fake_model(&registry).await;
        }
        let clock = Arc::new(SettableClock::new(evening_of_the_last_session()));
        let control = Arc::new(ForecastControl::default());
        let log = Arc::new(RecordingLog::default());
        let bars = Arc::new(FakeBars::new(market(), DataOrigin::Simulated));
        let ports = ServicePorts {
            bars: bars.clone(),
            stocks: bars,
            registry: Arc::new(registry),
            loader: Arc::new(FakeLoader::new(description(), control.clone())),
            cache: Arc::new(PanickingCache(InProcessCache::new(1000))),
            log: log.clone(),
            clock: clock.clone(),
            calendar: TradingCalendar::xkrx().into(),
        };
        let service = PredictionService::start(ports, config).await;
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

    pub(super) fn control(&self) -> Arc<ForecastControl> {
        self.control.clone()
    }

    /// The last session of the market, as replies write it.
    pub(super) fn as_of(&self) -> String {
        world::last_session().to_string()
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
