//! The routes: each handler extracts, calls the service and converts.

pub(crate) mod batch;
pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod model;
pub(crate) mod predict;
mod reply;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, Route, guard};
use apistos::web::{Resource, Scope, get, post, resource, scope};

use crate::error_code::ErrorCode;
use crate::problem::ApiError;

/// Methods of a path that is read.
const READ: &str = "GET, HEAD, OPTIONS";
/// Methods of a path that takes questions.
const ASK: &str = "OPTIONS, POST";

/// Everything under `/api/v1/ai`.
pub(crate) fn api() -> Scope {
    scope("/api/v1/ai")
        // Before the stock codes, or "batch" would be one.
        .service(
            resource("/predict/batch")
                .route(post().to(batch::predict_batch))
                .default_service(others(ASK)),
        )
        .service(
            resource("/predict/{stock_code}")
                .route(get().to(predict::predict))
                .default_service(others(READ)),
        )
        .service(
            resource("/model/info")
                .route(get().to(model::model_info))
                .default_service(others(READ)),
        )
}

/// Whether the process runs.
pub(crate) fn live() -> Resource {
    resource("/health/live")
        .route(get().to(health::live))
        .default_service(others(READ))
}

/// Whether a model answers.
pub(crate) fn ready() -> Resource {
    resource("/health/ready")
        .route(get().to(health::ready))
        .default_service(others(READ))
}

/// What a scraper reads.
pub(crate) fn scraped() -> Resource {
    resource("/metrics")
        .route(get().to(metrics::metrics))
        .default_service(others(READ))
}

/// The methods that apistos does not answer at the OpenAPI document's path.
pub(crate) fn beside_the_document(path: &str) -> Resource {
    resource(path)
        .guard(guard::Not(guard::Get()))
        .default_service(others(READ))
}

/// Answers the methods that a path does not serve: OPTIONS with what it does serve, the rest with
/// an error that says the same.
pub(crate) fn others(allow: &'static str) -> Route {
    actix_web::web::to(move |request: HttpRequest| async move {
        if request.method() == Method::OPTIONS {
            let mut reply = HttpResponse::NoContent();
            return Ok(reply.insert_header((header::ALLOW, allow)).finish());
        }
        Err(ApiError::method_not_allowed(allow))
    })
}

/// Answers paths at which nothing is served.
pub(crate) async fn nowhere() -> Result<HttpResponse, ApiError> {
    Err(ApiError::new(
        ErrorCode::RouteNotFound,
        "nothing is served at this path, see /docs for the paths that are",
    ))
}
