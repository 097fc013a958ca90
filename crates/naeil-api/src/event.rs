//! One log event per request.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;

use crate::layers::observe::Asked;
use crate::problem::ApiError;

/// What a handler leaves in its reply for the event.
#[derive(Debug, Clone)]
pub(crate) enum Answered {
    /// One prediction.
    One {
        /// Who asked.
        subject: Arc<str>,
        stock_code: String,
        prediction: &'static str,
        confidence: f64,
        model_version: String,
        cache: &'static str,
    },
    /// A batch.
    Batch {
        /// Who asked.
        subject: Arc<str>,
        items: usize,
        failed: usize,
        cached: usize,
    },
}

/// Writes the event of a request: a warning when the server is at fault, else information. No
/// header, body or token is ever written.
pub(crate) fn record(
    asked: &Asked,
    status: StatusCode,
    latency: Duration,
    error: Option<&ApiError>,
    answered: Option<&Answered>,
) {
    // Levels are part of an event's static data, so each needs its own call.
    macro_rules! write_event {
        ($level:ident $(, $($field:tt)*)?) => {
            tracing::$level!(
                request.id = asked.id.as_str(),
                http.method = asked.method.as_str(),
                http.route = asked.route.as_str(),
                http.status = status.as_u16(),
                latency_ms = latency.as_secs_f64() * 1e3,
                $($($field)*)?
                "request answered"
            )
        };
    }
    match (error, answered) {
        (Some(error), _) if status.is_server_error() => write_event!(
            warn,
            error.code = error.code().as_str(),
            error.cause = error.cause(),
        ),
        (Some(error), _) => write_event!(
            info,
            error.code = error.code().as_str(),
            error.cause = error.cause(),
        ),
        (
            None,
            Some(Answered::One {
                subject,
                stock_code,
                prediction,
                confidence,
                model_version,
                cache,
            }),
        ) => write_event!(
            info,
            subject = &**subject,
            stock.code = stock_code.as_str(),
            prediction = *prediction,
            confidence = *confidence,
            model.version = model_version.as_str(),
            cache = *cache,
        ),
        (
            None,
            Some(Answered::Batch {
                subject,
                items,
                failed,
                cached,
            }),
        ) => write_event!(
            info,
            subject = &**subject,
            batch.items = *items,
            batch.failed = *failed,
            batch.cached = *cached,
        ),
        (None, None) => write_event!(info),
    }
}
