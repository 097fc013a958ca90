//! What is trained, and how it is asked.

mod network;
mod tabular;

use std::path::Path;

use naeil_features::DateSplit;

use crate::config::EvaluationConfig;
use crate::error::BacktestError;
use crate::plan::PlannedFold;
use crate::rows::{FoldRows, Market};
use crate::score_table::ScoreTable;
use crate::task::{EvaluationProgress, TaskNotes, Trained};

pub(crate) use tabular::FoldTables;

/// One task and everything it needs.
pub(crate) struct Task<'a> {
    pub(crate) market: &'a Market,
    pub(crate) config: &'a EvaluationConfig,
    pub(crate) fold: &'a PlannedFold,
    pub(crate) rows: &'a FoldRows,
    pub(crate) name: &'a str,
    pub(crate) checkpoint: &'a Path,
    pub(crate) progress: &'a dyn EvaluationProgress,
}

impl Task<'_> {
    /// The fold as a split by date; a fold without validation has an empty one.
    fn split(&self) -> DateSplit {
        let fold = &self.fold.fold;
        DateSplit {
            train: fold.train.clone(),
            validation: (fold.validation.clone()).unwrap_or(fold.train.end..fold.train.end),
            test: fold.test.clone(),
        }
    }
}

/// Trains and scores.
pub(crate) fn run(
    task: &Task<'_>,
    trained: Trained,
    tables: &mut FoldTables,
) -> Result<(ScoreTable, TaskNotes), BacktestError> {
    match trained {
        Trained::Network(seed) => network::run(task, seed),
        Trained::Boosting => {
            let config = task.config.boosting.clone().unwrap_or_default();
            tables.run(task, &naeil_baselines::GradientBoosting { config })
        }
        Trained::Linear => tables.run(task, &naeil_baselines::LinearBaseline),
    }
}
