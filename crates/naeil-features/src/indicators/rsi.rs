//! Relative strength index.

use super::talib;

/// Computes Wilder's RSI: 100 x mean gain / (mean gain + mean loss), means smoothed by
/// `1 / period` and seeded with the simple mean of the first `period` changes.
///
/// Scale: 0..100. Warm-up: `period`. Undefined while no price has ever changed: 50.
///
/// # Panics
/// If `period` is not within `2..=100_000`.
///
/// # Source
/// Wilder, New Concepts in Technical Trading Systems (1978).
pub fn rsi(close: &[f64], period: usize) -> Vec<f64> {
    let [series] = talib::aligned(close.len(), period, |core, [out]| {
        core.rsi(0, close.len() - 1, close, talib::period(period), out)
    });
    series
}

/// `rsi / 100 - 0.5`, so that balance is 0.
pub(super) fn centred(close: &[f64], period: usize) -> Vec<f64> {
    let mut series = rsi(close, period);
    series
        .iter_mut()
        .for_each(|value| *value = *value / 100.0 - 0.5);
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_rise_saturates_and_a_reversal_brings_it_down() {
        // 30 rises of 1: gains only, so 100. Then one fall of 7 with period 14:
        // gain = 1 x 13/14, loss = 7/14, RSI = 100 x (13/14) / (13/14 + 7/14) = 100 x 13/20 = 65.
        let mut close: Vec<f64> = (0..=30).map(|i| 100.0 + f64::from(i)).collect();
        close.push(close[30] - 7.0);
        let series = rsi(&close, 14);
        assert!(series[13].is_nan());
        assert!((series[14] - 100.0).abs() < 1e-12);
        assert!((series[30] - 100.0).abs() < 1e-12);
        assert!((series[31] - 65.0).abs() < 1e-12, "{}", series[31]);
    }

    #[test]
    fn a_price_that_never_moved_is_in_balance() {
        assert_eq!(centred(&[500.0; 16], 14)[14..], [0.0, 0.0]);
    }
}
