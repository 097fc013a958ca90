//! Several predictions at once.

use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use apistos::paths::Responses;
use apistos::reference_or::ReferenceOr;
use apistos::{ApiComponent, Schema, api_operation};
use naeil_domain::StockCode;
use naeil_serving::{PredictError, Served};

use super::predict::{asker, cache_word};
use crate::auth::{Authorized, Predict};
use crate::dto::batch::{BatchItemBody, BatchRequest};
use crate::dto::prediction::PredictionBody;
use crate::event::Answered;
use crate::extract::json::StrictJson;
use crate::extract::stock_code;
use crate::openapi;
use crate::problem::ApiError;
use crate::state::ApiState;

#[api_operation(
    tag = "predictions",
    operation_id = "predict_batch",
    summary = "Predicts up to 100 stocks at one horizon",
    description = "Answers stand in the order of the request; a stock that cannot be predicted has an error at its place and does not disturb the others. The token needs the scope `predict`.",
    error_code = 400,
    error_code = 401,
    error_code = 403,
    error_code = 408,
    error_code = 413,
    error_code = 414,
    error_code = 415,
    error_code = 422,
    error_code = 431,
    error_code = 500,
    error_code = 503,
    error_code = 504
)]
pub(crate) async fn predict_batch(
    authorized: Authorized<Predict>,
    batch: StrictJson<BatchRequest>,
    request: HttpRequest,
    state: web::Data<ApiState>,
) -> Result<BatchReply, ApiError> {
    let BatchRequest {
        stock_codes,
        horizon,
    } = batch.0;
    // Text that cannot be a code is answered here; only the rest is looked up.
    let parsed: Vec<_> = stock_codes.iter().map(|c| stock_code::parse(c)).collect();
    let codes: Vec<StockCode> = parsed.iter().flatten().cloned().collect();
    let answers = if codes.is_empty() {
        Vec::new()
    } else {
        state
            .service()
            .predict_batch(asker(&request, &authorized.caller), &codes, horizon.into())
            .await
            .map_err(ApiError::of_prediction)?
    };
    Ok(BatchReply::new(
        authorized.caller.subject,
        &stock_codes,
        parsed,
        answers,
    ))
}

/// The answers in the order of the request.
#[derive(Debug)]
pub(crate) struct BatchReply {
    items: Vec<BatchItemBody>,
    event: Answered,
    all_cached: bool,
}

impl BatchReply {
    fn new(
        subject: Arc<str>,
        sent: &[String],
        parsed: Vec<Result<StockCode, ApiError>>,
        answers: Vec<Result<Served, PredictError>>,
    ) -> Self {
        let mut answers = answers.into_iter();
        let mut cached = 0;
        let mut failed = 0;
        let items: Vec<_> = sent
            .iter()
            .zip(parsed)
            .map(|(sent, parsed)| {
                let answer = parsed.and_then(|_| {
                    let answer = answers
                        .next()
                        .expect("one answer for each code asked about");
                    answer.map_err(ApiError::of_prediction)
                });
                match answer {
                    Ok(served) => {
                        cached += usize::from(served.cache_hit);
                        let body = PredictionBody::from(&*served.prediction);
                        BatchItemBody::Prediction(Box::new(body))
                    }
                    Err(error) => {
                        failed += 1;
                        BatchItemBody::failure(sent, &error)
                    }
                }
            })
            .collect();
        Self {
            all_cached: cached > 0 && cached + failed == items.len(),
            event: Answered::Batch {
                subject,
                items: items.len(),
                failed,
                cached,
            },
            items,
        }
    }
}

impl Responder for BatchReply {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        let mut reply = HttpResponse::Ok()
            .insert_header(("X-Cache", cache_word(self.all_cached)))
            .json(self.items);
        reply.extensions_mut().insert(self.event);
        reply
    }
}

impl ApiComponent for BatchReply {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Vec::<BatchItemBody>::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        // The list itself is written out in the reply; its items are components.
        BatchItemBody::schema()
    }

    fn responses(_content_type: Option<String>) -> Option<Responses> {
        let cache = (
            "X-Cache",
            "`hit` if every answer was remembered, else `miss`.",
        );
        openapi::responses(openapi::json_reply::<Vec<BatchItemBody>>(
            "One answer for each stock code, in the order of the request.",
            &[cache],
        ))
    }
}
