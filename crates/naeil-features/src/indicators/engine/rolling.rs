//! Sums, extremes and moments of windows, by doubling.
//!
//! A window is the newer and the older part that [`split`] makes of it, down to single values.
//! Parts are shared: the sums of 20 and of 60 both take the one of 16 that the session's pass has
//! already made.

use super::formula::Formula;
use super::graph::{Graph, Node};

/// Sizes of the newer and the older part of a window: two halves if its size is a power of two,
/// else the older part takes the least power in it.
fn split(period: usize) -> (usize, usize) {
    let older = if period.is_power_of_two() {
        period / 2
    } else {
        1 << period.trailing_zeros()
    };
    (period - older, older)
}

/// The sum of the last `period` values.
pub(in crate::indicators) fn sum(graph: &mut Graph, x: Node, period: usize) -> Node {
    if period == 1 {
        return x;
    }
    let (newer, older) = split(period);
    let taps = [sum(graph, x, newer).now(), sum(graph, x, older).at(newer)];
    graph.add(Formula::Sum, &taps)
}

/// The mean of the last `period` values.
pub(in crate::indicators) fn mean(graph: &mut Graph, x: Node, period: usize) -> Node {
    let sum = sum(graph, x, period);
    graph.add(Formula::Scaled(1.0 / period as f64), &[sum.now()])
}

/// The sum of the last `period` values' squared distances from their mean.
///
/// # Source
/// Chan, Golub and LeVeque, Updating formulae and a pairwise algorithm for computing sample
/// variances (1979).
pub(in crate::indicators) fn squares(graph: &mut Graph, x: Node, period: usize) -> Node {
    match period {
        1 => graph.add_from(Formula::Zero, &[], graph.start(x)),
        2 => graph.add(Formula::PairSquares, &[x.now(), x.at(1)]),
        _ => {
            let (newer, older) = split(period);
            let taps = [
                squares(graph, x, newer).now(),
                squares(graph, x, older).at(newer),
                sum(graph, x, newer).now(),
                sum(graph, x, older).at(newer),
            ];
            let [newer, older] = [newer, older].map(|size| size as f64);
            graph.add(Formula::Squares { newer, older }, &taps)
        }
    }
}

/// The sum of the last `period` values' cubed distances from their mean.
///
/// # Source
/// Pébay, Formulas for robust, one-pass parallel computation of covariances and arbitrary-order
/// statistical moments (2008).
pub(in crate::indicators) fn cubes(graph: &mut Graph, x: Node, period: usize) -> Node {
    if period <= 2 {
        return graph.add_from(Formula::Zero, &[], graph.start(x) + period - 1);
    }
    let (newer, older) = split(period);
    let taps = [
        cubes(graph, x, newer).now(),
        cubes(graph, x, older).at(newer),
        squares(graph, x, newer).now(),
        squares(graph, x, older).at(newer),
        sum(graph, x, newer).now(),
        sum(graph, x, older).at(newer),
    ];
    let [newer, older] = [newer, older].map(|size| size as f64);
    graph.add(Formula::Cubes { newer, older }, &taps)
}

/// The largest of the last `period` values.
pub(in crate::indicators) fn largest(graph: &mut Graph, x: Node, period: usize) -> Node {
    extreme(graph, x, period, Formula::Larger)
}

/// The smallest of the last `period` values.
pub(in crate::indicators) fn smallest(graph: &mut Graph, x: Node, period: usize) -> Node {
    extreme(graph, x, period, Formula::Smaller)
}

/// The parts of an extreme may overlap, so two of the greatest power of two always do.
fn extreme(graph: &mut Graph, x: Node, period: usize, formula: Formula) -> Node {
    if period == 1 {
        return x;
    }
    let part = if period.is_power_of_two() {
        period / 2
    } else {
        1 << period.ilog2()
    };
    let level = extreme(graph, x, part, formula);
    graph.add(formula, &[level.now(), level.at(period - part)])
}

/// The exponential average with `weight` for the newest value, seeded with the mean of the first
/// `count` values, or, where `start` is given, with the `count` values up to that session.
pub(in crate::indicators) fn ema(
    graph: &mut Graph,
    x: Node,
    weight: f64,
    count: usize,
    start: Option<usize>,
) -> Node {
    let start = start.unwrap_or(graph.start(x) + count - 1);
    graph.add_from(Formula::Ema { weight, count }, &[x.now()], start)
}

/// The average `ema`, whose newest value has `weight` and whose values are never below 0, without
/// what lies `sessions` or more back, once it has run for so long: it depends on the last `sessions`
/// values alone, and not on where it began.
pub(in crate::indicators) fn forgetting(
    graph: &mut Graph,
    ema: Node,
    weight: f64,
    sessions: usize,
) -> Node {
    let kept = (1.0 - weight).powf(sessions as f64);
    let taps = [ema.now(), ema.at(sessions)];
    let start = graph.start(ema);
    graph.add_from(Formula::Forgetting { kept, sessions }, &taps, start)
}
