//! Scores forecasts against what happened, beside forecasters that know nothing.
//!
//! Start at [`evaluate_horizon`]: scored rows of one horizon in, the domain's
//! [`HorizonEvaluation`](naeil_domain::HorizonEvaluation) out. [`fit_thresholds`] sets a decision
//! policy and [`render_table`] prints a report. [`HorizonFigures::of`] is the whole table of figures of
//! one forecaster, each with an interval by blocks of sessions ([`Bootstrap`]), [`differences`] that of
//! two compared on the same sessions. Everything is a pure function of its arguments:
//! this crate knows no model, no file and no clock. A score that is undefined is `None`, never 0.

mod baseline;
mod bootstrap;
pub mod calibration;
mod calibrator;
pub mod conformal;
mod figures;
mod horizon;
pub mod metrics;
mod outcomes;
mod row;
#[cfg(test)]
mod simulated;
mod table;
mod thresholds;

pub use baseline::TrainingRates;
pub use bootstrap::{BLOCK_LENGTH, Bootstrap, Figure, Statistic};
pub use figures::{
    ForecastColumns, ForecastScores, HorizonFigures, IntervalColumns, InvalidForecast, Metric,
    MetricFigure, QuarterFigure, ScoringSettings, Ties, differences,
};
pub use calibrator::Calibrator;
pub use horizon::{evaluate_horizon, score};
pub use metrics::ic::{DailyIc, ic, rank_ic};
pub use outcomes::Outcomes;
pub use row::ScoredRow;
pub use table::render_table;
pub use thresholds::fit_thresholds;
