//! Fast stochastic oscillator: the close's place in the range of the last sessions.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::{RawBars, RawIndicator, raw};

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
    let bars = RawBars {
        high,
        low,
        ..RawBars::of_close(close)
    };
    let indicators = [
        RawIndicator::StochasticK { period, smoothing },
        RawIndicator::StochasticD { period, smoothing },
    ];
    let [k, d] = raw(indicators, &bars);
    Stochastic { k, d }
}

fn place_series(graph: &mut Graph, period: usize, formula: Formula) -> Node {
    let bars = graph.inputs();
    let lowest = rolling::smallest(graph, bars.low, period);
    let highest = rolling::largest(graph, bars.high, period);
    graph.add(formula, &[bars.close.now(), lowest.now(), highest.now()])
}

/// %K on 0..100.
pub(super) fn k_series(graph: &mut Graph, period: usize) -> Node {
    let place = place_series(graph, period, Formula::PlaceInRange);
    graph.add(Formula::Scaled(100.0), &[place.now()])
}

/// %D on 0..100.
pub(super) fn d_series(graph: &mut Graph, period: usize, smoothing: usize) -> Node {
    let k = k_series(graph, period);
    rolling::mean(graph, k, smoothing)
}

/// %K on 0..1, less 0.5. Warm-up: `period - 1`. Undefined when no price of the window differs
/// from another: 0.
pub(super) fn k_centred(graph: &mut Graph, period: usize) -> Node {
    place_series(graph, period, Formula::PlaceInRangeCentred)
}

/// The mean of the last `smoothing` values of [`k_centred`]. Warm-up: `period + smoothing - 2`.
pub(super) fn d_centred(graph: &mut Graph, period: usize, smoothing: usize) -> Node {
    let k = k_centred(graph, period);
    rolling::mean(graph, k, smoothing)
}

/// Where x lies between the low and the high; in the middle if these are one price up to rounding.
#[inline(always)]
pub(super) fn place([x, low, high]: [f64; 3]) -> f64 {
    let range = high - low;
    let value = (x - low) / range;
    if range > 1e-14 * high { value } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Indicator;
    use crate::indicators::test_bars::of_close;

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
        let k = Indicator::StochasticK { period: 2 }.column(&of_close(&[7.0; 4]));
        assert_eq!(k[1..], [0.0; 3]);
    }
}
