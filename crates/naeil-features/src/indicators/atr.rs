//! Average true range.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::{RawBars, RawIndicator, raw};

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
    let bars = RawBars {
        high,
        low,
        ..RawBars::of_close(close)
    };
    let [series] = raw([RawIndicator::Atr { period }], &bars);
    series
}

pub(super) fn series(graph: &mut Graph, period: usize) -> Node {
    let bars = graph.inputs();
    let taps = [bars.high.now(), bars.low.now(), bars.close.at(1)];
    let range = graph.add(Formula::TrueRange, &taps);
    rolling::ema(graph, range, 1.0 / period as f64, period, None)
}

/// `atr / close`: warm-up `period`, always defined for positive prices.
pub(super) fn ratio(graph: &mut Graph, period: usize) -> Node {
    let (close, atr) = (graph.inputs().close, series(graph, period));
    graph.add(Formula::Quotient, &[atr.now(), close.now()])
}

#[inline(always)]
pub(super) fn true_range([high, low, before]: [f64; 3]) -> f64 {
    let top = if high > before { high } else { before };
    let bottom = if low < before { low } else { before };
    top - bottom
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_true_range_reaches_to_the_close_before() {
        assert_eq!(true_range([12.0, 10.0, 11.0]), 2.0);
        assert_eq!(true_range([12.0, 10.0, 15.0]), 5.0);
        assert_eq!(true_range([12.0, 10.0, 4.0]), 8.0);
    }
}
