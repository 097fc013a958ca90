//! What trees are grown towards, and what validation judges them by.

use naeil_domain::Horizon;

use super::histogram::Derivatives;
use crate::judge::{log_loss_given_base, rank_ic, sigmoid};
use crate::tabular::TabularData;

/// One of the two targets of a horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objective {
    /// Half the squared distance to the percentile of the return; judged by rank IC.
    Relative,
    /// Log loss of the direction, the logit of the session's base rate added to the score as a fixed
    /// offset; judged by the same.
    Direction,
}

impl Objective {
    /// Where every score begins: the mean of all percentiles; no opinion beyond the base rate.
    pub(crate) const fn start(self) -> f64 {
        match self {
            Self::Relative => 0.5,
            Self::Direction => 0.0,
        }
    }

    /// First and second derivative of the loss of one row, with respect to its score.
    pub(crate) fn derivatives(
        self,
        data: &TabularData,
        horizon: Horizon,
        row: usize,
        score: f64,
    ) -> Derivatives {
        let targets = data.targets(horizon);
        match self {
            Self::Relative => Derivatives {
                gradient: (score - f64::from(targets.percentile[row])) as f32,
                hessian: 1.0,
            },
            Self::Direction => {
                let p = sigmoid(score + f64::from(targets.base_logit[row]));
                let up = f64::from(u8::from(targets.is_up(row)));
                Derivatives {
                    gradient: (p - up) as f32,
                    hessian: (p * (1.0 - p)) as f32,
                }
            }
        }
    }

    /// How good scores are on validation rows: the higher, the better.
    pub(crate) fn merit(self, rows: &TabularData, horizon: Horizon, scores: &[f64]) -> f64 {
        match self {
            Self::Relative => rank_ic(rows, horizon, scores),
            Self::Direction => -log_loss_given_base(rows, horizon, scores),
        }
    }
}
