//! Bollinger bands.

use ta_lib::MAType;

use super::talib;

/// Bands narrower than this share of their middle are rounding noise: a single tick in a single
/// session of the window already makes them a hundred times wider.
const FLAT: f64 = 1e-7;

/// The three series of [`bollinger`].
#[derive(Debug, Clone)]
pub struct Bollinger {
    /// Mean plus deviations.
    pub upper: Vec<f64>,
    /// Mean.
    pub middle: Vec<f64>,
    /// Mean less deviations.
    pub lower: Vec<f64>,
}

/// Computes the mean of the last `period` closes and bands `deviations` population deviations
/// above and below it.
///
/// Scale: the price's. Warm-up: `period - 1`.
///
/// # Panics
/// If `period` is not within `2..=100_000` or `deviations` is not finite.
pub fn bollinger(close: &[f64], period: usize, deviations: f64) -> Bollinger {
    let warm_up = period.saturating_sub(1);
    let [upper, middle, lower] =
        talib::aligned(close.len(), warm_up, |core, [upper, middle, lower]| {
            let last = close.len() - 1;
            let period = talib::period(period);
            let (up, down) = (deviations, deviations);
            core.bbands(
                0,
                last,
                close,
                period,
                up,
                down,
                MAType::SMA,
                upper,
                middle,
                lower,
            )
        });
    Bollinger {
        upper,
        middle,
        lower,
    }
}

/// `(close - middle) / (upper - lower)`: 0 at the middle, 0.5 on the upper band.
///
/// Undefined when every close of the window is the same: 0.
pub(super) fn position(close: &[f64], period: usize, deviations: f64) -> Vec<f64> {
    let bands = bollinger(close, period, deviations);
    let mut series = bands.middle;
    for (t, middle) in series.iter_mut().enumerate() {
        let width = bands.upper[t] - bands.lower[t];
        *middle = if width <= FLAT * *middle {
            0.0
        } else {
            (close[t] - *middle) / width
        };
    }
    series
}

/// `(upper - lower) / middle`; 0 when every close of the window is the same.
pub(super) fn width(close: &[f64], period: usize, deviations: f64) -> Vec<f64> {
    let bands = bollinger(close, period, deviations);
    let mut series = bands.middle;
    for (t, middle) in series.iter_mut().enumerate() {
        let width = bands.upper[t] - bands.lower[t];
        *middle = if width <= FLAT * *middle {
            0.0
        } else {
            width / *middle
        };
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_and_width_by_hand() {
        // Closes 1, 3: mean 2, population deviation 1, bands 0 and 4 at two deviations.
        assert_eq!(position(&[1.0, 3.0], 2, 2.0)[1], 0.25);
        assert_eq!(width(&[1.0, 3.0], 2, 2.0)[1], 2.0);
        assert!(position(&[1.0, 3.0], 2, 2.0)[0].is_nan());
    }

    #[test]
    fn a_flat_window_after_a_wild_one_is_at_its_middle() {
        let mut close = vec![1e6, 3.0, 7e5, 11.1, 0.7];
        close.extend([1234.56; 20]);
        assert_eq!(position(&close, 5, 2.0)[9..], [0.0; 16]);
        assert_eq!(width(&close, 5, 2.0)[9..], [0.0; 16]);
    }
}
