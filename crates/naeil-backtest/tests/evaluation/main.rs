//! A whole evaluation on a small simulated market, and leaks planted in it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where it stopped"
)]

mod leaks;
mod report;
mod resume;
mod support;
