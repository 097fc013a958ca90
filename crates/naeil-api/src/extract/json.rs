//! The JSON body of a request.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{Error, FromRequest, HttpRequest, web};
use apistos::paths::RequestBody;
use apistos::reference_or::ReferenceOr;
use apistos::{ApiComponent, Schema};
use futures_util::future::LocalBoxFuture;

use super::fields::{Fields, FromFields};
use crate::error_code::ErrorCode;
use crate::problem::ApiError;

/// Limits of bodies, as app data; the framework keeps its own copy of the size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimits {
    /// Largest body, once it is unpacked.
    pub(crate) max_bytes: usize,
    /// How long a body may take to arrive.
    pub(crate) timeout: Duration,
}

/// A JSON object with known fields, each once, sent as `application/json`.
#[derive(Debug)]
pub(crate) struct StrictJson<T>(pub(crate) T);

impl<T: FromFields> FromRequest for StrictJson<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = check_headers(request.headers());
        let limits = *request
            .app_data::<BodyLimits>()
            .expect("the app factory sets the limits");
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            headers?;
            let body = tokio::time::timeout(limits.timeout, body)
                .await
                .map_err(|_| ApiError::plain(ErrorCode::RequestTimeout))?
                .map_err(|error| unreadable(&error, limits))?;
            T::from_fields(Fields::parse(&body, T::FIELDS)?).map(Self)
        })
    }
}

fn check_headers(headers: &HeaderMap) -> Result<(), ApiError> {
    let refuse = |detail: &str| Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail));
    let only = |name| {
        let mut values = headers.get_all(name);
        (values.next(), values.next().is_some())
    };
    let (content_type, repeated) = only(header::CONTENT_TYPE);
    let is_json = content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        });
    if !is_json || repeated {
        return refuse("send the body with 'Content-Type: application/json'");
    }
    let (encoding, repeated) = only(header::CONTENT_ENCODING);
    let known = encoding.is_none_or(|value| value == "identity" || value == "gzip");
    if !known || repeated {
        return refuse("send the body plain or with 'Content-Encoding: gzip'");
    }
    Ok(())
}

fn unreadable(error: &Error, limits: BodyLimits) -> ApiError {
    let max_bytes = limits.max_bytes;
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => ApiError::new(
            ErrorCode::PayloadTooLarge,
            format!("the body is larger than {max_bytes} bytes, send fewer stock codes at once"),
        ),
        _ => ApiError::new(ErrorCode::BadRequest, "the body cannot be read to its end")
            .caused_by(error),
    }
}

impl<T: ApiComponent> ApiComponent for StrictJson<T> {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        T::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        T::schema()
    }

    fn request_body() -> Option<RequestBody> {
        T::request_body()
    }
}
