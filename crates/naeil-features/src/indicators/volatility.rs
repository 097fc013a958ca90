//! Volatility of daily returns.

use super::after_warm_up;
use super::log_return::log_return;

/// Computes the sample deviation of the last `period` one-day log returns.
///
/// Scale: a return a day, not annualised. Warm-up: `period`. Always defined for two or more; 0
/// when the price did not move. Two passes over each window, so that nothing cancels.
///
/// # Panics
/// If `period` is below 2.
pub fn volatility(close: &[f64], period: usize) -> Vec<f64> {
    assert!(period >= 2, "a sample deviation needs two returns");
    let returns = log_return(close, 1);
    after_warm_up(close.len(), period, |t| {
        let window = &returns[t + 1 - period..=t];
        let mean = window.iter().sum::<f64>() / period as f64;
        let squares: f64 = window.iter().map(|r| (r - mean) * (r - mean)).sum();
        (squares / (period - 1) as f64).sqrt()
    })
}
