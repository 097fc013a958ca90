//! What the network should say of a session: the market taken out of the labels.

#[cfg(test)]
mod tests;

use naeil_domain::Horizon;

use crate::data::SessionWindows;
use crate::ranking::mean_ranks;

/// The targets of every window of one session, void where a return is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SessionTargets {
    /// Per window and horizon: where its return stands among the session's, `(rank - 0.5) / n`, ties
    /// averaged; `NaN` where void.
    pub(crate) percentiles: Vec<[f32; Horizon::COUNT]>,
    /// Per horizon: the logit of the session's share of rises, `logit((ups + 0.5) / (n + 1))`.
    pub(crate) market: [f32; Horizon::COUNT],
}

impl SessionTargets {
    /// The targets of a session, from the returns of all of its windows.
    pub(crate) fn new(session: &SessionWindows) -> Self {
        let mut percentiles = vec![[f32::NAN; Horizon::COUNT]; session.returns.len()];
        let mut market = [0.0; Horizon::COUNT];
        for horizon in Horizon::ALL {
            let horizon_idx = horizon.index();
            let labelled: Vec<usize> = (0..session.returns.len())
                .filter(|&row| !session.returns[row][horizon_idx].is_nan())
                .collect();
            let returns: Vec<f32> = labelled
                .iter()
                .map(|&row| session.returns[row][horizon_idx])
                .collect();
            let n = returns.len() as f64;
            for (&row, rank) in labelled.iter().zip(mean_ranks(&returns)) {
                percentiles[row][horizon_idx] = ((rank - 0.5) / n) as f32;
            }
            let ups = returns.iter().filter(|&&value| value > 0.0).count() as f64;
            // Half a count towards one half, so that a session in which all fell has a logit.
            let share = (ups + 0.5) / (n + 1.0);
            market[horizon_idx] = (share / (1.0 - share)).ln() as f32;
        }
        Self {
            percentiles,
            market,
        }
    }
}
