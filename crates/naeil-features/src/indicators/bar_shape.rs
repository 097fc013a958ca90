//! The shape of one bar: gap, range, and where it closed.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::log_return::ln_close;

/// `ln(open / close before)`. Warm-up: 1. Always defined for positive prices.
pub(super) fn gap(graph: &mut Graph) -> Node {
    let open = graph.inputs().open;
    let (open, close) = (ln(graph, open), ln_close(graph));
    graph.add(Formula::Difference, &[open.now(), close.at(1)])
}

/// `ln(high / low)`. Warm-up: none. Always defined for positive prices.
pub(super) fn range(graph: &mut Graph) -> Node {
    let bars = graph.inputs();
    let (high, low) = (ln(graph, bars.high), ln(graph, bars.low));
    graph.add(Formula::Difference, &[high.now(), low.now()])
}

/// `ln(high / close)`. Warm-up: none. Always defined for positive prices.
pub(super) fn high_to_close(graph: &mut Graph) -> Node {
    let high = graph.inputs().high;
    let (high, close) = (ln(graph, high), ln_close(graph));
    graph.add(Formula::Difference, &[high.now(), close.now()])
}

/// `ln(low / close)`. Warm-up: none. Always defined for positive prices.
pub(super) fn low_to_close(graph: &mut Graph) -> Node {
    let low = graph.inputs().low;
    let (low, close) = (ln(graph, low), ln_close(graph));
    graph.add(Formula::Difference, &[low.now(), close.now()])
}

/// `(close - low) / (high - low) - 0.5`: -0.5 at the low, 0.5 at the high.
///
/// Warm-up: none. Undefined when the bar has no range: 0.
pub(super) fn position(graph: &mut Graph) -> Node {
    let bars = graph.inputs();
    let taps = [bars.close.now(), bars.low.now(), bars.high.now()];
    graph.add(Formula::PlaceInRangeCentred, &taps)
}

fn ln(graph: &mut Graph, x: Node) -> Node {
    graph.add(Formula::Ln, &[x.now()])
}

#[cfg(test)]
mod tests {
    use crate::carried::CarriedBars;
    use crate::indicators::Indicator;

    #[test]
    fn shapes_by_hand() {
        let bars = CarriedBars {
            open: vec![10.0, 11.0],
            high: vec![12.0, 5.0],
            low: vec![8.0, 5.0],
            close: vec![11.0, 5.0],
            volume: vec![1.0; 2],
            ..CarriedBars::default()
        };
        let check = |indicator: Indicator, expected: [f64; 2]| {
            for (found, expected) in indicator.column(&bars).into_iter().zip(expected) {
                let is_same = (found - expected).abs() < 1e-15;
                assert!(
                    is_same || found.is_nan() && expected.is_nan(),
                    "{indicator:?} {found}"
                );
            }
        };
        check(Indicator::Gap {}, [f64::NAN, 0.0]);
        check(Indicator::Range {}, [1.5_f64.ln(), 0.0]);
        check(Indicator::HighToClose {}, [(12.0_f64 / 11.0).ln(), 0.0]);
        check(Indicator::LowToClose {}, [(8.0_f64 / 11.0).ln(), 0.0]);
        check(Indicator::BarPosition {}, [0.25, 0.0]);
    }
}
