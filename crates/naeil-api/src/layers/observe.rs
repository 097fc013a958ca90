//! The outermost layer: names, times, logs and counts each request, and gives every error its shape.

use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};

use super::{limits, security};
use crate::event::{Answered, record};
use crate::metrics::{MethodLabel, RequestLabels};
use crate::problem::ApiError;
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::state::ApiState;

/// The route label of a path that nothing is served at.
const UNMATCHED: &str = "unmatched";

/// The longest path that a problem repeats.
const INSTANCE_CHARS: usize = 200;

/// What is known of a request before anybody works on it.
pub(crate) struct Asked {
    pub(crate) id: RequestId,
    pub(crate) method: MethodLabel,
    pub(crate) route: String,
    path: String,
    started: Instant,
}

impl Asked {
    fn of(request: &ServiceRequest) -> Self {
        Self {
            id: RequestId::of(request.headers()),
            method: MethodLabel::of(request.method()),
            route: request
                .match_pattern()
                .unwrap_or_else(|| UNMATCHED.to_owned()),
            path: request.path().chars().take(INSTANCE_CHARS).collect(),
            started: Instant::now(),
        }
    }
}

/// Observes everything inside.
pub(crate) async fn observe<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asked = Asked::of(&request);
    let state = request
        .app_data::<web::Data<ApiState>>()
        .cloned()
        .expect("the app factory sets the state");
    request.extensions_mut().insert(asked.id.clone());
    if request.method() == Method::HEAD {
        // HEAD is GET without the body, which the connection leaves out by itself.
        request.head_mut().method = Method::GET;
    }
    let outcome = match limits::check(&request) {
        Ok(()) => next
            .call(request)
            .await
            .map(ServiceResponse::map_into_boxed_body),
        Err(error) => Ok(request.error_response(error)),
    };
    match outcome {
        Ok(response) => {
            let error = error_of(response.response());
            let mut response = match &error {
                Some(error) => {
                    let reply = error.reply(asked.id.as_str(), &asked.path);
                    response.into_response(reply)
                }
                None => response,
            };
            let answered = response.response().extensions().get::<Answered>().cloned();
            finish(
                &state,
                &asked,
                response.response_mut(),
                error.as_ref(),
                answered,
            );
            Ok(response)
        }
        Err(failure) => {
            // Nothing is left of the request here, so the reply travels inside the error.
            let error = failure.as_error::<ApiError>().cloned().unwrap_or_else(|| {
                let status = failure.as_response_error().status_code();
                ApiError::of_framework(status).caused_by(&failure)
            });
            let mut reply = error.reply(asked.id.as_str(), &asked.path);
            finish(&state, &asked, &mut reply, Some(&error), None);
            Err(InternalError::from_response(error, reply).into())
        }
    }
}

/// The error behind a reply: ours, or the nearest to what the framework said.
fn error_of(response: &HttpResponse) -> Option<ApiError> {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let ours = response
        .error()
        .and_then(|error| error.as_error::<ApiError>());
    Some(ours.cloned().unwrap_or_else(|| {
        let error = ApiError::of_framework(status);
        match response.error() {
            Some(cause) => error.caused_by(cause),
            None => error,
        }
    }))
}

fn finish(
    state: &ApiState,
    asked: &Asked,
    reply: &mut HttpResponse,
    error: Option<&ApiError>,
    answered: Option<Answered>,
) {
    let headers = reply.headers_mut();
    let id = asked.id.as_str().parse();
    headers.insert(X_REQUEST_ID, id.expect("request ids are visible ASCII"));
    security::add(headers);
    let status: StatusCode = reply.status();
    let latency: Duration = asked.started.elapsed();
    let labels = RequestLabels::new(&asked.route, asked.method, status);
    state.metrics().observe(&labels, latency);
    record(asked, status, latency, error, answered.as_ref());
}
