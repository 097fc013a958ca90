//! Information coefficients: the correlation of score and return within each session.

use naeil_domain::Horizon;

use crate::metrics::ranks::average_ranks;
use crate::row::ScoredRow;
use crate::{Bootstrap, Statistic};

/// A session with fewer rows says nothing about ordering and is left out.
pub const MIN_SESSION_ROWS: usize = 5;

/// The mean of a daily information coefficient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DailyIc {
    /// Mean over the sessions that count, each with the same weight.
    pub mean: f64,
    /// Standard error of the mean by blocks of sessions, allowing for labels of neighbouring sessions
    /// that share returns ([`Bootstrap::of_horizon`]): 1.96 of it to either side hold the truth about
    /// 94 times of 100 from 240 sessions on. `None` for fewer sessions than twice the horizon, where it
    /// would mostly measure how alike overlapping labels are.
    pub standard_error: Option<f64>,
    /// Sessions that count: at least [`MIN_SESSION_ROWS`] rows, and neither all scores nor all
    /// returns equal.
    pub n_sessions: usize,
}

/// Correlates probability and return within each session (Pearson) and averages over sessions;
/// undefined when no session counts.
pub fn ic(rows: &[ScoredRow], horizon: Horizon) -> Option<DailyIc> {
    daily_mean(rows, horizon, correlation)
}

/// Correlates the average ranks of probability and return within each session (Spearman) and
/// averages over sessions; undefined when no session counts.
pub fn rank_ic(rows: &[ScoredRow], horizon: Horizon) -> Option<DailyIc> {
    daily_mean(rows, horizon, |scores, returns| {
        correlation(&average_ranks(scores), &average_ranks(returns))
    })
}

fn daily_mean(
    rows: &[ScoredRow],
    horizon: Horizon,
    correlate: impl Fn(&[f64], &[f64]) -> Option<f64>,
) -> Option<DailyIc> {
    let mut by_session: Vec<&ScoredRow> = rows.iter().collect();
    by_session.sort_by_key(|row| row.session_idx);
    let daily: Vec<(u32, f64)> = by_session
        .chunk_by(|a, b| a.session_idx == b.session_idx)
        .filter(|session| session.len() >= MIN_SESSION_ROWS)
        .filter_map(|session| {
            let scores: Vec<f64> = session.iter().map(|row| row.probability_up).collect();
            let returns: Vec<f64> = session.iter().map(|row| row.forward_return).collect();
            Some((session[0].session_idx, correlate(&scores, &returns)?))
        })
        .collect();
    if daily.is_empty() {
        return None;
    }
    let standard_error = if daily.len() < 2 * horizon.steps() {
        None
    } else {
        standard_error(&daily, horizon)
    };
    Some(DailyIc {
        mean: daily.iter().map(|&(_, value)| value).sum::<f64>() / daily.len() as f64,
        standard_error,
        n_sessions: daily.len(),
    })
}

/// `daily` ascends in session; a session missing on the axis draws as one that does not count.
fn standard_error(daily: &[(u32, f64)], horizon: Horizon) -> Option<f64> {
    let (first, last) = (daily.first()?.0, daily.last()?.0);
    let mut values = vec![None; (last - first + 1) as usize];
    for &(session_idx, value) in daily {
        values[(session_idx - first) as usize] = Some(value);
    }
    let figure = Bootstrap::of_horizon(horizon).figure(&Statistic::mean(values))?;
    Some(figure.standard_error)
}

/// Pearson's correlation; undefined when either side does not vary.
pub(crate) fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    // Asked of the values: the mean of equal values may round, and their variance not be 0.
    let varies = |values: &[f64]| values.iter().any(|&value| value != values[0]);
    if !(varies(x) && varies(y)) {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    let scale = xx.sqrt() * yy.sqrt();
    // Differences too small to square leave nothing to divide by.
    (scale > 0.0).then(|| (xy / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests;
