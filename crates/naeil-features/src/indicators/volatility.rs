//! Volatility of daily returns.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::{RawBars, RawIndicator, log_return, raw};

/// A deviation of returns below this is rounding noise: one tick of a millionth in one of 60
/// sessions makes a hundred times as much.
pub(super) const NONE: f64 = 1e-9;

/// [`log_ratio`] does not leave these bounds.
const CLIP: f64 = 5.0;

/// Computes the sample deviation of the last `period` one-day log returns.
///
/// Scale: a return a day, not annualised. Warm-up: `period`. Always defined for two or more; 0
/// when the price did not move. Squares are of distances from the mean, so that nothing cancels.
///
/// # Panics
/// If `period` is not within `2..=100_000`.
pub fn volatility(close: &[f64], period: usize) -> Vec<f64> {
    let [series] = raw(
        [RawIndicator::Volatility { period }],
        &RawBars::of_close(close),
    );
    series
}

pub(super) fn series(graph: &mut Graph, period: usize) -> Node {
    let returns = log_return::series(graph, 1);
    let squares = rolling::squares(graph, returns, period);
    let count = period as f64;
    graph.add(Formula::Deviation { count }, &[squares.now()])
}

/// `ln(volatility of short / volatility of long)`, within -5..5. Warm-up: `long`.
///
/// Undefined when the price did not move in the long window: 0. When it only rested in the short
/// one, the lower bound.
pub(super) fn log_ratio(graph: &mut Graph, short: usize, long: usize) -> Node {
    let [short, long] = [short, long].map(|period| series(graph, period));
    graph.add(Formula::LogDeviationRatio, &[short.now(), long.now()])
}

#[inline(always)]
pub(super) fn log_ratio_value([short, long]: [f64; 2]) -> f64 {
    let value = super::engine::ln::ln(short / long).clamp(-CLIP, CLIP);
    let value = if short > NONE { value } else { -CLIP };
    if long > NONE { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use crate::indicators::Indicator;
    use crate::indicators::test_bars::of_close;

    #[test]
    fn a_price_at_rest_has_stated_values() {
        let (short, long) = (2, 4);
        let ratio = Indicator::VolatilityRatio { short, long };
        let close = [1.0, 2.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0];
        let series = ratio.column(&of_close(&close));
        assert!(series[3].is_nan());
        // Rests for two, then for four sessions.
        assert_eq!(series[5..7], [-5.0; 2]);
        assert_eq!(series[8], 0.0);
    }
}
