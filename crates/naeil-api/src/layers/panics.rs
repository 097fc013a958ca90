//! Panics become errors: without this layer the framework closes the socket without a reply.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use futures_util::FutureExt;

use crate::error_code::ErrorCode;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Catches a panic of anything inside.
pub(crate) async fn catch<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let state = request.app_data::<web::Data<ApiState>>().cloned();
    // The state behind a panicking handler is either dropped with it or guarded by its own locks.
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(payload) => {
            if let Some(state) = state {
                state.metrics().panics.inc();
            }
            let error = ApiError::plain(ErrorCode::InternalError);
            Err(error.caused_by(message_of(payload.as_ref())).into())
        }
    }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("without a message"))
}
