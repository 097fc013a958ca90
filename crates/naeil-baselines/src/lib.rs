//! Forecasters that a network has to beat: single untrained factors, linear models and gradient
//! boosting, trained and judged on the very rows that the network is.
//!
//! Start at [`TabularData::collect`]: every usable window of a range of sessions becomes one row,
//! with the columns of its as-of session as the network's wide path sees them. A [`Baseline`] is
//! fitted on training rows, chooses its few settings on validation rows, and then scores any rows.
//!
//! This crate knows no network, no file and no clock, and what it computes does not depend on the
//! number of threads.
#![warn(missing_docs)]

mod baseline;
mod boosting;
mod error;
mod factor;
mod judge;
mod linear;
mod tabular;
mod targets;
#[cfg(test)]
mod test_rows;

pub use baseline::{Baseline, BaselineScores, FittedBaseline};
pub use boosting::{BoostingConfig, GradientBoosting};
pub use error::BaselineError;
pub use factor::{Factor, SIMPLE_FACTORS, SingleFactor, factor_named};
pub use linear::{LinearBaseline, PENALTIES};
pub use tabular::TabularData;
pub use targets::HorizonTargets;
