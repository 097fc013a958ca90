//! What rows are taught and judged by.

use std::ops::Range;

use naeil_evaluation::metrics::ranks::average_ranks;

/// Outcomes of one horizon, with the market taken out of them.
///
/// # Shapes
/// Every column: one value a row. Where a label is void, `forward_return` and `percentile` are
/// `NaN`, and so is the row of no use at this horizon.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HorizonTargets {
    /// Simple return from the as-of close to the target close.
    pub forward_return: Vec<f32>,
    /// (rank of the return in its session - 0.5) / n over the session's n known outcomes; ties
    /// share their mean rank.
    pub percentile: Vec<f32>,
    /// Logit of the session's own share of rises, B = ln((ups + 0.5) / (n - ups + 0.5)): 0 in a
    /// session without outcomes.
    pub base_logit: Vec<f32>,
    /// Rows whose outcome is known, ascending.
    known: Vec<u32>,
}

impl HorizonTargets {
    /// Of returns, session by session.
    pub(crate) fn new(forward_return: Vec<f32>, sessions: &[Range<usize>]) -> Self {
        let n_rows = forward_return.len();
        let mut targets = Self {
            percentile: vec![f32::NAN; n_rows],
            base_logit: vec![0.0; n_rows],
            known: Vec::new(),
            forward_return,
        };
        for session in sessions {
            targets.fill_session(session.clone());
        }
        targets
    }

    fn fill_session(&mut self, session: Range<usize>) {
        let rows: Vec<usize> = session
            .clone()
            .filter(|&row| !self.forward_return[row].is_nan())
            .collect();
        if rows.is_empty() {
            return;
        }
        let returns: Vec<f64> = (rows.iter())
            .map(|&row| f64::from(self.forward_return[row]))
            .collect();
        let n = rows.len() as f64;
        let ups = returns.iter().filter(|&&value| value > 0.0).count() as f64;
        for (&row, rank) in rows.iter().zip(average_ranks(&returns)) {
            self.percentile[row] = ((rank - 0.5) / n) as f32;
            self.known.push(row as u32);
        }
        // The logit of (ups + 0.5) / (n + 1).
        self.base_logit[session].fill(((ups + 0.5) / (n - ups + 0.5)).ln() as f32);
    }

    /// Rows whose outcome is known, ascending.
    pub fn known(&self) -> &[u32] {
        &self.known
    }

    /// Whether the close of a row rose; an unchanged one, and one without outcome, did not.
    pub fn is_up(&self, row: usize) -> bool {
        self.forward_return[row] > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_market_out_of_a_session() {
        // Session 0: returns .02, void, -.01, .02 and 0; session 1: void only; session 2: one fall.
        let returns = vec![0.02, f32::NAN, -0.01, 0.02, 0.0, f32::NAN, -0.3];
        let targets = HorizonTargets::new(returns, &[0..5, 5..6, 6..7]);
        assert_eq!(targets.known(), [0, 2, 3, 4, 6]);
        // Of four known, the two .02 share ranks 3 and 4: (3.5 - 0.5) / 4.
        assert_eq!(targets.percentile[0], 0.75);
        assert!(targets.percentile[1].is_nan());
        assert_eq!(targets.percentile[2], 0.125);
        assert_eq!(targets.percentile[3], 0.75);
        assert_eq!(targets.percentile[4], 0.375);
        assert!(targets.percentile[5].is_nan());
        assert_eq!(targets.percentile[6], 0.5);
        // Two of four rose: (2 + .5) / 5 = .5; none of one: .5 / 2 = .25, of which the logit is
        // ln(1 / 3).
        assert_eq!(targets.base_logit[..5], [0.0; 5]);
        assert_eq!(targets.base_logit[5], 0.0);
        assert!((targets.base_logit[6] - (1.0_f32 / 3.0).ln()).abs() < 1e-6);
        assert!(targets.is_up(0) && !targets.is_up(4) && !targets.is_up(1));
    }
}
