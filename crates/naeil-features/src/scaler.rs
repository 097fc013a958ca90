//! The scaler: clips each raw column to its usual range, then standardises it; ranks stay.

#[cfg(test)]
mod tests;

use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::FeatureError;
use crate::panel::FeaturePanel;
use crate::spec::Form;

/// Share of the training rows clipped at each end.
const TAIL: f64 = 0.005;

/// Clip bounds, mean and deviation of every column, as seen in training.
///
/// # Units
/// Bounds, means and deviations are in the units of their column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ScalerText", into = "ScalerText")]
pub struct Scaler {
    columns: Vec<ColumnScale>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct ColumnScale {
    mean: f32,
    std: f32,
    low: f32,
    high: f32,
}

/// A scaler as it is written down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScalerText {
    mean: Vec<f32>,
    std: Vec<f32>,
    low: Vec<f32>,
    high: Vec<f32>,
}

impl Scaler {
    /// Fits the scaler on the rows of `sessions` whose stock is eligible there: it traded, and its
    /// last sessions are such as a window may hold.
    ///
    /// Bounds of a raw column are the 0.5th and 99.5th percentile (exact, linear between ranks);
    /// mean and population deviation are those of the clipped values; a constant column has
    /// deviation 1. Ranks have unit variance as they are, and come out as they went in.
    ///
    /// # Errors
    /// [`FeatureError::NoTrainingRows`] if `sessions` holds no such row.
    pub fn fit(panel: &FeaturePanel, sessions: Range<usize>) -> Result<Self, FeatureError> {
        let n_sessions = panel.sessions().len();
        let n_stocks = panel.stocks().len();
        let rows: Vec<&[f32]> = (sessions.start..sessions.end.min(n_sessions))
            .flat_map(|session_idx| (0..n_stocks).map(move |stock_idx| (session_idx, stock_idx)))
            .filter(|&(session_idx, stock_idx)| panel.is_eligible(session_idx, stock_idx))
            .filter_map(|(session_idx, stock_idx)| panel.row(session_idx, stock_idx))
            .collect();
        if rows.is_empty() {
            return Err(FeatureError::NoTrainingRows {
                from: sessions.start,
                to: sessions.end,
            });
        }
        let columns = (panel.spec().columns().par_iter().enumerate())
            .map(|(column_idx, column)| match column.form {
                Form::Rank => ColumnScale::RANK,
                Form::Raw => {
                    let values = rows.iter().map(|row| row[column_idx]);
                    ColumnScale::fit(values.filter(|x| x.is_finite()).collect())
                }
            })
            .collect();
        Ok(Self { columns })
    }

    /// Puts a scaler together from its parts, one value a column each.
    ///
    /// # Errors
    /// [`FeatureError::ScalerInvalid`] if the parts differ in length or are empty, a value is not
    /// finite, a deviation is not positive, or bounds are crossed.
    pub fn from_parts(
        mean: &[f32],
        std: &[f32],
        low: &[f32],
        high: &[f32],
    ) -> Result<Self, FeatureError> {
        let invalid = |problem| Err(FeatureError::ScalerInvalid { problem });
        let n = mean.len();
        if n == 0 || [std, low, high].iter().any(|part| part.len() != n) {
            let lengths = [n, std.len(), low.len(), high.len()];
            return invalid(format!(
                "mean, std, low and high have {lengths:?} values, expected the same number of each"
            ));
        }
        let columns: Vec<ColumnScale> = (0..n)
            .map(|i| ColumnScale {
                mean: mean[i],
                std: std[i],
                low: low[i],
                high: high[i],
            })
            .collect();
        match columns.iter().position(|column| !column.is_valid()) {
            None => Ok(Self { columns }),
            Some(i) => invalid(format!(
                "column {i} has {:?}, expected finite values, std above 0 and low <= high",
                columns[i]
            )),
        }
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// Clips and standardises rows in place: `(clip(x) - mean) / std`; a value that is missing
    /// (`NaN`) becomes 0, the middle.
    ///
    /// # Shapes
    /// - `values`: `[rows, n_columns]`
    ///
    /// # Panics
    /// If `values` does not hold whole rows.
    pub fn transform(&self, values: &mut [f32]) {
        self.apply(values, |x, scale| {
            if x.is_nan() {
                return 0.0;
            }
            (x.clamp(scale.low, scale.high) - scale.mean) / scale.std
        });
    }

    /// Undoes [`Self::transform`] in place, up to the clipping: `x * std + mean`.
    ///
    /// # Shapes
    /// - `values`: `[rows, n_columns]`
    ///
    /// # Panics
    /// If `values` does not hold whole rows.
    pub fn inverse_transform(&self, values: &mut [f32]) {
        self.apply(values, |x, scale| x * scale.std + scale.mean);
    }

    /// The columns' means.
    pub fn means(&self) -> Vec<f32> {
        self.part(|scale| scale.mean)
    }

    /// The columns' standard deviations.
    pub fn stds(&self) -> Vec<f32> {
        self.part(|scale| scale.std)
    }

    /// The columns' lower clip bounds.
    pub fn lows(&self) -> Vec<f32> {
        self.part(|scale| scale.low)
    }

    /// The columns' upper clip bounds.
    pub fn highs(&self) -> Vec<f32> {
        self.part(|scale| scale.high)
    }

    fn part(&self, value: impl Fn(&ColumnScale) -> f32) -> Vec<f32> {
        self.columns.iter().map(value).collect()
    }

    fn apply(&self, values: &mut [f32], change: impl Fn(f32, &ColumnScale) -> f32) {
        assert_eq!(
            values.len() % self.columns.len(),
            0,
            "values must be whole rows of {} columns",
            self.columns.len()
        );
        for row in values.chunks_exact_mut(self.columns.len()) {
            for (x, scale) in row.iter_mut().zip(&self.columns) {
                *x = change(*x, scale);
            }
        }
    }
}

impl ColumnScale {
    /// Changes no rank: all lie between these bounds.
    const RANK: Self = Self {
        mean: 0.0,
        std: 1.0,
        low: -2.0,
        high: 2.0,
    };

    fn fit(mut values: Vec<f32>) -> Self {
        if values.is_empty() {
            // Nothing was ever seen in this column, so nothing may pass.
            return Self {
                low: 0.0,
                high: 0.0,
                ..Self::RANK
            };
        }
        let low = percentile(&mut values, TAIL);
        let high = percentile(&mut values, 1.0 - TAIL);
        let n = values.len() as f64;
        let clipped = || values.iter().map(|x| f64::from(x.clamp(low, high)));
        let mean = clipped().sum::<f64>() / n;
        let variance = clipped().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        let std = variance.sqrt() as f32;
        Self {
            mean: mean as f32,
            // Summing a constant in floating point may leave a tiny deviation instead of none.
            std: if low == high || std == 0.0 { 1.0 } else { std },
            low,
            high,
        }
    }

    fn is_valid(&self) -> bool {
        let finite = [self.mean, self.std, self.low, self.high]
            .iter()
            .all(|x| x.is_finite());
        finite && self.std > 0.0 && self.low <= self.high
    }
}

/// The value below which `share` of the values lie, linear between the two nearest ranks.
fn percentile(values: &mut [f32], share: f64) -> f32 {
    let rank = share * (values.len() - 1) as f64;
    let below = rank.floor() as usize;
    let (_, &mut at, above) = values.select_nth_unstable_by(below, f32::total_cmp);
    let next = above.iter().copied().min_by(f32::total_cmp).unwrap_or(at);
    let (at, next) = (f64::from(at), f64::from(next));
    (at + (rank - rank.floor()) * (next - at)) as f32
}

impl TryFrom<ScalerText> for Scaler {
    type Error = FeatureError;

    fn try_from(text: ScalerText) -> Result<Self, FeatureError> {
        Self::from_parts(&text.mean, &text.std, &text.low, &text.high)
    }
}

impl From<Scaler> for ScalerText {
    fn from(scaler: Scaler) -> Self {
        Self {
            mean: scaler.means(),
            std: scaler.stds(),
            low: scaler.lows(),
            high: scaler.highs(),
        }
    }
}
