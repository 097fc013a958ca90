//! Intervals by a bootstrap over blocks of sessions.
//!
//! Stocks of one session share its market and labels of neighbouring sessions share returns, so
//! rows are not independent and neither are sessions. What is drawn is therefore a block of
//! sessions that follow each other (circular block bootstrap), and every figure is a function of
//! sums over sessions ([`Statistic`]), so a draw costs one addition a block.
//!
//! A block bootstrap alone is too sure of itself when the blocks are few: it loses what the blocks
//! cut through, takes deviations from the series' own mean, and knows its variance from a handful of
//! blocks. Its percentile interval is widened about the estimate for all three (`widening.rs`).
//!
//! # Source
//! Politis and Romano (1992), "A circular block-resampling procedure for stationary data".

mod draws;
mod statistic;
mod widening;

use naeil_domain::Horizon;

use draws::{BlockSums, Draws};
pub use statistic::Statistic;
use widening::widening;

/// Sessions in a block where labels reach no further than half of it.
pub const BLOCK_LENGTH: usize = 20;

/// How intervals are drawn.
///
/// Two figures drawn with the same settings over the same number of sessions use the same draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Bootstrap samples.
    pub n_draws: usize,
    /// Sessions in a block. At most a third of the sessions are used: fewer than three blocks vary
    /// too little.
    pub block_length: usize,
    /// Sessions whose returns a label spans: labels of sessions closer than this share returns. 1
    /// where none do.
    pub label_span: usize,
    /// Share of outcomes that the interval is meant to hold: above 0, below 1.
    pub level: f64,
    /// Seed of the draws.
    pub seed: u64,
}

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval, at most the estimate. Being widened it may lie outside of what the
    /// figure can be (a share below 0, say).
    pub low: f64,
    /// Upper end of the interval, at least the estimate.
    pub high: f64,
    /// Standard deviation of the draws, widened like the interval.
    pub standard_error: f64,
    /// Sessions that the figure rests on.
    pub n_sessions: usize,
}

impl Figure {
    /// Whether the whole interval lies above `value`.
    pub fn is_above(&self, value: f64) -> bool {
        self.low > value
    }

    /// Whether the whole interval lies below `value`.
    pub fn is_below(&self, value: f64) -> bool {
        self.high < value
    }
}

impl Bootstrap {
    /// The default of one horizon: 2,000 draws, a 95 % interval, and blocks of twice the horizon but
    /// at least [`BLOCK_LENGTH`] sessions.
    ///
    /// Twice: labels of h sessions overlap over h - 1 steps, and of the variance this causes blocks
    /// of h sessions keep two thirds, blocks of 2 h five sixths.
    pub fn of_horizon(horizon: Horizon) -> Self {
        Self {
            n_draws: 2_000,
            block_length: BLOCK_LENGTH.max(2 * horizon.steps()),
            label_span: horizon.steps(),
            level: 0.95,
            seed: 0,
        }
    }

    /// The figure of one statistic.
    ///
    /// `None` if it is undefined, rests on fewer than two sessions (which give no interval), or is
    /// undefined in more than half of the draws.
    pub fn figure(&self, statistic: &Statistic) -> Option<Figure> {
        self.mean_over_seeds(&[statistic])
    }

    /// The mean of one statistic over several seeds of a forecaster, on the same sessions.
    ///
    /// Every seed is scored on the same draws: the interval is of the sessions, not of the seeds.
    ///
    /// # Panics
    /// If the statistics are of different numbers of sessions.
    pub fn mean_over_seeds(&self, seeds: &[&Statistic]) -> Option<Figure> {
        self.paired_difference_over_seeds(seeds, &[])
    }

    /// `a` minus `b`, two forecasters on the same sessions and the same draws.
    ///
    /// # Panics
    /// If the statistics are of different numbers of sessions.
    pub fn paired_difference(&self, a: &Statistic, b: &Statistic) -> Option<Figure> {
        self.paired_difference_over_seeds(&[a], &[b])
    }

    /// The mean over the seeds of `a` minus the mean over the seeds of `b`; an empty `b` is 0.
    ///
    /// # Panics
    /// If the statistics are of different numbers of sessions.
    pub fn paired_difference_over_seeds(
        &self,
        a: &[&Statistic],
        b: &[&Statistic],
    ) -> Option<Figure> {
        let terms: Vec<(f64, &Statistic)> = (a.iter().map(|&s| (1.0 / a.len() as f64, s)))
            .chain(b.iter().map(|&s| (-1.0 / b.len() as f64, s)))
            .collect();
        let n = terms.first()?.1.n_sessions();
        assert!(
            terms.iter().all(|(_, s)| s.n_sessions() == n),
            "paired statistics are of the same sessions"
        );
        let n_sessions = terms.iter().map(|(_, s)| s.n_counted()).min()?;
        if n_sessions < 2 {
            return None;
        }
        let value = terms.iter().try_fold(0.0, |sum, (weight, statistic)| {
            Some(sum + weight * statistic.value()?)
        })?;
        let draws = Draws::new(self.n_draws, n, self.block_of(n), self.seed);
        let sums: Vec<(f64, BlockSums)> = terms
            .iter()
            .map(|&(weight, statistic)| (weight, BlockSums::new(statistic, &draws)))
            .collect();
        let mut drawn: Vec<f64> = (0..self.n_draws)
            .filter_map(|draw| {
                sums.iter().try_fold(0.0, |sum, (weight, blocks)| {
                    Some(sum + weight * blocks.value(draws.of(draw))?)
                })
            })
            .collect();
        if 2 * drawn.len() < self.n_draws || drawn.len() < 2 {
            return None;
        }
        drawn.sort_unstable_by(f64::total_cmp);
        let widening = widening(n, self.block_of(n), self.label_span);
        let tail = (1.0 - self.level) / 2.0;
        let low = value - widening * (value - quantile(&drawn, tail));
        let high = value + widening * (quantile(&drawn, 1.0 - tail) - value);
        // Draws of a sum of absolute values may all lie above it.
        Some(Figure {
            value,
            low: low.min(value),
            high: high.max(value),
            standard_error: widening * standard_deviation(&drawn),
            n_sessions,
        })
    }

    fn block_of(&self, n: usize) -> usize {
        self.block_length.min(n / 3).max(1)
    }
}

/// Quantile of ascending values, interpolated linearly between order statistics.
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let at = level * (sorted.len() - 1) as f64;
    let below = at.floor();
    let lower = sorted[below as usize];
    let upper = sorted[at.ceil() as usize];
    lower + (at - below) * (upper - lower)
}

fn standard_deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (count - 1.0)).sqrt()
}

#[cfg(test)]
mod tests;
