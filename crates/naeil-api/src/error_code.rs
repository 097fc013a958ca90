//! The closed set of error codes: what a client may match on, and which status each one has.

use actix_web::http::StatusCode;

/// A stable word for one kind of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
    /// The request makes no sense as HTTP.
    BadRequest,
    /// The body is not JSON.
    InvalidJson,
    /// More stock codes than one batch may hold.
    BatchTooLarge,
    /// There is no bearer token.
    MissingToken,
    /// The token is not accepted.
    InvalidToken,
    /// The token was good once.
    ExpiredToken,
    /// The token lacks the scope that the route needs.
    InsufficientScope,
    /// No stock has this code.
    UnknownStockCode,
    /// Nothing is served at this path.
    RouteNotFound,
    /// The path is served, but not with this method.
    MethodNotAllowed,
    /// The body did not arrive in time.
    RequestTimeout,
    /// The body is too large.
    PayloadTooLarge,
    /// The address is too long.
    UriTooLong,
    /// The body is not declared as JSON, or is encoded in an unknown way.
    UnsupportedMediaType,
    /// The body has a field that the route does not know.
    UnknownField,
    /// The body lacks a field.
    MissingField,
    /// The body has a field twice.
    DuplicateField,
    /// A field has the wrong type.
    WrongType,
    /// The query has a parameter that the route does not know, or one twice.
    UnknownParameter,
    /// The horizon is none of the known ones.
    InvalidHorizon,
    /// The batch holds no stock code.
    EmptyBatch,
    /// The stock has too few usable bars.
    NotEnoughHistory,
    /// The headers are too large.
    HeadersTooLarge,
    /// Something broke on the server.
    InternalError,
    /// No model answers yet.
    NoModel,
    /// The server has more work than it can queue.
    Overloaded,
    /// The trading calendar's data do not reach the target session.
    CalendarExhausted,
    /// The answer did not come in time.
    DeadlineExceeded,
}

/// What is fixed about a code.
struct Facts {
    word: &'static str,
    status: u16,
    title: &'static str,
    retryable: bool,
    advice: &'static str,
}

const fn facts(
    word: &'static str,
    status: u16,
    title: &'static str,
    retryable: bool,
    advice: &'static str,
) -> Facts {
    Facts {
        word,
        status,
        title,
        retryable,
        advice,
    }
}

impl ErrorCode {
    /// Every code, in the order of statuses.
    pub const ALL: [Self; 28] = [
        Self::BadRequest,
        Self::InvalidJson,
        Self::BatchTooLarge,
        Self::MissingToken,
        Self::InvalidToken,
        Self::ExpiredToken,
        Self::InsufficientScope,
        Self::UnknownStockCode,
        Self::RouteNotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::PayloadTooLarge,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::UnknownField,
        Self::MissingField,
        Self::DuplicateField,
        Self::WrongType,
        Self::UnknownParameter,
        Self::InvalidHorizon,
        Self::EmptyBatch,
        Self::NotEnoughHistory,
        Self::HeadersTooLarge,
        Self::InternalError,
        Self::NoModel,
        Self::Overloaded,
        Self::CalendarExhausted,
        Self::DeadlineExceeded,
    ];

    #[rustfmt::skip]
    const fn facts(self) -> Facts {
        match self {
            Self::BadRequest => facts("bad_request", 400, "The request cannot be understood", false,
                "check the request line, the headers and the encoding"),
            Self::InvalidJson => facts("invalid_json", 400, "The body is not valid JSON", false,
                "send one JSON object in UTF-8, without a byte order mark and with nothing after it"),
            Self::BatchTooLarge => facts("batch_too_large", 400, "Too many stock codes in one batch", false,
                "split the list into batches of at most 100 stock codes"),
            Self::MissingToken => facts("missing_token", 401, "A bearer token is needed", false,
                "send the header 'Authorization: Bearer TOKEN'"),
            Self::InvalidToken => facts("invalid_token", 401, "The bearer token is not accepted", false,
                "get a new token from whoever runs this server"),
            Self::ExpiredToken => facts("expired_token", 401, "The bearer token has expired", false,
                "get a new token from whoever runs this server"),
            Self::InsufficientScope => facts("insufficient_scope", 403, "The token lacks a scope", false,
                "ask for a token that has the scope named in WWW-Authenticate"),
            Self::UnknownStockCode => facts("unknown_stock_code", 404, "No stock has this code", false,
                "check the code; it is text such as 005930, with its leading zeros"),
            Self::RouteNotFound => facts("route_not_found", 404, "Nothing is served at this path", false,
                "see /docs for the paths that are"),
            Self::MethodNotAllowed => facts("method_not_allowed", 405, "This path does not take this method", false,
                "use a method named in the Allow header"),
            Self::RequestTimeout => facts("request_timeout", 408, "The request body did not arrive in time", true,
                "send the body without pauses"),
            Self::PayloadTooLarge => facts("payload_too_large", 413, "The request body is too large", false,
                "send fewer stock codes in one batch"),
            Self::UriTooLong => facts("uri_too_long", 414, "The address is too long", false,
                "shorten the path and the query"),
            Self::UnsupportedMediaType => facts("unsupported_media_type", 415, "The body's media type is not supported", false,
                "send 'Content-Type: application/json', plain or with 'Content-Encoding: gzip'"),
            Self::UnknownField => facts("unknown_field", 422, "The body has an unknown field", false,
                "remove the field or correct its name"),
            Self::MissingField => facts("missing_field", 422, "The body lacks a field", false,
                "add the field that the detail names"),
            Self::DuplicateField => facts("duplicate_field", 422, "The body has a field twice", false,
                "give each field once"),
            Self::WrongType => facts("wrong_type", 422, "A field has the wrong type", false,
                "correct the value that the detail names; stock codes are text in quotes"),
            Self::UnknownParameter => facts("unknown_parameter", 422, "The query has an unknown or repeated parameter", false,
                "remove the parameter or correct its name"),
            Self::InvalidHorizon => facts("invalid_horizon", 422, "The horizon is unknown", false,
                "choose one of 1d, 5d, 20d"),
            Self::EmptyBatch => facts("empty_batch", 422, "The batch holds no stock code", false,
                "name at least one stock code"),
            Self::NotEnoughHistory => facts("not_enough_history", 422, "The stock has too little usable history", false,
                "ask again once the stock has traded for long enough"),
            Self::HeadersTooLarge => facts("headers_too_large", 431, "The request headers are too large", false,
                "send fewer or shorter headers"),
            Self::InternalError => facts("internal_error", 500, "Something broke on the server", true,
                "try again; if it stays, report the request id"),
            Self::NoModel => facts("no_model", 503, "No model answers yet", true,
                "wait as long as Retry-After says"),
            Self::Overloaded => facts("overloaded", 503, "The server has more work than it can take", true,
                "wait as long as Retry-After says"),
            Self::CalendarExhausted => facts("calendar_exhausted", 503, "The trading calendar does not reach the target session", false,
                "choose a shorter horizon, or ask whoever runs this server to update its trading calendar"),
            Self::DeadlineExceeded => facts("deadline_exceeded", 504, "The answer did not come in time", true,
                "try again, with fewer stock codes at once"),
        }
    }

    /// The word in a reply's `code`.
    pub const fn as_str(self) -> &'static str {
        self.facts().word
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.facts().status).expect("the table holds valid statuses only")
    }

    /// One line for people, the same for every error of this kind.
    pub const fn title(self) -> &'static str {
        self.facts().title
    }

    /// Whether the same request may succeed later.
    pub const fn is_retryable(self) -> bool {
        self.facts().retryable
    }

    /// What to do about it.
    pub const fn advice(self) -> &'static str {
        self.facts().advice
    }

    /// The code for an error status that the framework made by itself.
    pub fn of_framework_status(status: StatusCode) -> Self {
        match status.as_u16() {
            404 => Self::RouteNotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::RequestTimeout,
            413 => Self::PayloadTooLarge,
            414 => Self::UriTooLong,
            415 => Self::UnsupportedMediaType,
            431 => Self::HeadersTooLarge,
            503 => Self::Overloaded,
            504 => Self::DeadlineExceeded,
            400..=499 => Self::BadRequest,
            _ => Self::InternalError,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn words_are_distinct_and_statuses_ascend() {
        let words: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), ErrorCode::ALL.len());
        assert!(ErrorCode::ALL.is_sorted_by_key(|code| code.status()));
        assert!(ErrorCode::ALL.is_sorted());
    }

    #[test]
    fn framework_statuses_keep_their_class() {
        for number in 400..600 {
            let status = StatusCode::from_u16(number).unwrap();
            let code = ErrorCode::of_framework_status(status);
            assert_eq!(code.status().is_client_error(), status.is_client_error());
        }
    }
}
