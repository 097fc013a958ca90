//! Volume against its own mean.

use super::after_warm_up;

/// Computes `volume / mean volume of the last period sessions`, the session itself among them.
///
/// Scale: 0..`period`, 1 for an ordinary session. Warm-up: `period - 1`. Undefined when nothing
/// was traded in the whole window: 1.
///
/// # Panics
/// If `period` is 0.
pub fn volume_ratio(volume: &[f64], period: usize) -> Vec<f64> {
    assert!(period > 0, "a mean needs a session");
    after_warm_up(volume.len(), period - 1, |t| {
        let mean = volume[t + 1 - period..=t].iter().sum::<f64>() / period as f64;
        if mean == 0.0 { 1.0 } else { volume[t] / mean }
    })
}

/// `ln((1 + ratio) / 2)`: 0 for an ordinary session, bounded below by -ln 2 at no volume, and
/// growing like the logarithm for busy ones, whose ratio has a long tail.
pub(super) fn squashed(volume: &[f64], period: usize) -> Vec<f64> {
    let mut series = volume_ratio(volume, period);
    series
        .iter_mut()
        .for_each(|ratio| *ratio = f64::midpoint(1.0, *ratio).ln());
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratio_and_its_squashed_form_by_hand() {
        // Windows of two: 2 / mean(2, 2) = 1, 6 / mean(2, 6) = 1.5, 0 / mean(6, 0) = 0, none.
        let volume = [2.0, 2.0, 6.0, 0.0, 0.0];
        assert_eq!(volume_ratio(&volume, 2)[1..], [1.0, 1.5, 0.0, 1.0]);
        let ln2 = std::f64::consts::LN_2;
        assert_eq!(squashed(&volume, 2)[1..], [0.0, 1.25_f64.ln(), -ln2, 0.0]);
    }
}
