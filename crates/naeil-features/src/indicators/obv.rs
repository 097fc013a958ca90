//! On-balance volume.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::{RawBars, RawIndicator, raw};

/// Closes nearer to each other than this share of them are the same price, adjusted twice.
const SAME: f64 = 1e-12;

/// Computes the running sum of volume, added in sessions that closed higher and subtracted in
/// those that closed lower; 0 in the first session.
///
/// Scale: the volume's, and its level depends on where the series begins, so it is no feature;
/// the spec's column is the slope of its last sessions, which does not. Warm-up: none. Always
/// defined.
///
/// # Panics
/// If the series differ in length.
///
/// # Source
/// Granville (1963).
pub fn obv(close: &[f64], volume: &[f64]) -> Vec<f64> {
    let bars = RawBars {
        volume,
        ..RawBars::of_close(close)
    };
    let [series] = raw([RawIndicator::Obv], &bars);
    series
}

fn signed_volume(graph: &mut Graph) -> Node {
    let bars = graph.inputs();
    let taps = [bars.close.now(), bars.close.at(1), bars.volume.now()];
    graph.add(Formula::SignedVolume, &taps)
}

pub(super) fn series(graph: &mut Graph) -> Node {
    let signed = signed_volume(graph);
    graph.add(Formula::RunningSum, &[signed.now()])
}

/// Signed volume of the last `period` sessions / volume of the same sessions, in -1..1.
///
/// Warm-up: `period`. Undefined when nothing was traded: 0.
pub(super) fn slope(graph: &mut Graph, period: usize) -> Node {
    let signed = signed_volume(graph);
    let volume = graph.inputs().volume;
    let signed = rolling::sum(graph, signed, period);
    let total = rolling::sum(graph, volume, period);
    graph.add(Formula::ObvSlope, &[signed.now(), total.now()])
}

/// 1 for a rise, -1 for a fall, 0 for the same price.
#[inline(always)]
pub(super) fn direction(close: f64, before: f64) -> f64 {
    let change = close - before;
    if change.abs() > SAME * close {
        1.0_f64.copysign(change)
    } else {
        0.0
    }
}

/// 1 if the closes are the same price, else 0.
#[inline(always)]
pub(super) fn unchanged(close: f64, before: f64) -> f64 {
    if (close - before).abs() > SAME * close {
        0.0
    } else {
        1.0
    }
}

#[inline(always)]
pub(super) fn slope_value([signed, total]: [f64; 2]) -> f64 {
    let value = signed / total;
    if total > 0.0 { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use crate::indicators::Indicator;
    use crate::indicators::test_bars::of_close_and_volume;

    fn slope(close: &[f64], volume: &[f64], period: usize) -> Vec<f64> {
        Indicator::ObvSlope { period }.column(&of_close_and_volume(close, volume))
    }

    #[test]
    fn slope_by_hand() {
        // Up 30, down 10, unchanged 20: windows of two give (30-10)/40 and (-10+0)/30.
        let series = slope(&[1.0, 2.0, 1.5, 1.5], &[99.0, 30.0, 10.0, 20.0], 2);
        assert!(series[1].is_nan());
        assert_eq!(series[2..], [0.5, -10.0 / 30.0]);
    }

    #[test]
    fn nothing_traded_is_no_slope() {
        assert_eq!(slope(&[1.0; 4], &[5.0, 0.0, 0.0, 0.0], 2)[2..], [0.0, 0.0]);
    }

    #[test]
    fn a_huge_volume_is_forgotten_once_it_has_left_the_window() {
        let mut volume = vec![1.0; 60];
        volume[20] = 1e15;
        volume[21] = 0.1;
        let close: Vec<f64> = (0..60).map(|t| 100.0 + f64::from(t % 3)).collect();
        let mut quiet = volume.clone();
        quiet[20] = 1.0;
        assert_eq!(
            slope(&close, &volume, 20)[40..],
            slope(&close, &quiet, 20)[40..]
        );
    }
}
