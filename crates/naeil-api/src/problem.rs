//! The only map from errors to replies: every error becomes an [`ErrorCode`], and with it a status.

use std::fmt;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use naeil_serving::PredictError;

use crate::dto::problem::Problem;
use crate::error_code::ErrorCode;

/// The media type of every error body (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// How long a client should wait when no model answers or the queue is full.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The longest piece of a request that an error repeats.
const ECHO_CHARS: usize = 40;

/// An error on its way to a client.
#[derive(Debug, Clone)]
pub struct ApiError {
    code: ErrorCode,
    detail: String,
    cause: Option<String>,
    challenge: Option<String>,
    allow: Option<&'static str>,
}

impl ApiError {
    /// An error with its own detail: what was wrong, where, and what to do.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            cause: None,
            challenge: None,
            allow: None,
        }
    }

    /// An error whose advice says all.
    pub fn plain(code: ErrorCode) -> Self {
        Self::new(code, code.advice())
    }

    /// Keeps the cause for our log; it never reaches the client.
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Adds a `WWW-Authenticate` challenge.
    pub(crate) fn challenged(mut self, challenge: String) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// The path is served, but with other methods.
    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                ErrorCode::MethodNotAllowed,
                format!("this path takes {allow}"),
            )
        }
    }

    /// The error of a reply that the framework made by itself.
    pub(crate) fn of_framework(status: StatusCode) -> Self {
        Self::plain(ErrorCode::of_framework_status(status))
    }

    /// What the serving crate says.
    pub(crate) fn of_prediction(error: PredictError) -> Self {
        let because = |code| Self::plain(code).caused_by(&error);
        match &error {
            PredictError::UnknownStock { code } => unknown_stock_code(code.as_str()),
            PredictError::NotEnoughHistory { code, reason } => Self::new(
                ErrorCode::NotEnoughHistory,
                format!("cannot generate prediction: {code}: {reason}"),
            ),
            PredictError::NoModel => because(ErrorCode::NoModel),
            PredictError::Overloaded => because(ErrorCode::Overloaded),
            PredictError::DeadlineExceeded => because(ErrorCode::DeadlineExceeded),
            PredictError::Calendar(_) => because(ErrorCode::CalendarExhausted),
            PredictError::Internal => because(ErrorCode::InternalError),
        }
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// What was wrong with this request.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What went wrong inside, for our log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The reply: a problem with the headers that its status asks for.
    pub(crate) fn reply(&self, request_id: &str, instance: &str) -> HttpResponse {
        let mut reply = HttpResponseBuilder::new(self.code.status());
        reply.insert_header((header::CONTENT_TYPE, PROBLEM_JSON));
        if let Some(challenge) = &self.challenge {
            reply.insert_header((header::WWW_AUTHENTICATE, challenge.as_str()));
        }
        if let Some(allow) = self.allow {
            reply.insert_header((header::ALLOW, allow));
        }
        if self.code.status() == StatusCode::SERVICE_UNAVAILABLE && self.code.is_retryable() {
            reply.insert_header((header::RETRY_AFTER, RETRY_AFTER.as_secs()));
        }
        reply.json(Problem::new(self, request_id, instance))
    }
}

/// No stock has this code, whatever its shape; says what a code looks like when the shape is wrong.
pub(crate) fn unknown_stock_code(text: &str) -> ApiError {
    let shown = shown(text);
    let detail = match crate::extract::stock_code::shape_hint(text) {
        Some(hint) => format!("no stock has the code '{shown}'; {hint}"),
        None => format!("no stock has the code '{shown}'; check it against the exchange's list"),
    };
    ApiError::new(ErrorCode::UnknownStockCode, detail)
}

/// A piece of a request, shortened and without control characters, so that an error may repeat it.
pub(crate) fn shown(text: &str) -> String {
    let clean = |c: char| if c.is_control() { '?' } else { c };
    let mut shown: String = text.chars().take(ECHO_CHARS).map(clean).collect();
    if text.chars().nth(ECHO_CHARS).is_some() {
        shown.push_str("...");
    }
    shown
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    // The layer around every route renders the error again, with the request's id and path.
    fn error_response(&self) -> HttpResponse {
        self.reply("", "")
    }
}
