//! The model that answers.

use actix_web::web;
use apistos::api_operation;

use super::reply::{Described, JsonReply};
use crate::dto::model::ModelInfoBody;
use crate::error_code::ErrorCode;
use crate::problem::ApiError;
use crate::state::ApiState;

impl Described for ModelInfoBody {
    const DESCRIPTION: &'static str = "The model that answers, beside forecasters without skill.";
}

#[api_operation(
    tag = "model",
    operation_id = "model_info",
    summary = "Describes the model that answers",
    description = "Its features, the dates it has seen, its scores on sessions after training and those of baselines on the same rows. No token is needed.",
    error_code = 400,
    error_code = 414,
    error_code = 431,
    error_code = 500,
    error_code = 503
)]
pub(crate) async fn model_info(
    state: web::Data<ApiState>,
) -> Result<JsonReply<ModelInfoBody>, ApiError> {
    let model = state
        .service()
        .model()
        .ok_or_else(|| ApiError::plain(ErrorCode::NoModel))?;
    Ok(JsonReply(ModelInfoBody::from(&model)))
}
