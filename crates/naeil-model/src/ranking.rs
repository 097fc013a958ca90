//! Ranks within a session.

#[cfg(test)]
mod tests;

/// The ranks of values from 1, equal ones sharing the mean of theirs.
///
/// # Panics
/// If a value is `NaN`.
pub(crate) fn mean_ranks(values: &[f32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let ascending = |&a: &usize, &b: &usize| {
        let (a, b) = (values[a], values[b]);
        a.partial_cmp(&b).expect("ranked values are numbers")
    };
    order.sort_unstable_by(ascending);
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for ties in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = below as f64 + (ties.len() as f64 + 1.0) / 2.0;
        for &idx in ties {
            ranks[idx] = rank;
        }
        below += ties.len();
    }
    ranks
}

/// Spearman's rank correlation; nothing if either side is constant or has fewer than two values.
///
/// # Panics
/// If the lengths differ or a value is `NaN`.
pub(crate) fn rank_correlation(a: &[f32], b: &[f32]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "pairs of values");
    let (a, b) = (mean_ranks(a), mean_ranks(b));
    // The mean of ranks from 1 to n, whatever the ties.
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let spread = (product(&a, &a) * product(&b, &b)).sqrt();
    (spread > 0.0).then(|| product(&a, &b) / spread)
}
