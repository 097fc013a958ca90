//! Spearman's rank correlation of one session.

/// Fewer pairs say nothing about ordering.
const MIN_PAIRS: usize = 5;

/// Correlates the average ranks of the two sides of `pairs`; `None` for fewer than five pairs or a
/// side that does not vary.
pub(crate) fn rank_correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.len() < MIN_PAIRS {
        return None;
    }
    // Twice the distance from the mean rank keeps every term a whole number, so sums are exact.
    let left = doubled_centred_ranks(pairs.iter().map(|pair| pair.0).collect());
    let right = doubled_centred_ranks(pairs.iter().map(|pair| pair.1).collect());
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let scale = (product(&left, &left) * product(&right, &right)).sqrt();
    (scale > 0.0).then(|| product(&left, &right) / scale)
}

fn doubled_centred_ranks(values: Vec<f64>) -> Vec<f64> {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; n];
    let mut start = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let doubled_rank = (2 * start + tied.len() + 1) as f64;
        for &position in tied {
            ranks[position] = doubled_rank - (n + 1) as f64;
        }
        start += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_hand_work() {
        // Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 - 6 x (1 + 1 + 1 + 1) / (5 x 24) = 0.8.
        let pairs = [
            (0.1, 20.0),
            (0.2, 10.0),
            (0.3, 40.0),
            (0.4, 30.0),
            (0.5, 50.0),
        ];
        assert!((rank_correlation(&pairs).unwrap() - 0.8).abs() < 1e-12);
    }

    #[test]
    fn agrees_with_scipy_on_ties() {
        // scipy.stats.spearmanr([1, 1, 2, 3, 3, 4], [5, 6, 6, 2, 1, 1])
        let pairs = [
            (1.0, 5.0),
            (1.0, 6.0),
            (2.0, 6.0),
            (3.0, 2.0),
            (3.0, 1.0),
            (4.0, 1.0),
        ];
        let expected = -0.818181818181818;
        assert!((rank_correlation(&pairs).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_ordered_has_none() {
        assert_eq!(rank_correlation(&[(1.0, 1.0); 4]), None);
        assert_eq!(
            rank_correlation(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0), (1.0, 4.0), (1.0, 5.0)]),
            None
        );
    }
}
