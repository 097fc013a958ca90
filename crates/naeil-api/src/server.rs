//! The HTTP server: every route, the layers around them, and the limits of connections.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, HttpServer, web};
use apistos::app::OpenApiWrapper;

use crate::extract::json::BodyLimits;
use crate::layers::{observe, panics};
use crate::state::ApiState;
use crate::{openapi, routes};

/// Where the OpenAPI document is served.
const DOCUMENT: &str = "/openapi.json";

/// Limits of the HTTP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// Threads that answer requests; at least 1.
    pub workers: usize,
    /// Largest request body, unpacked.
    pub max_body_bytes: usize,
    /// How long a request body may take to arrive.
    pub body_timeout: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long the head of a request may take to arrive.
    pub client_request_timeout: Duration,
    /// How long open requests may take to finish once the server stops.
    pub shutdown_timeout: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            max_body_bytes: 64 * 1024,
            body_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            client_request_timeout: Duration::from_secs(5),
            shutdown_timeout: Duration::from_secs(20),
        }
    }
}

/// Starts to listen. The server runs while the returned future is polled; its handle stops it.
/// Signals are the caller's business.
///
/// # Errors
/// The system's, if the listener cannot be used.
pub fn run(
    listener: TcpListener,
    state: ApiState,
    settings: HttpSettings,
) -> std::io::Result<Server> {
    let state = web::Data::new(state);
    let limits = BodyLimits {
        max_bytes: settings.max_body_bytes,
        timeout: settings.body_timeout,
    };
    let server = HttpServer::new(move || app(state.clone(), limits))
        .workers(settings.workers.max(1))
        .keep_alive(settings.keep_alive)
        .client_request_timeout(settings.client_request_timeout)
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(server)
}

/// Every route with the layers around it.
fn app(
    state: web::Data<ApiState>,
    limits: BodyLimits,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let app = App::new()
        .document(openapi::spec())
        .service(routes::api())
        .service(routes::live())
        .service(routes::ready())
        .service(routes::scraped())
        .service(routes::beside_the_document(DOCUMENT))
        .build(DOCUMENT)
        .app_data(state)
        .app_data(limits)
        .app_data(web::PayloadConfig::new(limits.max_bytes))
        .configure(routes::docs::configure)
        .default_service(web::to(routes::nowhere));
    // The last one wrapped is the outermost.
    app.wrap(from_fn(panics::catch))
        .wrap(from_fn(observe::observe))
}
