//! Return intervals that hold the outcome as often as they say, and keep doing so.
//!
//! Split-conformal prediction around the median (Romano, Patterson and Candes, "Conformalized
//! quantile regression", 2019, in its scaled form) with an online update of what each tail is
//! aimed at (Gibbs and Candes, "Adaptive conformal inference under distribution shift", 2021).
//! Each tail has its own scale. For the lower one the conformity score of a row is
//!
//! ```text
//! s = (median - outcome) / (median - q05)          outcome < lower  <=>  s > lower_scale
//! ```
//!
//! and the scale is the score that a share `a` of the last sessions' rows exceeds. After each
//! session whose outcomes became known, `a` moves by `rate * (target - missed)`, where `missed` is
//! the share of the session's rows below the interval that was given at the time. While `a` lies
//! beyond what a scale may be aimed at, the scale stays at that bound and `a` is remembered, so that
//! the misses of a burst are made up for in quiet sessions.

mod histogram;
mod horizon;
mod tail;

pub use horizon::{ConformalConfig, IntervalCalibrator, intervals_as_time_goes};

#[cfg(test)]
mod tests;
