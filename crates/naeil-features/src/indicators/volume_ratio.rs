//! Volume against its own mean.

use super::engine::formula::Formula;
use super::engine::graph::{Graph, Node};
use super::engine::rolling;
use super::{RawBars, RawIndicator, raw};

/// [`log_ratio`] does not leave these bounds.
const CLIP: f64 = 5.0;

/// Computes `volume / mean volume of the last period sessions`, the session itself among them.
///
/// Scale: 0..`period`, 1 for an ordinary session. Warm-up: `period - 1`. Undefined when nothing
/// was traded in the whole window: 1.
///
/// # Panics
/// If `period` is not within `1..=100_000`.
pub fn volume_ratio(volume: &[f64], period: usize) -> Vec<f64> {
    let bars = RawBars {
        volume,
        ..RawBars::default()
    };
    let [series] = raw([RawIndicator::VolumeRatio { period }], &bars);
    series
}

pub(super) fn series(graph: &mut Graph, period: usize) -> Node {
    let volume = graph.inputs().volume;
    let sum = rolling::sum(graph, volume, period);
    let count = period as f64;
    graph.add(Formula::VolumeRatio { count }, &[volume.now(), sum.now()])
}

/// `ln(mean volume of short / mean volume of long)`, within -5..5. Warm-up: `long - 1`.
///
/// Undefined when nothing was traded in the long window: 0. When only in the short one, the lower
/// bound.
pub(super) fn log_ratio(graph: &mut Graph, short: usize, long: usize) -> Node {
    let volume = graph.inputs().volume;
    let sums = [short, long].map(|period| rolling::sum(graph, volume, period).now());
    let [short, long] = [short, long].map(|period| period as f64);
    graph.add(Formula::LogVolumeRatio { short, long }, &sums)
}

#[inline(always)]
pub(super) fn ratio([volume, sum]: [f64; 2], count: f64) -> f64 {
    let value = volume * count / sum;
    if sum > 0.0 { value } else { 1.0 }
}

/// `factor` is long over short, which makes means of sums.
#[inline(always)]
pub(super) fn log_ratio_value([short, long]: [f64; 2], factor: f64) -> f64 {
    let value = super::engine::ln::ln(short * factor / long).clamp(-CLIP, CLIP);
    let value = if short > 0.0 { value } else { -CLIP };
    if long > 0.0 { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Indicator;
    use crate::indicators::test_bars::of_close_and_volume;

    #[test]
    fn ratio_and_its_logarithm_by_hand() {
        // Windows of two: 2 / mean(2, 2) = 1, 6 / mean(2, 6) = 1.5, 0 / mean(6, 0) = 0, none.
        let volume = [2.0, 2.0, 6.0, 0.0, 0.0];
        assert_eq!(volume_ratio(&volume, 2)[1..], [1.0, 1.5, 0.0, 1.0]);
        let (short, long) = (1, 2);
        let ratio = Indicator::LogVolumeRatio { short, long };
        let series = ratio.column(&of_close_and_volume(&[1.0; 5], &volume));
        assert!(series[0].is_nan());
        assert_eq!(series[1..], [0.0, 1.5_f64.ln(), -5.0, 0.0]);
    }
}
