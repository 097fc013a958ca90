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
    let order = ascending(values);
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

/// Places of `values` in ascending order, equal ones in their own order.
pub(crate) fn ascending(values: &[f64]) -> Vec<usize> {
    // Sorted as one number, value above place: many times faster than comparing through an index.
    let mut keys: Vec<u128> = values
        .iter()
        .enumerate()
        .map(|(place, &value)| (u128::from(ordered_bits(value)) << 64) | place as u128)
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|key| key as u64 as usize).collect()
}

/// Bits that compare as [`f64::total_cmp`] does, but for -0.0, which is 0.0.
fn ordered_bits(value: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    // Adding 0.0 turns -0.0 into 0.0.
    let bits = (value + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
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
        let values = [
            3.0,
            -1.0,
            f64::INFINITY,
            -0.0,
            0.0,
            -7.5,
            f64::NEG_INFINITY,
            1e-300,
        ];
        assert_eq!(ascending(&values), [6, 5, 1, 3, 4, 7, 0, 2]);
    }
}
