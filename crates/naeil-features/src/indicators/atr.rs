//! Average true range.

use super::talib;

/// Computes Wilder's average of the true range, the greatest of high - low, |high - close before|
/// and |low - close before|; smoothed by `1 / period`, seeded with a simple mean.
///
/// Scale: the price's. Warm-up: `period`. Always defined.
///
/// # Panics
/// If `period` is not within `1..=100_000` or the series differ in length.
///
/// # Source
/// Wilder, New Concepts in Technical Trading Systems (1978).
pub fn atr(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Vec<f64> {
    let [series] = talib::aligned(close.len(), period, |core, [out]| {
        let last = close.len() - 1;
        core.atr(0, last, high, low, close, talib::period(period), out)
    });
    series
}
