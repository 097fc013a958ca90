//! The one shape of every error body.

use apistos::ApiComponent;
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::ApiError;

/// An error, as RFC 9457 writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, ApiComponent)]
pub struct Problem {
    /// A link to the documentation of this kind of error, relative to the server.
    #[serde(rename = "type")]
    pub type_: String,
    /// What kind of error it is; the same text for every error with this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong with this request and what to do about it.
    pub detail: String,
    /// The path that was asked for.
    pub instance: String,
    /// A stable word to match on.
    pub code: String,
    /// Names this request in the server's log; also in the header `X-Request-Id`.
    pub request_id: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

impl Problem {
    /// The body of `error` as the reply to one request.
    pub fn new(error: &ApiError, request_id: &str, instance: &str) -> Self {
        let code = error.code();
        Self {
            type_: format!("/docs#error-{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status().as_u16(),
            detail: error.detail().to_owned(),
            instance: instance.to_owned(),
            code: code.as_str().to_owned(),
            request_id: request_id.to_owned(),
            retryable: code.is_retryable(),
        }
    }
}
