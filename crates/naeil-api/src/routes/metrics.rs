//! Metrics for a scraper.

use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use apistos::paths::Responses;
use apistos::reference_or::ReferenceOr;
use apistos::{ApiComponent, Schema, api_operation};
use prometheus_client::encoding::text::encode;

use crate::error_code::ErrorCode;
use crate::openapi;
use crate::problem::ApiError;
use crate::state::ApiState;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The text that a scraper reads.
#[derive(Debug)]
pub(crate) struct MetricsText(String);

#[api_operation(
    tag = "operations",
    operation_id = "metrics",
    summary = "Prints metrics as OpenMetrics text",
    error_code = 400,
    error_code = 414,
    error_code = 431,
    error_code = 500
)]
pub(crate) async fn metrics(state: web::Data<ApiState>) -> Result<MetricsText, ApiError> {
    let mut text = String::new();
    encode(&mut text, state.registry())
        .map_err(|error| ApiError::plain(ErrorCode::InternalError).caused_by(error))?;
    Ok(MetricsText(text))
}

impl Responder for MetricsText {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, OPENMETRICS))
            .body(self.0)
    }
}

impl ApiComponent for MetricsText {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Vec::new()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn responses(_content_type: Option<String>) -> Option<Responses> {
        openapi::responses(openapi::text_reply(OPENMETRICS, "The metrics."))
    }
}
