//! Fast stochastic oscillator.

use ta_lib::MAType;

use super::{after_warm_up, talib};

/// The two series of [`stochastic`].
#[derive(Debug, Clone)]
pub struct Stochastic {
    /// Place of the close between the lowest low and the highest high.
    pub k: Vec<f64>,
    /// Mean of the last values of %K.
    pub d: Vec<f64>,
}

/// Computes %K over `period` sessions and %D, its mean over `smoothing`.
///
/// Scale: 0..100. Warm-up: `period + smoothing - 2`, for both, as in TA-Lib. Undefined when no
/// price of the window differs from another: 50, where TA-Lib says 0, which would read as "at the
/// low".
///
/// # Panics
/// If a period is not within `1..=100_000` or the series differ in length.
///
/// # Source
/// Lane (1984).
pub fn stochastic(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    period: usize,
    smoothing: usize,
) -> Stochastic {
    let n = close.len();
    // With a smoothing of 1, TA-Lib's %D is %K itself and begins as soon as %K exists.
    let first = period.saturating_sub(1);
    let [mut k, _] = talib::aligned(n, first, |core, [k, d]| {
        let (last, period) = (n - 1, talib::period(period));
        core.stochf(0, last, high, low, close, period, 1, MAType::SMA, k, d)
    });
    for t in first..n {
        if k[t] == 0.0 && is_flat(&high[t - first..=t], &low[t - first..=t]) {
            k[t] = 50.0;
        }
    }
    let warm_up = (period + smoothing).saturating_sub(2);
    let d = after_warm_up(n, warm_up, |t| {
        k[t + 1 - smoothing..=t].iter().sum::<f64>() / smoothing as f64
    });
    k[..warm_up.min(n)].fill(f64::NAN);
    Stochastic { k, d }
}

/// Moves 0..100 to -0.5..0.5.
pub(super) fn centred(mut series: Vec<f64>) -> Vec<f64> {
    series
        .iter_mut()
        .for_each(|value| *value = *value / 100.0 - 0.5);
    series
}

/// Whether highest high and lowest low are the same price, up to rounding.
fn is_flat(high: &[f64], low: &[f64]) -> bool {
    let highest = high.iter().copied().fold(f64::MIN, f64::max);
    let lowest = low.iter().copied().fold(f64::MAX, f64::min);
    highest - lowest <= 1e-14 * (highest.abs() + lowest.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k_and_d_by_hand() {
        // Windows of 2: lows 1, 2, 2; highs 5, 6, 8. %K of t=1: (4-1)/(6-1) = 60,
        // of t=2: (2-2)/(8-2) = 0, a real 0; %D of t=2: 30.
        let s = stochastic(&[5.0, 6.0, 8.0], &[1.0, 2.0, 2.0], &[3.0, 4.0, 2.0], 2, 2);
        assert!(s.k[1].is_nan() && s.d[1].is_nan());
        assert_eq!((s.k[2], s.d[2]), (0.0, 30.0));
    }

    #[test]
    fn a_flat_window_stands_in_the_middle() {
        let s = stochastic(&[7.0; 4], &[7.0; 4], &[7.0; 4], 2, 2);
        assert_eq!((s.k[2], s.d[3]), (50.0, 50.0));
        assert_eq!(centred(s.k)[3], 0.0);
    }
}
