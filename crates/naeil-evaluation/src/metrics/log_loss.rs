//! Log loss.

use crate::row::ScoredRow;

/// Probabilities are clipped to `PROBABILITY_FLOOR ..= 1 - PROBABILITY_FLOOR` before their logarithm
/// is taken, so a certain and wrong forecast costs 34.5 and not infinity.
pub const PROBABILITY_FLOOR: f64 = 1e-15;

/// Mean negative log likelihood of what happened, natural logarithm; undefined without rows.
pub fn log_loss(rows: &[ScoredRow]) -> Option<f64> {
    let total: f64 = rows
        .iter()
        .map(|row| surprise(row.probability_up, row.is_up()))
        .sum();
    (!rows.is_empty()).then(|| total / rows.len() as f64)
}

/// Negative log likelihood of one outcome.
pub(crate) fn surprise(probability_up: f64, is_up: bool) -> f64 {
    let up = probability_up.clamp(PROBABILITY_FLOOR, 1.0 - PROBABILITY_FLOOR);
    // ln_1p(-up) keeps what 1 - up would round away near 0.
    -if is_up { up.ln() } else { (-up).ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::fixture::{close_to, row, rows};

    #[test]
    fn agrees_with_scikit_learn() {
        close_to(log_loss(&rows()), 0.744_607_904_971_194_8);
    }

    #[test]
    fn a_coin_costs_ln_2_and_certainty_is_clipped() {
        close_to(
            log_loss(&[row(0, 0.5, 0.1), row(0, 0.5, -0.1)]),
            std::f64::consts::LN_2,
        );
        // -ln(1e-15) = 15 ln 10 = 34.538776...
        let floor = 15.0 * std::f64::consts::LN_10;
        close_to(log_loss(&[row(0, 0.0, 0.1)]), floor);
        assert!((log_loss(&[row(0, 1.0, -0.1)]).unwrap() - floor).abs() < 0.002);
        assert_eq!(log_loss(&[]), None);
    }
}
