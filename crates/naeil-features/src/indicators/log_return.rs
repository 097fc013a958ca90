//! Logarithmic returns.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::{RawBars, RawIndicator, raw};

/// Computes `ln(close[t]) - ln(close[t - period])`.
///
/// Scale: a return over `period` sessions. Warm-up: `period`. Always defined for positive prices;
/// exactly 0 when the close is the same.
pub fn log_return(close: &[f64], period: usize) -> Vec<f64> {
    let [series] = raw(
        [RawIndicator::LogReturn { period }],
        &RawBars::of_close(close),
    );
    series
}

/// ln(close), shared by every return.
pub(super) fn ln_close(graph: &mut Graph) -> Node {
    let close = graph.inputs().close;
    graph.add(Formula::Ln, &[close.now()])
}

pub(super) fn series(graph: &mut Graph, period: usize) -> Node {
    let ln_close = ln_close(graph);
    graph.add(Formula::Difference, &[ln_close.now(), ln_close.at(period)])
}
