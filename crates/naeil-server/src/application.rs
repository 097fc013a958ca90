//! The server as a whole: [`Application::build`] binds and wires, [`Application::run_until_stopped`]
//! serves. Tests and every role that predicts call the same two.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use naeil_api::{
    ApiMetrics, ApiState, HttpSettings, JwtSecret, JwtSettings, TokenIssuer, TokenVerifier,
};
use naeil_cache::InProcessCache;
use naeil_serving::{PredictionService, ServiceConfig, ServicePorts};
use prometheus_client::registry::Registry;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

use crate::calendar_watch::CalendarWatch;
use crate::config::AuthConfig;
use crate::context::Context;
use crate::exit::{CommandError, Failure, OrFailure as _};

/// How long the prediction log may hold up the end: with the seconds for requests in flight still
/// less than the 30 after which the systemd unit has a server killed.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(20);

/// A server that listens but does not answer yet.
pub(crate) struct Application {
    listener: TcpListener,
    service: Arc<PredictionService>,
    state: ApiState,
    settings: HttpSettings,
    calendar: CalendarWatch,
    refresh_every: Duration,
}

impl Application {
    /// Binds the address, opens store and registry, and loads the champion if there is one.
    ///
    /// # Errors
    /// What is wrong with the configuration, the address, the store or the registry. A missing
    /// champion is not an error: the server answers 503 until there is one.
    pub(crate) async fn build(context: &Context, bind: &str) -> Result<Self, CommandError> {
        let config = context.config();
        let clock = &context.clock;
        let verifier = TokenVerifier::new(
            &jwt_secret(&config.auth)?,
            jwt_settings(&config.auth),
            Arc::clone(clock),
        );
        let listener =
            TcpListener::bind(bind).with_context(|| format!("cannot listen on {bind}"))?;
        let service = Arc::new(prediction_service(context).await?);
        let mut registry = Registry::default();
        let ours = registry.sub_registry_with_prefix("naeil");
        let metrics = ApiMetrics::default();
        metrics.register(ours);
        service.metrics().register(ours);
        let calendar = CalendarWatch::new(
            config.calendar.overrides.clone(),
            context.base_calendar(),
            context.live_calendar()?,
        );
        calendar.metrics().register(ours);
        let state = ApiState::new(
            Arc::clone(&service),
            verifier,
            metrics,
            Arc::new(registry),
            Arc::clone(clock),
        );
        let settings = HttpSettings {
            workers: config.http.workers,
            max_body_bytes: config.http.max_body_bytes,
            shutdown_timeout: Duration::from_secs(config.http.shutdown_seconds),
            ..HttpSettings::default()
        };
        Ok(Self {
            listener,
            service,
            state,
            settings,
            calendar,
            refresh_every: Duration::from_secs(config.serving.refresh_seconds),
        })
    }

    /// The address that the server listens on, with the port it was given.
    pub(crate) fn url(&self) -> std::io::Result<String> {
        Ok(format!("http://{}", self.listener.local_addr()?))
    }

    /// Serves until SIGTERM or SIGINT, then finishes what is in flight and writes the log out.
    pub(crate) async fn run_until_stopped(self) -> Result<(), CommandError> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let url = self.url()?;
        let server = naeil_api::run(self.listener, self.state, self.settings)?;
        let handle = server.handle();
        let mut server = tokio::spawn(server);
        let refresh = tokio::spawn(keep_fresh(
            Arc::clone(&self.service),
            self.calendar,
            self.refresh_every,
        ));
        info!(url, "serving");

        tokio::select! {
            ended = &mut server => {
                refresh.abort();
                flush(&self.service).await;
                ended.context("the HTTP server panicked")??;
                return Err(anyhow::anyhow!("the HTTP server ended by itself").into());
            }
            _ = terminate.recv() => info!("stopping on SIGTERM"),
            _ = interrupt.recv() => info!("stopping on SIGINT"),
        }
        refresh.abort();
        handle.stop(true).await;
        let ended = server.await.context("the HTTP server panicked");
        // Whatever became of the server, the answers it gave are written down.
        flush(&self.service).await;
        ended??;
        info!("stopped");
        Ok(())
    }
}

/// Writes out what waits for the prediction log, for as long as that may take: another process can
/// hold the store for longer than anybody waits for a program to end.
pub(crate) async fn flush(service: &PredictionService) {
    if tokio::time::timeout(FLUSH_TIMEOUT, service.shutdown())
        .await
        .is_err()
    {
        warn!("the prediction log cannot be written, the last answers are lost to it");
    }
}

/// Looks for another calendar, a new champion and new bars for as long as the server runs. The
/// calendar comes first: bars are laid out along its sessions.
async fn keep_fresh(service: Arc<PredictionService>, mut calendar: CalendarWatch, every: Duration) {
    loop {
        tokio::time::sleep(jittered(every)).await;
        calendar.look().await;
        match service.refresh().await {
            Ok(outcome) if outcome.changed() => info!(?outcome, "what is served has changed"),
            Ok(_) => {}
            // The old champion and the old bars go on serving.
            Err(error) => warn!(error = %chain(&error), "refresh failed, serving as before"),
        }
    }
}

/// Between 90 % and 110 %, so that many servers do not ask one registry at the same moment.
fn jittered(period: Duration) -> Duration {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    period.mul_f64(0.9 + 0.2 * f64::from(nanos) / 1e9)
}

/// The service over the configured store, registry and cache.
pub(crate) async fn prediction_service(
    context: &Context,
) -> Result<PredictionService, CommandError> {
    let config = context.config();
    let store = Arc::new(context.store().await?);
    let ports = ServicePorts {
        bars: Arc::clone(&store) as _,
        stocks: Arc::clone(&store) as _,
        registry: Arc::new(context.registry()?),
        loader: Arc::new(context.bundle_loader()?),
        cache: Arc::new(InProcessCache::new(config.serving.cache_entries)),
        log: store,
        clock: Arc::clone(&context.clock),
        calendar: context.live_calendar()?,
    };
    let service_config = ServiceConfig {
        queue_capacity: config.serving.queue_capacity,
        log_capacity: config.serving.log_capacity,
        deadline: Duration::from_millis(config.serving.deadline_ms),
        ..ServiceConfig::default()
    };
    let service = PredictionService::start(ports, service_config).await?;
    match service.model() {
        Some(model) => info!(model.version = model.version.version, "champion loaded"),
        None => warn!("there is no champion yet, predictions answer 503 until there is one"),
    }
    Ok(service)
}

/// The configured secret, if it is one that may sign tokens.
pub(crate) fn jwt_secret(auth: &AuthConfig) -> Result<JwtSecret, CommandError> {
    let secret = auth
        .jwt_secret
        .as_ref()
        .map_or("", |secret| secret.expose());
    JwtSecret::new(secret)
        .context(
            "auth.jwt_secret cannot sign tokens; set NAEIL_AUTH__JWT_SECRET, or \
             NAEIL_AUTH__JWT_SECRET_FILE to a file made by 'head -c 48 /dev/urandom | base64'",
        )
        .or_failure(Failure::Config)
}

/// What tokens must state beyond their signature.
fn jwt_settings(auth: &AuthConfig) -> JwtSettings {
    JwtSettings {
        issuer: auth.issuer.clone(),
        audience: auth.audience.clone(),
        ..JwtSettings::default()
    }
}

/// Makes tokens that this configuration's server accepts.
pub(crate) fn token_issuer(context: &Context) -> Result<TokenIssuer, CommandError> {
    let auth = &context.config().auth;
    Ok(TokenIssuer::new(
        &jwt_secret(auth)?,
        jwt_settings(auth),
        Arc::clone(&context.clock),
    ))
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |e| e.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
