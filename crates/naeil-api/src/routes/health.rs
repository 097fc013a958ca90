//! Health.

use actix_web::web;
use apistos::api_operation;

use super::reply::{Described, JsonReply};
use crate::dto::health::{LiveBody, ReadyBody};
use crate::error_code::ErrorCode;
use crate::problem::ApiError;
use crate::state::ApiState;

impl Described for LiveBody {
    const DESCRIPTION: &'static str = "The process runs.";
}

impl Described for ReadyBody {
    const DESCRIPTION: &'static str = "A model answers.";
}

#[api_operation(
    tag = "operations",
    operation_id = "live",
    summary = "Says that the process runs",
    error_code = 400,
    error_code = 414,
    error_code = 431,
    error_code = 500
)]
pub(crate) async fn live() -> Result<JsonReply<LiveBody>, ApiError> {
    Ok(JsonReply(LiveBody {
        status: "live".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }))
}

#[api_operation(
    tag = "operations",
    operation_id = "ready",
    summary = "Says whether a model answers",
    description = "503 until the first model has been loaded and has seen bars.",
    error_code = 400,
    error_code = 414,
    error_code = 431,
    error_code = 500,
    error_code = 503
)]
pub(crate) async fn ready(state: web::Data<ApiState>) -> Result<JsonReply<ReadyBody>, ApiError> {
    let ready = state.service().model().and_then(|model| {
        let market = model.market?;
        Some(ReadyBody {
            status: "ready".to_owned(),
            model_version: model.version.version,
            as_of: market.as_of.to_string(),
        })
    });
    ready
        .map(JsonReply)
        .ok_or_else(|| ApiError::plain(ErrorCode::NoModel))
}
