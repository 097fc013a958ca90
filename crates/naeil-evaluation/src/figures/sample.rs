//! The rows that a figure counts.

use std::ops::Range;

use naeil_domain::Direction;

use super::forecast::ForecastColumns;
use super::metric::Ties;
use crate::Outcomes;

/// Some rows of the outcomes with what was said of them; as many sessions as the outcomes have,
/// though one may be left without rows.
pub(super) struct Sample {
    pub(super) sessions: Vec<Range<usize>>,
    pub(super) returns: Vec<f64>,
    pub(super) is_up: Vec<bool>,
    pub(super) relative: Vec<f64>,
    pub(super) probability_up: Option<Vec<f64>>,
    pub(super) direction: Option<Vec<Direction>>,
}

impl Sample {
    pub(super) fn new(outcomes: &Outcomes, forecast: &ForecastColumns, ties: Ties) -> Self {
        let returns = outcomes.forward_return();
        let mut rows = Vec::with_capacity(outcomes.len());
        let mut sessions = Vec::with_capacity(outcomes.sessions().len());
        for session in outcomes.sessions() {
            let start = rows.len();
            rows.extend(session.clone().filter(|&row| match ties {
                Ties::Counted => true,
                Ties::LeftOut => returns[row] != 0.0,
            }));
            sessions.push(start..rows.len());
        }
        fn pick<T: Copy>(rows: &[usize], column: &[T]) -> Vec<T> {
            rows.iter().map(|&row| column[row]).collect()
        }
        Self {
            sessions,
            returns: pick(&rows, returns),
            is_up: rows.iter().map(|&row| outcomes.is_up(row)).collect(),
            relative: pick(&rows, forecast.relative),
            probability_up: forecast.probability_up.map(|column| pick(&rows, column)),
            direction: forecast.direction.map(|column| pick(&rows, column)),
        }
    }
}
