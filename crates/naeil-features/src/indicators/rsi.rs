//! Relative strength index.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::{RawBars, RawIndicator, raw};

/// Computes Wilder's RSI: 100 x mean gain / (mean gain + mean loss), means smoothed by
/// `1 / period` and seeded with the simple mean of the first `period` changes.
///
/// Scale: 0..100. Warm-up: `period`. Undefined while no price has ever changed: 50.
///
/// # Panics
/// If `period` is not within `2..=100_000`.
///
/// # Source
/// Wilder, New Concepts in Technical Trading Systems (1978).
pub fn rsi(close: &[f64], period: usize) -> Vec<f64> {
    let [series] = raw([RawIndicator::Rsi { period }], &RawBars::of_close(close));
    series
}

/// After so many periods without a change, what moved the price before has less than 1 % of its
/// weight left: `(1 - 1/14)^70 = 0.006`.
pub(super) const FORGOTTEN_PERIODS: usize = 5;

pub(super) fn series(graph: &mut Graph, period: usize) -> Node {
    let [gain, loss] = mean_gain_and_loss(graph, period);
    graph.add(Formula::Rsi, &[gain.now(), loss.now()])
}

/// How many sessions back [`centred_series`] knows of: fewer than a server reads before a window, by
/// the warm-up and the longest gap that a read may begin in.
const KNOWN_SESSIONS: usize = 200;

/// `rsi / 100 - 0.5`, so that balance is 0. Warm-up: `period`.
///
/// Mean gain and loss leave out what lies [`KNOWN_SESSIONS`] or more back, once they have run for so
/// long. A weight of 4e-7 goes with it for 14 sessions, but of moves that may have been a thousand
/// times as large, as in a stock that now rests for weeks: a server would not know of them.
///
/// Undefined when the close has not changed for [`FORGOTTEN_PERIODS`] periods: 0. Gain and loss
/// fade alike while a price rests, so their ratio never does, and a stock that was halted for a
/// year would show a server, which reads no further back, another value than the training saw.
pub(super) fn centred_series(graph: &mut Graph, period: usize) -> Node {
    let [gain, loss] = mean_gain_and_loss(graph, period)
        .map(|mean| rolling::forgetting(graph, mean, 1.0 / period as f64, KNOWN_SESSIONS));
    let close = graph.inputs().close;
    let unchanged = graph.add(Formula::Unchanged, &[close.now(), close.at(1)]);
    let rest = graph.add(Formula::Rest, &[unchanged.now()]);
    let forgotten = (FORGOTTEN_PERIODS * period) as f64;
    let taps = [gain.now(), loss.now(), rest.now()];
    graph.add(Formula::RsiCentred { forgotten }, &taps)
}

fn mean_gain_and_loss(graph: &mut Graph, period: usize) -> [Node; 2] {
    let close = graph.inputs().close;
    [Formula::Gain, Formula::Loss].map(|formula| {
        let moves = graph.add(formula, &[close.now(), close.at(1)]);
        rolling::ema(graph, moves, 1.0 / period as f64, period, None)
    })
}

#[inline(always)]
pub(super) fn hundredths([gain, loss]: [f64; 2]) -> f64 {
    let total = gain + loss;
    if total > 0.0 {
        100.0 * gain / total
    } else {
        50.0
    }
}

#[inline(always)]
pub(super) fn centred([gain, loss, rest]: [f64; 3], forgotten: f64) -> f64 {
    let total = gain + loss;
    let value = gain / total - 0.5;
    if total > 0.0 && rest < forgotten {
        value
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Indicator;
    use crate::indicators::test_bars::of_close;

    fn centred(close: &[f64], period: usize) -> Vec<f64> {
        Indicator::Rsi { period }.column(&of_close(close))
    }

    #[test]
    fn a_long_rise_saturates_and_a_reversal_brings_it_down() {
        // 30 rises of 1: gains only, so 100. Then one fall of 7 with period 14:
        // gain = 1 x 13/14, loss = 7/14, RSI = 100 x (13/14) / (13/14 + 7/14) = 100 x 13/20 = 65.
        let mut close: Vec<f64> = (0..=30).map(|i| 100.0 + f64::from(i)).collect();
        close.push(close[30] - 7.0);
        let series = rsi(&close, 14);
        assert!(series[13].is_nan());
        assert!((series[14] - 100.0).abs() < 1e-12);
        assert!((series[30] - 100.0).abs() < 1e-12);
        assert!((series[31] - 65.0).abs() < 1e-12, "{}", series[31]);
    }

    #[test]
    fn a_long_rest_forgets_what_was_before_it() {
        // Three rises, then rest: with period 2 the tenth unchanged close is forgotten.
        let mut close = vec![1.0, 2.0, 3.0, 4.0];
        close.extend([4.0; 12]);
        let series = centred(&close, 2);
        assert_eq!(series[2..13], [0.5; 11]);
        assert_eq!(series[13..], [0.0; 3]);
        // It answers the next move as if nothing had been.
        close.push(3.0);
        assert!((centred(&close, 2)[16] + 0.5).abs() < 1e-3);
    }

    #[test]
    fn a_price_that_never_moved_is_in_balance() {
        assert_eq!(centred(&[500.0; 16], 14)[14..], [0.0, 0.0]);
        assert_eq!(rsi(&[500.0; 16], 14)[14..], [50.0, 50.0]);
    }
}
