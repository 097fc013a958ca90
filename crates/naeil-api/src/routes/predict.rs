//! One prediction.

use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use apistos::paths::Responses;
use apistos::reference_or::ReferenceOr;
use apistos::{ApiComponent, Schema, api_operation};
use chrono::{DateTime, Utc};
use naeil_domain::Prediction;
use naeil_serving::{Asker, Served};
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth::{Authorized, Caller, Predict};
use crate::dto::prediction::PredictionBody;
use crate::dto::words::HorizonWord;
use crate::event::Answered;
use crate::extract::query::{FromParameters, StrictQuery, parse_horizon};
use crate::extract::stock_code::StockCodeInPath;
use crate::openapi;
use crate::problem::ApiError;
use crate::request_id::RequestId;
use crate::state::ApiState;

/// How a client may keep a prediction: for itself, for a minute.
const CACHE_CONTROL: &str = "private, max-age=60";

/// The query of a prediction.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(crate) struct PredictQuery {
    /// How far ahead; `1d` unless given.
    #[schemars(default)]
    horizon: HorizonWord,
}

impl FromParameters for PredictQuery {
    const PARAMETERS: &'static [&'static str] = &["horizon"];

    fn from_parameters(parameters: &[(String, String)]) -> Result<Self, ApiError> {
        let horizon = match parameters.first() {
            Some((_, text)) => parse_horizon(text)?.into(),
            None => HorizonWord::default(),
        };
        Ok(Self { horizon })
    }
}

#[api_operation(
    tag = "predictions",
    operation_id = "predict",
    summary = "Predicts one stock at one horizon",
    description = "The same question has the same answer, byte for byte, until the next session opens, new bars arrive or another model takes over. The token needs the scope `predict`.",
    error_code = 400,
    error_code = 401,
    error_code = 403,
    error_code = 404,
    error_code = 414,
    error_code = 422,
    error_code = 431,
    error_code = 500,
    error_code = 503,
    error_code = 504
)]
pub(crate) async fn predict(
    authorized: Authorized<Predict>,
    stock_code: StockCodeInPath,
    query: StrictQuery<PredictQuery>,
    request: HttpRequest,
    state: web::Data<ApiState>,
) -> Result<PredictionReply, ApiError> {
    let served = state
        .service()
        .predict(
            asker(&request, &authorized.caller),
            &stock_code.0,
            query.0.horizon.into(),
        )
        .await
        .map_err(ApiError::of_prediction)?;
    Ok(PredictionReply {
        served,
        subject: authorized.caller.subject,
        now: state.clock().now(),
    })
}

/// Who asks, for the prediction log.
pub(super) fn asker(request: &HttpRequest, caller: &Caller) -> Asker {
    Asker {
        request_id: RequestId::of_request(request).as_str().to_owned(),
        subject: Some(caller.subject.to_string()),
    }
}

/// A prediction with its cache headers, or 304 if the client has it already.
#[derive(Debug)]
pub(crate) struct PredictionReply {
    served: Served,
    subject: Arc<str>,
    now: DateTime<Utc>,
}

impl Responder for PredictionReply {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let prediction = &*self.served.prediction;
        let etag = etag_of(prediction);
        let is_known = is_known(request, &etag);
        let mut reply = if is_known {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        let age = (self.now - prediction.predicted_at).num_seconds().max(0);
        let cache = cache_word(self.served.cache_hit);
        reply
            .insert_header(("X-Cache", cache))
            .insert_header((header::AGE, age))
            .insert_header((header::CACHE_CONTROL, CACHE_CONTROL))
            .insert_header((header::ETAG, etag));
        let mut reply = if is_known {
            reply.finish()
        } else {
            reply.json(PredictionBody::from(prediction))
        };
        reply.extensions_mut().insert(Answered::One {
            subject: self.subject,
            stock_code: prediction.stock_code.to_string(),
            prediction: prediction.direction.as_str(),
            confidence: prediction.confidence,
            model_version: prediction.model_version.clone(),
            cache,
        });
        reply
    }
}

/// Names the bytes of a prediction: its id names the question, the time which computing of it.
fn etag_of(prediction: &Prediction) -> String {
    let computed = prediction.predicted_at.timestamp_millis();
    format!("\"{}-{computed:x}\"", prediction.id)
}

fn is_known(request: &HttpRequest, etag: &str) -> bool {
    request
        .headers()
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == etag || known == "*")
}

pub(super) fn cache_word(hit: bool) -> &'static str {
    if hit { "hit" } else { "miss" }
}

impl ApiComponent for PredictionReply {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        PredictionBody::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        PredictionBody::schema()
    }

    fn responses(_content_type: Option<String>) -> Option<Responses> {
        let mut replies =
            openapi::json_reply::<PredictionBody>("The prediction.", &openapi::CACHE_HEADERS);
        replies.insert(
            "304".to_owned(),
            openapi::empty_reply("The client has this answer already."),
        );
        openapi::responses(replies)
    }
}
