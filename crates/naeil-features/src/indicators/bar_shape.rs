//! The shape of one bar: gap, range, and where it closed.

use super::after_warm_up;

/// Computes `ln(open / close before)`.
///
/// Warm-up: 1. Always defined for positive prices.
pub fn gap(open: &[f64], close: &[f64]) -> Vec<f64> {
    after_warm_up(close.len(), 1, |t| (open[t] / close[t - 1]).ln())
}

/// Computes `ln(high / low)`.
///
/// Warm-up: none. Always defined for positive prices.
pub fn range(high: &[f64], low: &[f64]) -> Vec<f64> {
    after_warm_up(high.len(), 0, |t| (high[t] / low[t]).ln())
}

/// Computes `(close - low) / (high - low) - 0.5`: -0.5 at the low, 0.5 at the high.
///
/// Warm-up: none. Undefined when the bar has no range: 0.
pub fn position(high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
    after_warm_up(close.len(), 0, |t| {
        let range = high[t] - low[t];
        if range <= 1e-14 * high[t] {
            0.0
        } else {
            (close[t] - low[t]) / range - 0.5
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_by_hand() {
        assert_eq!(gap(&[10.0, 11.0], &[10.0, 12.0])[1], 1.1_f64.ln());
        assert_eq!(range(&[12.0], &[10.0]), [1.2_f64.ln()]);
        assert_eq!(
            position(&[12.0, 5.0], &[8.0, 5.0], &[11.0, 5.0]),
            [0.25, 0.0]
        );
    }
}
