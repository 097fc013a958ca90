//! Simple and exponential moving averages, and the close's distance from them.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::{RawBars, RawIndicator, raw};

/// Computes the mean of the last `period` closes.
///
/// Scale: the price's. Warm-up: `period - 1`. Always defined.
///
/// # Panics
/// If `period` is not within `1..=100_000`.
pub fn sma(close: &[f64], period: usize) -> Vec<f64> {
    let [series] = raw([RawIndicator::Sma { period }], &RawBars::of_close(close));
    series
}

/// Computes the exponential average with weight `2 / (period + 1)`, seeded with the mean of the
/// first `period` closes.
///
/// Scale: the price's. Warm-up: `period - 1`. Always defined.
///
/// # Panics
/// If `period` is not within `1..=100_000`.
pub fn ema(close: &[f64], period: usize) -> Vec<f64> {
    let [series] = raw([RawIndicator::Ema { period }], &RawBars::of_close(close));
    series
}

/// The weight of the newest value in an exponential average.
pub(super) fn ema_weight(period: usize) -> f64 {
    2.0 / (period as f64 + 1.0)
}

pub(super) fn sma_series(graph: &mut Graph, period: usize) -> Node {
    let close = graph.inputs().close;
    rolling::mean(graph, close, period)
}

pub(super) fn ema_series(graph: &mut Graph, period: usize) -> Node {
    let close = graph.inputs().close;
    rolling::ema(graph, close, ema_weight(period), period, None)
}

/// `close / sma - 1`: warm-up `period - 1`, always defined for positive prices.
pub(super) fn sma_ratio(graph: &mut Graph, period: usize) -> Node {
    let close = graph.inputs().close;
    let sum = rolling::sum(graph, close, period);
    graph.add(
        Formula::RelativeTo(period as f64),
        &[close.now(), sum.now()],
    )
}

/// `close / ema - 1`: warm-up `period - 1`, always defined for positive prices.
pub(super) fn ema_ratio(graph: &mut Graph, period: usize) -> Node {
    let close = graph.inputs().close;
    let ema = ema_series(graph, period);
    graph.add(Formula::RelativeTo(1.0), &[close.now(), ema.now()])
}
