//! What calibration keeps of a session whose outcomes are known.

use super::platt::{Bin, Platt, logit, sigmoid};

/// A session's rows in bins of similar direction output, a few hundred times smaller than the rows.
///
/// Rows of a bin are taken to have the bin's mean direction output. That changes a log likelihood
/// by at most `slope^2 * v / 8` a row, `v` being the variance within the bin: about 1e-6 for the 64
/// bins and the spread of 0.2 that direction outputs have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SessionSummary {
    pub(crate) session_idx: u32,
    /// Rows.
    pub(crate) n: f64,
    /// Rows that rose.
    pub(crate) ups: f64,
    pub(crate) z_mean: f64,
    pub(crate) z_variance: f64,
    pub(crate) bins: Vec<Bin>,
}

impl SessionSummary {
    /// Sums rows up; at most `n_bins` bins of nearly equal size.
    pub(crate) fn new(
        session_idx: u32,
        direction: &[f64],
        forward_return: &[f64],
        n_bins: usize,
    ) -> Self {
        let mut rows: Vec<(f64, f64)> = direction
            .iter()
            .zip(forward_return)
            .map(|(&z, &forward_return)| (z, f64::from(u8::from(forward_return > 0.0))))
            .collect();
        // Ties in full: the order of rows must not change a bit of the sums.
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let n_bins = n_bins.min(rows.len());
        let bins: Vec<Bin> = (0..n_bins)
            .map(|i| &rows[i * rows.len() / n_bins..(i + 1) * rows.len() / n_bins])
            .map(|rows| Bin {
                z: rows.iter().map(|row| row.0).sum::<f64>() / rows.len() as f64,
                n: rows.len() as f64,
                ups: rows.iter().map(|row| row.1).sum(),
            })
            .collect();
        let n = rows.len() as f64;
        let z_mean = rows.iter().map(|row| row.0).sum::<f64>() / n.max(1.0);
        let squares = rows.iter().map(|row| (row.0 - z_mean).powi(2)).sum::<f64>();
        Self {
            session_idx,
            n,
            ups: rows.iter().map(|row| row.1).sum(),
            z_mean,
            z_variance: squares / n.max(1.0),
            bins,
        }
    }

    /// Mean log loss of a row, in nats.
    pub(crate) fn loss(&self, platt: &Platt) -> f64 {
        self.bins.iter().map(|bin| platt.loss(bin)).sum::<f64>() / self.n.max(1.0)
    }

    /// What the session says about the slope once its own base rate is taken as given: the
    /// likelihood, with the intercept chosen best for the session, as a parabola around `slope`.
    ///
    /// A session in which every stock went the same way says nothing.
    pub(crate) fn slope_evidence(&self, slope: f64) -> SlopeEvidence {
        if self.ups <= 0.0 || self.ups >= self.n {
            return SlopeEvidence::default();
        }
        let mut intercept = logit(self.ups / self.n) - slope * self.z_mean;
        let mut sums = [0.0; 5];
        // The intercept is one Newton step away but for outputs of enormous spread.
        for step in 0..5 {
            sums = [0.0; 5];
            for bin in &self.bins {
                let p = sigmoid(intercept + slope * bin.z);
                let (excess, information) = (bin.ups - bin.n * p, bin.n * p * (1.0 - p));
                sums[0] += excess;
                sums[1] += information;
                sums[2] += excess * bin.z;
                sums[3] += information * bin.z;
                sums[4] += information * bin.z * bin.z;
            }
            if step == 4 || sums[0].abs() < 1e-6 * self.n {
                break;
            }
            intercept += sums[0] / sums[1];
        }
        let [excess, information, excess_z, information_z, information_zz] = sums;
        let centre = information_z / information;
        let evidence = SlopeEvidence {
            precision: (information_zz - information_z * centre).max(0.0),
            weighted: excess_z - centre * excess,
        };
        SlopeEvidence {
            weighted: evidence.weighted + evidence.precision * slope,
            ..evidence
        }
    }
}

/// A Gaussian message about the slope.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct SlopeEvidence {
    pub(crate) precision: f64,
    /// Precision times the slope it speaks for.
    pub(crate) weighted: f64,
}
