//! On-balance volume.

use super::{after_warm_up, talib};

/// Computes the running sum of volume, added in sessions that closed higher and subtracted in
/// those that closed lower; 0 in the first session.
///
/// Scale: the volume's, and its level depends on where the series begins, so it is no feature;
/// the spec's column is its change over a fixed number of sessions against the volume traded in
/// them, which does not. Warm-up: none.
///
/// # Panics
/// If the series differ in length.
///
/// # Source
/// Granville (1963).
pub fn obv(close: &[f64], volume: &[f64]) -> Vec<f64> {
    let [mut series] = talib::aligned(close.len(), 0, |core, [out]| {
        core.obv(0, close.len() - 1, close, volume, out)
    });
    // TA-Lib starts at the first session's volume, which has no direction.
    let start = volume.first().copied().unwrap_or(0.0);
    series.iter_mut().for_each(|value| *value -= start);
    series
}

/// Signed volume of the last `period` sessions / volume of the same sessions, in -1..1.
///
/// Warm-up: `period`. Undefined when nothing was traded: 0. Summed window by window rather than
/// as a difference of two sums, so that no value depends on where the series begins.
pub(super) fn change(close: &[f64], volume: &[f64], period: usize) -> Vec<f64> {
    let signed: Vec<f64> = after_warm_up(close.len(), 1, |t| {
        if close[t] > close[t - 1] {
            volume[t]
        } else if close[t] < close[t - 1] {
            -volume[t]
        } else {
            0.0
        }
    });
    after_warm_up(close.len(), period, |t| {
        let window = t + 1 - period..=t;
        let total: f64 = volume[window.clone()].iter().sum();
        if total == 0.0 {
            0.0
        } else {
            signed[window].iter().sum::<f64>() / total
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_by_hand() {
        // Up 30, down 10, unchanged 20: windows of two give (30-10)/40 and (-10+0)/30.
        let series = change(&[1.0, 2.0, 1.5, 1.5], &[99.0, 30.0, 10.0, 20.0], 2);
        assert!(series[1].is_nan());
        assert_eq!(series[2..], [0.5, -10.0 / 30.0]);
    }

    #[test]
    fn nothing_traded_is_no_change() {
        assert_eq!(change(&[1.0; 4], &[5.0, 0.0, 0.0, 0.0], 2)[2..], [0.0, 0.0]);
    }
}
