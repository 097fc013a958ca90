//! Forecasts of a model beside what happened.

use std::ops::Range;

use naeil_domain::ports::{ForecastError, Forecaster};
use naeil_domain::{Horizon, HorizonForecast};
use naeil_evaluation::TrainingRates;
use naeil_features::{FeaturePanel, Labels};

/// What a model said of one stock in one session, and the return that followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForecastRow {
    /// The as-of session, as an index of the panel's.
    pub session_idx: u32,
    /// The stock, as an index of the panel's.
    pub stock_idx: u32,
    /// What the model said, uncalibrated.
    pub forecast: HorizonForecast,
    /// Simple return from the as-of close to the target close.
    pub forward_return: f64,
    /// Simple return of the as-of session itself; `NaN` where unknown.
    pub last_return: f64,
}

/// Rows of every horizon, in the order of [`Horizon::ALL`], session by session.
pub type HorizonRows = [Vec<ForecastRow>; Horizon::COUNT];

/// Windows forecast in one pass: enough to fill the machine, few enough to stay in its caches.
const BATCH: usize = 256;

/// Forecasts every usable window of the as-of sessions and sets the outcomes beside them.
///
/// A row appears at a horizon if its window is usable and its label is not void, whatever the
/// model: two models that take the same features are scored on the same rows in the same order.
///
/// # Units
/// `sessions`: indices of as-of sessions of `panel`; `stock_idxs`: of its stocks, ascending.
///
/// # Errors
/// The forecaster's.
///
/// # Panics
/// If the forecaster takes windows of another panel.
pub fn score_rows(
    forecaster: &mut dyn Forecaster,
    panel: &FeaturePanel,
    labels: &Labels,
    sessions: Range<usize>,
    stock_idxs: &[usize],
) -> Result<HorizonRows, ForecastError> {
    let labelled: Vec<(usize, usize)> = usable_windows(panel, sessions, stock_idxs)
        .filter(|&(session_idx, stock_idx)| {
            Horizon::ALL
                .into_iter()
                .any(|h| labels.forward_return(session_idx, stock_idx, h).is_some())
        })
        .collect();
    let shape = forecaster.shape().clone();
    let index = |idx: usize| u32::try_from(idx).expect("no exchange has held 2^32 sessions");
    let mut rows = HorizonRows::default();
    for places in labelled.chunks(BATCH) {
        let windows = panel
            .gather(&shape, places.iter().copied())
            .expect("only usable windows are gathered");
        let forecasts = forecaster.forecast(&windows)?;
        for (&(session_idx, stock_idx), row) in places.iter().zip(&forecasts.rows) {
            let last_return = last_return(labels, session_idx, stock_idx);
            for horizon in Horizon::ALL {
                let Some(outcome) = labels.forward_return(session_idx, stock_idx, horizon) else {
                    continue;
                };
                rows[horizon.index()].push(ForecastRow {
                    session_idx: index(session_idx),
                    stock_idx: index(stock_idx),
                    forecast: row[horizon.index()],
                    forward_return: f64::from(outcome),
                    last_return,
                });
            }
        }
    }
    Ok(rows)
}

/// What the baselines learn from the training sessions, on the rows a model can learn from; `None`
/// at a horizon without any.
pub fn training_rates(
    panel: &FeaturePanel,
    labels: &Labels,
    sessions: Range<usize>,
    stock_idxs: &[usize],
) -> [Option<TrainingRates>; Horizon::COUNT] {
    let places: Vec<(usize, usize)> = usable_windows(panel, sessions, stock_idxs).collect();
    Horizon::ALL.map(|horizon| {
        TrainingRates::fit(places.iter().filter_map(|&(session_idx, stock_idx)| {
            let is_up = labels.is_up(session_idx, stock_idx, horizon)?;
            Some((last_return(labels, session_idx, stock_idx), is_up))
        }))
    })
}

/// The (session, stock) pairs of these stocks whose window is usable, session by session.
pub(crate) fn usable_windows(
    panel: &FeaturePanel,
    sessions: Range<usize>,
    stock_idxs: &[usize],
) -> impl Iterator<Item = (usize, usize)> {
    sessions
        .flat_map(move |session_idx| {
            stock_idxs
                .iter()
                .map(move |&stock_idx| (session_idx, stock_idx))
        })
        .filter(|&(session_idx, stock_idx)| panel.window(session_idx, stock_idx).is_ok())
}

/// The return of the as-of session itself: yesterday's one-session label. `NaN` where it is void,
/// which the baselines read as "unknown".
fn last_return(labels: &Labels, session_idx: usize, stock_idx: usize) -> f64 {
    session_idx
        .checked_sub(1)
        .and_then(|before| labels.forward_return(before, stock_idx, Horizon::OneDay))
        .map_or(f64::NAN, f64::from)
}

#[cfg(test)]
mod tests;
