//! Simple and exponential moving averages, and the close's distance from them.

use super::talib;

/// Computes the mean of the last `period` closes.
///
/// Scale: the price's. Warm-up: `period - 1`.
///
/// # Panics
/// If `period` is not within `1..=100_000`.
pub fn sma(close: &[f64], period: usize) -> Vec<f64> {
    let [series] = talib::aligned(close.len(), period.saturating_sub(1), |core, [out]| {
        core.sma(0, close.len() - 1, close, talib::period(period), out)
    });
    series
}

/// Computes the exponential average with weight `2 / (period + 1)`, seeded with the mean of the
/// first `period` closes.
///
/// Scale: the price's. Warm-up: `period - 1`.
///
/// # Panics
/// If `period` is not within `1..=100_000`.
pub fn ema(close: &[f64], period: usize) -> Vec<f64> {
    let [series] = talib::aligned(close.len(), period.saturating_sub(1), |core, [out]| {
        core.ema(0, close.len() - 1, close, talib::period(period), out)
    });
    series
}

/// `close / average - 1`; always defined for positive prices.
pub(super) fn ratio(close: &[f64], mut average: Vec<f64>) -> Vec<f64> {
    for (value, close) in average.iter_mut().zip(close) {
        *value = close / *value - 1.0;
    }
    average
}
