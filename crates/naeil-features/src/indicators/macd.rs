//! Moving average convergence and divergence.

use super::talib;

/// The three series of [`macd`].
#[derive(Debug, Clone)]
pub struct Macd {
    /// Fast average less slow average.
    pub line: Vec<f64>,
    /// Exponential average of the line.
    pub signal: Vec<f64>,
    /// Line less signal.
    pub histogram: Vec<f64>,
}

/// Computes the distance of two exponential averages and its own average.
///
/// Scale: the price's. Warm-up: `slow + signal - 2`, for all three.
///
/// # Panics
/// If `fast` or `slow` is not within `2..=100_000`, or `signal` not within `1..=100_000`.
///
/// # Source
/// Appel (1979), seeded as in TA-Lib.
pub fn macd(close: &[f64], fast: usize, slow: usize, signal: usize) -> Macd {
    let warm_up = (slow + signal).saturating_sub(2);
    let [line, signal, histogram] =
        talib::aligned(close.len(), warm_up, |core, [line, average, histogram]| {
            let periods = [fast, slow, signal].map(talib::period);
            let last = close.len() - 1;
            let [fast, slow, signal] = periods;
            core.macd(0, last, close, fast, slow, signal, line, average, histogram)
        });
    Macd {
        line,
        signal,
        histogram,
    }
}
