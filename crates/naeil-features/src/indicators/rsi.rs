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

/// After so many periods without a change, what moved the price before has less than 1 % of its
/// weight left: `(1 - 1/14)^70 = 0.006`.
const FORGOTTEN_PERIODS: usize = 5;

/// `rsi / 100 - 0.5`, so that balance is 0.
///
/// Undefined when the close has not changed for [`FORGOTTEN_PERIODS`] periods: 0. Gain and loss
/// fade alike while a price rests, so their ratio never does, and a stock that was halted for a
/// year would show a server, which reads no further back, another value than the training saw.
pub(super) fn centred(close: &[f64], period: usize) -> Vec<f64> {
    let mut series = rsi(close, period);
    let mut unchanged = 0;
    for (t, value) in series.iter_mut().enumerate() {
        let rests = t > 0 && close[t] == close[t - 1];
        unchanged = if rests { unchanged + 1 } else { 0 };
        // The warm-up stays void.
        let is_forgotten = unchanged >= FORGOTTEN_PERIODS * period && !value.is_nan();
        *value = if is_forgotten {
            0.0
        } else {
            *value / 100.0 - 0.5
        };
    }
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
    fn a_long_rest_forgets_what_was_before_it() {
        // Three rises, then rest: with period 2 the tenth unchanged close is forgotten.
        let mut close = vec![1.0, 2.0, 3.0, 4.0];
        close.extend([4.0; 12]);
        let series = centred(&close, 2);
        assert_eq!(series[2..13], [0.5; 11]);
        assert_eq!(series[13..], [0.0; 3]);
        // It answers the next move as if nothing had been.
        close.push(3.0);
        assert!((centred(&close, 2)[16] + 0.5).abs() < 1e-3);
    }

    #[test]
    fn a_price_that_never_moved_is_in_balance() {
        assert_eq!(centred(&[500.0; 16], 14)[14..], [0.0, 0.0]);
    }
}
