//! Logarithmic returns.

use super::after_warm_up;

/// Computes `ln(close[t] / close[t - period])`.
///
/// Warm-up: `period`. Always defined for positive prices.
pub fn log_return(close: &[f64], period: usize) -> Vec<f64> {
    after_warm_up(close.len(), period, |t| (close[t] / close[t - period]).ln())
}
