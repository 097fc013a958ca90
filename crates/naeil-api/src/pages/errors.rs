//! The part of the documentation page that shows one example of each error.

use std::fmt::Write as _;

use crate::error_code::ErrorCode;
use crate::openapi::example_of;

/// One block an error code, each with the anchor that a problem's `type` points at.
pub(super) fn section() -> String {
    let mut html = String::new();
    for code in ErrorCode::ALL {
        let example = serde_json::to_string_pretty(&example_of(code))
            .expect("a JSON value can always be written");
        let word = code.as_str();
        let retry = if code.is_retryable() {
            "The same request may succeed later."
        } else {
            "The same request will fail again."
        };
        write!(
            html,
            "<article id=\"error-{word}\">\n<h3><code>{word}</code> <span>{status}</span></h3>\n\
             <p>{title}: {advice}. {retry}</p>\n<pre>{example}</pre>\n</article>\n",
            status = code.status().as_u16(),
            title = escape(code.title()),
            advice = escape(code.advice()),
            example = escape(&example),
        )
        .expect("writing to a string does not fail");
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
