//! Brier score.

use crate::row::ScoredRow;

/// Mean squared difference between the probability of a rise and what happened (1 or 0);
/// undefined without rows.
///
/// # Source
/// Brier (1950), in the form for two classes.
pub fn brier(rows: &[ScoredRow]) -> Option<f64> {
    let squared: f64 = rows
        .iter()
        .map(|row| (row.probability_up - f64::from(u8::from(row.is_up()))).powi(2))
        .sum();
    (!rows.is_empty()).then(|| squared / rows.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::fixture::{close_to, row, rows};

    #[test]
    fn agrees_with_scikit_learn() {
        close_to(brier(&rows()), 0.265_503_448_275_862_1);
    }

    #[test]
    fn agrees_with_hand_work() {
        // (0.25^2 + 0.5^2) / 2 = (0.0625 + 0.25) / 2 = 0.15625.
        assert_eq!(
            brier(&[row(0, 0.75, 0.1), row(0, 0.5, -0.1)]),
            Some(0.15625)
        );
        assert_eq!(brier(&[]), None);
    }
}
