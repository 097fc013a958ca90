//! Moving average convergence and divergence.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::moving_average::ema_weight;
use super::{RawBars, RawIndicator, raw};

/// The three series of [`macd`].
#[derive(Debug, Clone)]
pub struct Macd {
    /// Fast average less slow average.
    pub line: Vec<f64>,
    /// Exponential average of the line.
    pub signal: Vec<f64>,
    /// Line less signal.
    pub histogram: Vec<f64>,
}

/// Computes the distance of two exponential averages and its own average.
///
/// Scale: the price's. Warm-up: `slow + signal - 2`, for all three. Always defined. Both averages
/// begin in session `slow - 1`, each with the mean of its last closes, and the signal with the
/// mean of the first `signal` values of the line.
///
/// # Panics
/// If `fast` or `slow` is not within `2..=100_000`, or `signal` not within `1..=100_000`.
///
/// # Source
/// Appel (1979), seeded as in TA-Lib.
pub fn macd(close: &[f64], fast: usize, slow: usize, signal: usize) -> Macd {
    let indicators = [
        RawIndicator::MacdLine { fast, slow, signal },
        RawIndicator::MacdSignal { fast, slow, signal },
        RawIndicator::MacdHistogram { fast, slow, signal },
    ];
    let [line, signal, histogram] = raw(indicators, &RawBars::of_close(close));
    Macd {
        line,
        signal,
        histogram,
    }
}

/// The line, from session `slow - 1` on.
pub(super) fn line(graph: &mut Graph, fast: usize, slow: usize) -> Node {
    // As TA-Lib, which takes the longer one as the slow one.
    let (fast, slow) = (fast.min(slow), fast.max(slow));
    let close = graph.inputs().close;
    let [fast, slow] = [fast, slow]
        .map(|period| rolling::ema(graph, close, ema_weight(period), period, Some(slow - 1)));
    graph.add(Formula::Difference, &[fast.now(), slow.now()])
}

pub(super) fn signal_line(graph: &mut Graph, fast: usize, slow: usize, signal: usize) -> Node {
    let line = line(graph, fast, slow);
    rolling::ema(graph, line, ema_weight(signal), signal, None)
}

pub(super) fn histogram(graph: &mut Graph, fast: usize, slow: usize, signal: usize) -> Node {
    let line = line(graph, fast, slow);
    let signal = signal_line(graph, fast, slow, signal);
    graph.add(Formula::Difference, &[line.now(), signal.now()])
}

/// `line / close`: warm-up `slow - 1`, always defined for positive prices.
pub(super) fn line_ratio(graph: &mut Graph, fast: usize, slow: usize) -> Node {
    let (close, line) = (graph.inputs().close, line(graph, fast, slow));
    graph.add(Formula::Quotient, &[line.now(), close.now()])
}

/// `histogram / close`: warm-up `slow + signal - 2`, always defined for positive prices.
pub(super) fn histogram_ratio(graph: &mut Graph, fast: usize, slow: usize, signal: usize) -> Node {
    let close = graph.inputs().close;
    let histogram = histogram(graph, fast, slow, signal);
    graph.add(Formula::Quotient, &[histogram.now(), close.now()])
}
