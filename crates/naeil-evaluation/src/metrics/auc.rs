//! Area under the ROC curve.

use crate::metrics::ranks::average_ranks;
use crate::row::ScoredRow;

/// Probability that a rise drawn at random was given a higher probability than a fall drawn at
/// random, a tie counting half; undefined when only one of the two occurs.
///
/// With R the sum of the rises' average ranks, P rises and N others:
/// AUC = (R - P (P + 1) / 2) / (P N).
///
/// # Panics
/// If a probability is NaN.
///
/// # Source
/// Mann and Whitney (1947); Hanley and McNeil (1982) for the identity.
pub fn auc(rows: &[ScoredRow]) -> Option<f64> {
    let probabilities: Vec<f64> = rows.iter().map(|row| row.probability_up).collect();
    auc_of_ranks(
        &average_ranks(&probabilities),
        rows.iter().map(ScoredRow::is_up),
    )
}

/// The same from the average ranks of the scores.
pub(crate) fn auc_of_ranks(ranks: &[f64], is_up: impl Iterator<Item = bool>) -> Option<f64> {
    let (mut rises, mut rank_sum) = (0.0, 0.0);
    for (rank, is_up) in ranks.iter().zip(is_up) {
        if is_up {
            rises += 1.0;
            rank_sum += rank;
        }
    }
    let others = ranks.len() as f64 - rises;
    let pairs = rises * others;
    (pairs > 0.0).then(|| (rank_sum - rises * (rises + 1.0) / 2.0) / pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::fixture::{close_to, row, rows};

    #[test]
    fn agrees_with_scikit_learn() {
        close_to(auc(&rows()), 0.590_476_190_476_190_4);
    }

    #[test]
    fn ties_count_half() {
        // Pairs (rise, fall): (0.5, 0.5) half, (0.5, 0.1) one, (0.9, 0.5) one, (0.9, 0.1) one:
        // 3.5 of 4.
        let tied = [
            row(0, 0.5, 0.1),
            row(0, 0.9, 0.1),
            row(0, 0.5, -0.1),
            row(0, 0.1, -0.1),
        ];
        assert_eq!(auc(&tied), Some(0.875));
    }

    #[test]
    fn one_class_only_is_none() {
        assert_eq!(auc(&[row(0, 0.5, 0.1), row(0, 0.6, 0.2)]), None);
        assert_eq!(auc(&[row(0, 0.5, -0.1)]), None);
        assert_eq!(auc(&[]), None);
    }
}
