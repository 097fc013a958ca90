//! Gradient boosting.

use crate::baseline::{Baseline, FittedBaseline};
use crate::error::BaselineError;
use crate::tabular::TabularData;

/// How trees are grown.
///
/// # Units
/// Fractions in (0, 1]; `min_rows` counts sampled rows.
#[derive(Debug, Clone, PartialEq)]
pub struct BoostingConfig {
    /// Trees at most; validation says how many of them are used.
    pub max_trees: usize,
    /// Share of a tree's answer that is taken.
    pub learning_rate: f64,
    /// Leaves of a tree.
    pub max_leaves: usize,
    /// Fewest sampled rows of a leaf.
    pub min_rows: usize,
    /// Added to the sum of second derivatives of a leaf.
    pub l2: f64,
    /// Share of the rows that a tree learns from, drawn anew for each.
    pub row_fraction: f64,
    /// Share of the columns that a tree may split on, drawn anew for each.
    pub column_fraction: f64,
    /// Validation looks every so many trees.
    pub look_every: usize,
    /// Growth ends after so many looks without improvement.
    pub patience: usize,
    /// Of the draws.
    pub seed: u64,
}

impl Default for BoostingConfig {
    fn default() -> Self {
        Self {
            max_trees: 400,
            learning_rate: 0.05,
            max_leaves: 31,
            min_rows: 500,
            l2: 10.0,
            row_fraction: 0.35,
            column_fraction: 0.5,
            look_every: 10,
            patience: 8,
            seed: 1,
        }
    }
}

/// Gradient boosting: trees on the percentile for the order, trees on the direction with the
/// session's base rate as offset.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GradientBoosting {
    /// How trees are grown.
    pub config: BoostingConfig,
}

impl Baseline for GradientBoosting {
    fn name(&self) -> &str {
        "gradient boosting"
    }

    fn fit(
        &self,
        _train: &TabularData,
        _validation: &TabularData,
    ) -> Result<Box<dyn FittedBaseline>, BaselineError> {
        Err(BaselineError::InvalidConfig {
            problem: "gradient boosting is not part of this build".to_owned(),
        })
    }
}
