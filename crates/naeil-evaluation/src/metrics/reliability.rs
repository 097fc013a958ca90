//! Whether probabilities come true: reliability table and expected calibration error.

use std::ops::Range;

use crate::Statistic;
use crate::metrics::ranks::ascending;
use crate::row::ScoredRow;

/// Bins of the reliability table and of the expected calibration error: as many rows in each as
/// equal probabilities, which share a bin, allow.
///
/// Fifteen as in Guo et al. (2017); of equal count as in Nixon et al. (2019), because probabilities
/// of a rise crowd around the base rate.
pub const N_BINS: usize = 15;

/// One line of a reliability table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// Rows in the bin.
    pub n_rows: usize,
    /// The lowest probability of a rise in it.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// Mean probability of a rise.
    pub mean_probability: f64,
    /// Share of rows that rose.
    pub share_up: f64,
    /// Lower end of Wilson's 95 % interval of the share. It takes rows for independent, which rows
    /// of one session are not: it is a lower bound of the uncertainty.
    pub low: f64,
    /// Upper end of the same.
    pub high: f64,
}

/// The reliability table of scored rows, in [`N_BINS`] bins, ascending; empty without rows.
///
/// # Panics
/// If a probability is NaN.
pub fn reliability(rows: &[ScoredRow]) -> Vec<ReliabilityBin> {
    let probabilities: Vec<f64> = rows.iter().map(|row| row.probability_up).collect();
    let is_up: Vec<bool> = rows.iter().map(ScoredRow::is_up).collect();
    Bins::of_equal_count(&probabilities, &ascending(&probabilities), N_BINS)
        .table(&probabilities, &is_up)
}

/// The expected calibration error of a table: the mean distance of what was said from what happened,
/// weighted by rows; `None` without a row.
pub fn calibration_error(table: &[ReliabilityBin]) -> Option<f64> {
    let n_rows: usize = table.iter().map(|bin| bin.n_rows).sum();
    let distance =
        |bin: &ReliabilityBin| bin.n_rows as f64 * (bin.mean_probability - bin.share_up).abs();
    (n_rows > 0).then(|| table.iter().map(distance).sum::<f64>() / n_rows as f64)
}

/// The bin of every row, ascending in probability.
pub(crate) struct Bins {
    bin: Vec<u32>,
    n_bins: usize,
}

impl Bins {
    /// Cuts the probabilities into at most `n_bins` bins: bin k ends with the row at which
    /// `n (k + 1) / n_bins` rows have passed, or with the last row that equals it.
    /// `order` is the rows, ascending in probability.
    pub(crate) fn of_equal_count(probabilities: &[f64], order: &[usize], n_bins: usize) -> Self {
        let n = probabilities.len();
        let mut bin = vec![0; n];
        let (mut current, mut passed, mut last_edge) = (0_u32, 0, 0);
        for group in order.chunk_by(|&a, &b| probabilities[a] == probabilities[b]) {
            let edge = passed * n_bins / n;
            if edge > last_edge {
                current += 1;
                last_edge = edge;
            }
            group.iter().for_each(|&row| bin[row] = current);
            passed += group.len();
        }
        Self {
            bin,
            n_bins: if n == 0 { 0 } else { current as usize + 1 },
        }
    }

    /// The reliability table.
    pub(crate) fn table(&self, probabilities: &[f64], is_up: &[bool]) -> Vec<ReliabilityBin> {
        let mut sums = vec![(0_usize, 0.0, 0_usize); self.n_bins];
        let mut ends = vec![(f64::INFINITY, f64::NEG_INFINITY); self.n_bins];
        for ((&bin, p), &up) in self.bin.iter().zip(probabilities).zip(is_up) {
            let sum = &mut sums[bin as usize];
            sum.0 += 1;
            sum.1 += p;
            sum.2 += usize::from(up);
            let (lowest, highest) = &mut ends[bin as usize];
            (*lowest, *highest) = (lowest.min(*p), highest.max(*p));
        }
        sums.into_iter()
            .zip(ends)
            .map(|((n_rows, probability, n_up), (lowest, highest))| {
                let (low, high) = wilson_interval(n_up, n_rows);
                ReliabilityBin {
                    n_rows,
                    lowest,
                    highest,
                    mean_probability: probability / n_rows as f64,
                    share_up: n_up as f64 / n_rows as f64,
                    low,
                    high,
                }
            })
            .collect()
    }

    /// The expected calibration error: the sum over bins of |sum of (probability - outcome)|, over
    /// the rows.
    ///
    /// The bins stay those of the whole sample in every draw. Being a sum of absolute values it is
    /// above 0 even for perfect probabilities, and above its own value on most draws: read its
    /// interval as one-sided.
    pub(crate) fn calibration_error(
        &self,
        probabilities: &[f64],
        is_up: &[bool],
        sessions: &[Range<usize>],
    ) -> Statistic {
        let mut deviations = vec![vec![0.0; sessions.len()]; self.n_bins];
        for (session, rows) in sessions.iter().enumerate() {
            for row in rows.clone() {
                let outcome = if is_up[row] { 1.0 } else { 0.0 };
                deviations[self.bin[row] as usize][session] += probabilities[row] - outcome;
            }
        }
        let rows = sessions.iter().map(|rows| rows.len() as f64).collect();
        Statistic::absolute_share(deviations, rows)
    }
}

/// Wilson's 95 % interval of a share; 0 to 1 without rows.
///
/// # Source
/// Wilson (1927).
pub fn wilson_interval(n_up: usize, n_rows: usize) -> (f64, f64) {
    if n_rows == 0 {
        return (0.0, 1.0);
    }
    let (n, share) = (n_rows as f64, n_up as f64 / n_rows as f64);
    let squared = Z * Z;
    let scale = 1.0 + squared / n;
    let centre = (share + squared / (2.0 * n)) / scale;
    let half = Z / scale * (share * (1.0 - share) / n + squared / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// The normal distribution's 97.5 % quantile.
const Z: f64 = 1.959_963_984_540_054;

#[cfg(test)]
mod tests;
