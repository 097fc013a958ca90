//! Bollinger bands.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::{RawBars, RawIndicator, raw};

/// A deviation below this share of the mean is rounding noise: a single tick in a single session
/// of the window already makes it a hundred times larger.
const FLAT: f64 = 2.5e-8;

/// [`position`] does not leave these bounds.
const CLIP: f64 = 3.0;

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
/// Scale: the price's. Warm-up: `period - 1`. Always defined.
///
/// # Panics
/// If `period` is not within `2..=100_000` or `deviations` is not finite.
pub fn bollinger(close: &[f64], period: usize, deviations: f64) -> Bollinger {
    let indicators = [
        RawIndicator::BollingerUpper { period, deviations },
        RawIndicator::Sma { period },
        RawIndicator::BollingerLower { period, deviations },
    ];
    let [upper, middle, lower] = raw(indicators, &RawBars::of_close(close));
    Bollinger {
        upper,
        middle,
        lower,
    }
}

/// Squares around the mean of the last closes, and their sum.
fn moments(graph: &mut Graph, period: usize) -> [Node; 2] {
    let close = graph.inputs().close;
    let squares = rolling::squares(graph, close, period);
    [squares, rolling::sum(graph, close, period)]
}

pub(super) fn band_series(graph: &mut Graph, period: usize, deviations: f64) -> Node {
    let [squares, sum] = moments(graph, period);
    let count = period as f64;
    graph.add(
        Formula::Band { count, deviations },
        &[squares.now(), sum.now()],
    )
}

/// `(close - mean) / deviation`, within -3..3: 0 at the middle, 2 on the upper band of two
/// deviations. Warm-up: `period - 1`. Undefined when every close of the window is the same: 0.
pub(super) fn position_series(graph: &mut Graph, period: usize) -> Node {
    let [squares, sum] = moments(graph, period);
    let taps = [graph.inputs().close.now(), squares.now(), sum.now()];
    let count = period as f64;
    graph.add(Formula::BollingerPosition { count }, &taps)
}

/// `(upper - lower) / mean`. Warm-up: `period - 1`. 0 when every close of the window is the same.
pub(super) fn width_series(graph: &mut Graph, period: usize, deviations: f64) -> Node {
    let [squares, sum] = moments(graph, period);
    let count = period as f64;
    graph.add(
        Formula::BollingerWidth { count, deviations },
        &[squares.now(), sum.now()],
    )
}

#[inline(always)]
pub(super) fn band([squares, sum]: [f64; 2], per: f64, deviations: f64) -> f64 {
    sum * per + deviations * (squares * per).sqrt()
}

#[inline(always)]
pub(super) fn position([close, squares, sum]: [f64; 3], per: f64) -> f64 {
    let (mean, deviation) = (sum * per, (squares * per).sqrt());
    let value = ((close - mean) / deviation).clamp(-CLIP, CLIP);
    if deviation > FLAT * mean { value } else { 0.0 }
}

#[inline(always)]
pub(super) fn width([squares, sum]: [f64; 2], per: f64, deviations: f64) -> f64 {
    let (mean, deviation) = (sum * per, (squares * per).sqrt());
    let value = 2.0 * deviations * deviation / mean;
    if deviation > FLAT * mean { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use crate::indicators::Indicator;
    use crate::indicators::test_bars::of_close;

    fn position(close: &[f64], period: usize) -> Vec<f64> {
        Indicator::BollingerPosition { period }.column(&of_close(close))
    }

    fn width(close: &[f64], period: usize) -> Vec<f64> {
        let deviations = 2.0;
        Indicator::BollingerWidth { period, deviations }.column(&of_close(close))
    }

    #[test]
    fn position_and_width_by_hand() {
        // Closes 1, 3: mean 2, population deviation 1, bands 0 and 4 at two deviations.
        assert_eq!(position(&[1.0, 3.0], 2)[1], 1.0);
        assert_eq!(width(&[1.0, 3.0], 2)[1], 2.0);
        assert!(position(&[1.0, 3.0], 2)[0].is_nan());
    }

    #[test]
    fn position_is_bounded() {
        // One of 20 differs: it stands sqrt(19) = 4.36 deviations from the mean.
        let mut close = vec![10.0; 19];
        close.push(11.0);
        assert_eq!(position(&close, 20)[19], 3.0);
    }

    #[test]
    fn a_flat_window_after_a_wild_one_is_at_its_middle() {
        let mut close = vec![1e6, 3.0, 7e5, 11.1, 0.7];
        close.extend([1234.56; 20]);
        assert_eq!(position(&close, 5)[9..], [0.0; 16]);
        assert_eq!(width(&close, 5)[9..], [0.0; 16]);
    }
}
