//! Ranks with ties.

/// Ranks `values` from 1, ascending; equal values share the mean of their places.
///
/// # Panics
/// If a value is NaN, which has no place.
///
/// # Source
/// `scipy.stats.rankdata(method="average")`.
pub fn average_ranks(values: &[f64]) -> Vec<f64> {
    assert!(
        values.iter().all(|value| !value.is_nan()),
        "a NaN has no rank"
    );
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    // Chunked by `==` and not by the order's bits: 0.0 and -0.0 are adjacent, and equal.
    for group in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let shared = start as f64 + (group.len() as f64 + 1.0) / 2.0;
        for &position in group {
            ranks[position] = shared;
        }
        start += group.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_mean_of_their_places() {
        // 1 and 1 take places 1 and 2, 2 takes 3, the three 5s take 4, 5, 6.
        assert_eq!(
            average_ranks(&[5.0, 1.0, 5.0, 2.0, 1.0, 5.0]),
            [5.0, 1.5, 5.0, 3.0, 1.5, 5.0]
        );
        assert_eq!(average_ranks(&[0.0, -0.0]), [1.5, 1.5]);
        assert!(average_ranks(&[]).is_empty());
    }
}
