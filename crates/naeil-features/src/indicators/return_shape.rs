//! The shape of the last one-day log returns: extremes, zeros, skewness.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::log_return;
use super::volatility::NONE;

/// The largest of the last `period` returns. Warm-up: `period`. Always defined.
pub(super) fn largest(graph: &mut Graph, period: usize) -> Node {
    let returns = log_return::series(graph, 1);
    rolling::largest(graph, returns, period)
}

/// The smallest of the last `period` returns. Warm-up: `period`. Always defined.
pub(super) fn smallest(graph: &mut Graph, period: usize) -> Node {
    let returns = log_return::series(graph, 1);
    rolling::smallest(graph, returns, period)
}

/// The share of the last `period` sessions, halted ones among them, that closed where the session
/// before had. Warm-up: `period`. Always defined, in 0..1.
pub(super) fn zero_share(graph: &mut Graph, period: usize) -> Node {
    let close = graph.inputs().close;
    let unchanged = graph.add(Formula::Unchanged, &[close.now(), close.at(1)]);
    rolling::mean(graph, unchanged, period)
}

/// Population skewness of the last `period` returns: mean cube over the cube of the population
/// deviation. Warm-up: `period`. Undefined when the returns do not differ: 0.
pub(super) fn skew(graph: &mut Graph, period: usize) -> Node {
    let returns = log_return::series(graph, 1);
    let cubes = rolling::cubes(graph, returns, period);
    let squares = rolling::squares(graph, returns, period);
    let count = period as f64;
    graph.add(Formula::Skew { count }, &[cubes.now(), squares.now()])
}

#[inline(always)]
pub(super) fn skew_value([cubes, squares]: [f64; 2], per: f64) -> f64 {
    let variance = squares * per;
    let deviation = variance.sqrt();
    let value = cubes * per / (variance * deviation);
    if deviation > NONE { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use crate::indicators::Indicator;
    use crate::indicators::test_bars::of_close;

    #[test]
    fn shapes_by_hand() {
        // Returns in units of ln 2: 1, 0, 0, -2.
        let bars = of_close(&[1.0, 2.0, 2.0, 2.0, 0.5]);
        let last = |indicator: Indicator| indicator.column(&bars)[4] / 2.0_f64.ln();
        let period = 4;
        assert!((last(Indicator::LargestReturn { period }) - 1.0).abs() < 1e-15);
        assert!((last(Indicator::SmallestReturn { period }) + 2.0).abs() < 1e-15);
        assert_eq!(Indicator::ZeroShare { period }.column(&bars)[4], 0.5);
        // Mean -1/4; squares (25 + 1 + 1 + 49) / 16 = 4.75, cubes (125 + 1 + 1 - 343) / 64 =
        // -3.375; skewness (-3.375 / 4) / (4.75 / 4)^1.5.
        let expected = -0.84375 / 1.1875_f64.powf(1.5);
        let found = Indicator::Skew { period }.column(&bars)[4];
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
    }

    #[test]
    fn returns_that_do_not_differ_have_no_skewness() {
        let steady: Vec<f64> = (0..30).map(|t| 100.0 * 1.01_f64.powi(t)).collect();
        for close in [vec![7.0; 30], steady] {
            assert_eq!(
                Indicator::Skew { period: 20 }.column(&of_close(&close))[20..],
                [0.0; 10]
            );
        }
    }
}
