//! The prediction service through its public face, on the real cache and the real registry; the
//! model, the bars and the log are fakes.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

mod batch;
mod calendar;
mod limits;
mod predict;
mod refresh;
mod support;
mod time;
