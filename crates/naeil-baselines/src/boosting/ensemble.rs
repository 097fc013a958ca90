//! Trees added one after the other, and how many of them are kept.

use naeil_domain::Horizon;
use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::BoostingConfig;
use super::binning::{Bins, Cuts};
use super::histogram::Derivatives;
use super::objective::Objective;
use super::tree::{Ground, Tree};
use crate::error::BaselineError;
use crate::tabular::TabularData;

/// A sum of trees for one target of one horizon.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ensemble {
    start: f64,
    trees: Vec<Tree>,
}

/// Rows, and their bins.
pub(crate) struct Part<'a> {
    pub(crate) rows: &'a TabularData,
    pub(crate) bins: &'a Bins,
}

impl Ensemble {
    /// Grows trees on `train` until `validation` has not improved for some time, and keeps those up
    /// to its best look.
    ///
    /// # Errors
    /// [`BaselineError::NoRows`] if either part has no outcome.
    pub(crate) fn fit(
        config: &BoostingConfig,
        cuts: &Cuts,
        train: &Part<'_>,
        validation: &Part<'_>,
        objective: Objective,
        horizon: Horizon,
    ) -> Result<Self, BaselineError> {
        let known = train.rows.known(horizon, "training")?;
        validation.rows.known(horizon, "validation")?;
        let start = objective.start();
        let mut scores = vec![start; train.rows.len()];
        let mut held_out = vec![start; validation.rows.len()];
        let mut derivatives = vec![Derivatives::default(); train.rows.len()];
        let mut trees = Vec::new();
        let (mut best, mut best_len) = (f64::NEG_INFINITY, 0);
        while trees.len() < config.max_trees {
            let (rows, columns) = draw(config, trees.len(), known, cuts.n_columns());
            differentiate(objective, train.rows, horizon, &scores, &mut derivatives);
            let ground = Ground {
                bins: train.bins,
                cuts,
                derivatives: &derivatives,
                config,
            };
            let tree = Tree::grow(&ground, rows, &columns);
            tree.add_to(train.bins, &mut scores);
            tree.add_to(validation.bins, &mut held_out);
            trees.push(tree);
            if trees.len() % config.look_every != 0 && trees.len() < config.max_trees {
                continue;
            }
            let merit = objective.merit(validation.rows, horizon, &held_out);
            tracing::debug!(?objective, %horizon, trees = trees.len(), merit, "boosting");
            if merit > best {
                (best, best_len) = (merit, trees.len());
            } else if trees.len() >= best_len + config.patience * config.look_every {
                break;
            }
        }
        trees.truncate(best_len);
        Ok(Self { start, trees })
    }

    /// Number of trees kept.
    pub(crate) fn len(&self) -> usize {
        self.trees.len()
    }

    /// The trees kept.
    #[cfg(test)]
    pub(crate) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The score of every row.
    pub(crate) fn score(&self, bins: &Bins) -> Vec<f64> {
        let mut scores = vec![self.start; bins.n_rows];
        for tree in &self.trees {
            tree.add_to(bins, &mut scores);
        }
        scores
    }
}

/// Draws the rows and columns of a tree, by its number alone.
fn draw(
    config: &BoostingConfig,
    number: usize,
    known: &[u32],
    n_columns: usize,
) -> (Vec<u32>, Vec<usize>) {
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    rng.set_stream(number as u64);
    let n_drawn = ((config.column_fraction * n_columns as f64).ceil() as usize).clamp(1, n_columns);
    let mut columns: Vec<usize> = (0..n_columns).collect();
    for i in 0..n_drawn {
        let at = rng.random_range(i..n_columns);
        columns.swap(i, at);
    }
    columns.truncate(n_drawn);
    columns.sort_unstable();
    let rows = if config.row_fraction < 1.0 {
        let drawn = |_: &u32| rng.random::<f64>() < config.row_fraction;
        known.iter().copied().filter(drawn).collect()
    } else {
        known.to_vec()
    };
    (rows, columns)
}

fn differentiate(
    objective: Objective,
    rows: &TabularData,
    horizon: Horizon,
    scores: &[f64],
    derivatives: &mut [Derivatives],
) {
    (derivatives.par_iter_mut().zip(scores).enumerate())
        .with_min_len(8_192)
        .for_each(|(row, (at, &score))| *at = objective.derivatives(rows, horizon, row, score));
}
