//! Sums of derivatives over the bins of a column, and the best place to cut them.

use super::BoostingConfig;
use super::binning::MAX_BINS;

/// First and second derivative of the loss at a row.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Derivatives {
    pub(crate) gradient: f32,
    pub(crate) hessian: f32,
}

/// Derivatives summed over rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Sums {
    pub(crate) gradient: f64,
    pub(crate) hessian: f64,
}

impl Sums {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient + other.gradient,
            hessian: self.hessian + other.hessian,
        }
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
        }
    }

    pub(crate) fn of(derivatives: &[Derivatives]) -> Self {
        derivatives.iter().fold(Self::default(), |sums, at| Self {
            gradient: sums.gradient + f64::from(at.gradient),
            hessian: sums.hessian + f64::from(at.hessian),
        })
    }

    /// The answer that lowers the loss most, to second order: -G / (H + l2).
    pub(crate) fn answer(self, l2: f64) -> f64 {
        -self.gradient / (self.hessian + l2)
    }

    /// Twice what that answer lowers the loss by: G^2 / (H + l2).
    fn merit(self, l2: f64) -> f64 {
        self.gradient * self.gradient / (self.hessian + l2)
    }
}

/// One column's sums, bin by bin.
pub(crate) type Histogram = Vec<Sums>;

/// Sums the derivatives of `rows` over the bins of a column, in the order of the rows.
///
/// # Shapes
/// - `bins`: one a row of the data
/// - `rows`, `derivatives`: one a row of the leaf, in the same order
pub(crate) fn sum_histogram(bins: &[u8], rows: &[u32], derivatives: &[Derivatives]) -> Histogram {
    let mut sums = vec![Sums::default(); MAX_BINS + 1];
    for (&row, at) in rows.iter().zip(derivatives) {
        let sums = &mut sums[usize::from(bins[row as usize])];
        sums.gradient += f64::from(at.gradient);
        sums.hessian += f64::from(at.hessian);
    }
    sums
}

/// The sums of the other child: the parent's less these.
pub(crate) fn subtract(parent: &mut Histogram, child: &[Sums]) {
    for (parent, child) in parent.iter_mut().zip(child) {
        *parent = parent.minus(*child);
    }
}

/// A place to split a leaf: rows up to and including `bin` of `column` go left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Split {
    pub(crate) column: usize,
    pub(crate) bin: u8,
    pub(crate) gain: f64,
    pub(crate) left: Sums,
}

/// The best split of one column; of equally good ones the lowest bin.
///
/// Rows of a side are estimated from its share of the leaf's second derivatives, which are alike over
/// rows: counting them would cost as much again as summing.
///
/// # Source
/// Chen and Guestrin, "XGBoost" (2016), equation 7; the estimate is LightGBM's.
pub(crate) fn best_split(
    histogram: &[Sums],
    column: usize,
    n_bins: usize,
    total: Sums,
    n_rows: usize,
    config: &BoostingConfig,
) -> Option<Split> {
    let whole = total.merit(config.l2);
    let fewest = total.hessian * config.min_rows as f64 / n_rows as f64;
    let mut left = Sums::default();
    let mut best: Option<Split> = None;
    for (bin, sums) in histogram[..n_bins - 1].iter().enumerate() {
        left = left.plus(*sums);
        if left.hessian < fewest {
            continue;
        }
        let right = total.minus(left);
        if right.hessian < fewest {
            break;
        }
        let gain = left.merit(config.l2) + right.merit(config.l2) - whole;
        if gain > best.map_or(1e-12, |best| best.gain) {
            best = Some(Split {
                column,
                bin: bin as u8,
                gain,
                left,
            });
        }
    }
    best
}
