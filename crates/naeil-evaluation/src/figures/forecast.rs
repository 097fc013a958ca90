//! What a forecaster said, column by column, beside the outcomes.

use naeil_domain::{Direction, QUANTILE_LEVELS};

use crate::Outcomes;

/// What one forecaster said of every row of some [`Outcomes`].
///
/// # Shapes
/// Every column given: one value a row.
#[derive(Debug, Clone, Copy, Default)]
pub struct ForecastColumns<'a> {
    /// The score that orders the stocks of a session.
    pub relative: &'a [f64],
    /// Probability that the close is higher, 0 to 1.
    pub probability_up: Option<&'a [f64]>,
    /// What the decision policy answered.
    pub direction: Option<&'a [Direction]>,
    /// Interval of the simple return.
    pub interval: Option<IntervalColumns<'a>>,
    /// Quantiles of the simple return at [`QUANTILE_LEVELS`].
    pub quantiles: Option<&'a [[f64; QUANTILE_LEVELS.len()]]>,
    /// Single factors, one column each, that the rank IC is also taken beyond; NaN where missing.
    pub factors: &'a [&'a [f64]],
}

/// Ends of return intervals.
#[derive(Debug, Clone, Copy)]
pub struct IntervalColumns<'a> {
    /// Lower ends.
    pub lower: &'a [f64],
    /// Upper ends, none below its lower one.
    pub upper: &'a [f64],
}

/// A forecast that cannot be scored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidForecast {
    /// A column and the outcomes differ in length.
    #[error("column {column} has {n_values} values for {n_rows} outcomes; give one a row")]
    Length {
        /// Which column.
        column: &'static str,
        /// Values given.
        n_values: usize,
        /// Rows of the outcomes.
        n_rows: usize,
    },
    /// A value that is no answer. A forecaster that failed on one row (NaN from a diverged training,
    /// say) has no score, rather than one over the rows it managed.
    #[error("column {column} holds {value} in row {row}; {expected}")]
    Value {
        /// Which column.
        column: &'static str,
        /// The first row concerned.
        row: usize,
        /// What it holds.
        value: f64,
        /// What it has to be.
        expected: &'static str,
    },
    /// The quarter labels and the sessions differ in number.
    #[error("{n_labels} quarter labels for {n_sessions} sessions; give one a session, or none")]
    Quarters {
        /// Labels given.
        n_labels: usize,
        /// Sessions of the outcomes.
        n_sessions: usize,
    },
}

impl ForecastColumns<'_> {
    /// # Errors
    /// [`InvalidForecast`] for the first column that cannot be scored.
    pub(super) fn check(&self, outcomes: &Outcomes) -> Result<(), InvalidForecast> {
        let n_rows = outcomes.len();
        let finite = |x: f64| x.is_finite();
        check_column("relative", self.relative, n_rows, finite, FINITE)?;
        if let Some(column) = self.probability_up {
            let is_probability = |x: f64| (0.0..=1.0).contains(&x);
            check_column(
                "probability_up",
                column,
                n_rows,
                is_probability,
                PROBABILITY,
            )?;
        }
        if let Some(column) = self.direction {
            check_length("direction", column.len(), n_rows)?;
        }
        if let Some(IntervalColumns { lower, upper }) = self.interval {
            check_column("interval.lower", lower, n_rows, finite, FINITE)?;
            check_column("interval.upper", upper, n_rows, finite, FINITE)?;
            if let Some(row) = (0..n_rows).find(|&row| upper[row] < lower[row]) {
                return Err(InvalidForecast::Value {
                    column: "interval.upper",
                    row,
                    value: upper[row],
                    expected: "it has to be at least the lower end",
                });
            }
        }
        if let Some(column) = self.quantiles {
            check_length("quantiles", column.len(), n_rows)?;
            if let Some(row) = (0..n_rows).find(|&row| !column[row].iter().all(|x| x.is_finite())) {
                return Err(InvalidForecast::Value {
                    column: "quantiles",
                    row,
                    value: f64::NAN,
                    expected: FINITE,
                });
            }
        }
        (self.factors.iter()).try_for_each(|column| check_length("factors", column.len(), n_rows))
    }
}

const FINITE: &str = "it has to be finite";
const PROBABILITY: &str = "it has to be a probability, 0 to 1";

fn check_length(
    column: &'static str,
    n_values: usize,
    n_rows: usize,
) -> Result<(), InvalidForecast> {
    if n_values == n_rows {
        return Ok(());
    }
    Err(InvalidForecast::Length {
        column,
        n_values,
        n_rows,
    })
}

fn check_column(
    column: &'static str,
    values: &[f64],
    n_rows: usize,
    is_sound: impl Fn(f64) -> bool,
    expected: &'static str,
) -> Result<(), InvalidForecast> {
    check_length(column, values.len(), n_rows)?;
    match values.iter().position(|&value| !is_sound(value)) {
        None => Ok(()),
        Some(row) => Err(InvalidForecast::Value {
            column,
            row,
            value: values[row],
            expected,
        }),
    }
}
