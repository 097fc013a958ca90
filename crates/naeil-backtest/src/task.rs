//! The trainings of an evaluation, one after the other.

use std::time::Instant;

use naeil_features::Scaler;
use serde::{Deserialize, Serialize};

use crate::config::EvaluationConfig;
use crate::error::BacktestError;
use crate::forecasters::{self, FoldTables};
use crate::plan::PlannedFold;
use crate::rows::{FoldRows, Market};
use crate::score_table::ScoreTable;
use crate::task_store::{TaskKey, TaskStore};

/// What is trained in a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trained {
    /// The network with one seed.
    Network(u64),
    /// Gradient boosting.
    Boosting,
    /// Ridge and logistic regression.
    Linear,
}

impl Trained {
    /// Its part of a task's name.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Network(seed) => format!("network-seed{seed}"),
            Self::Boosting => "boosting".to_owned(),
            Self::Linear => "linear".to_owned(),
        }
    }

    /// About how long it takes, a network being 1.
    fn weight(self) -> f64 {
        match self {
            Self::Network(_) => 1.0,
            Self::Boosting => 1.0,
            Self::Linear => 0.3,
        }
    }
}

/// A fold with its rows and what is trained on it.
pub(crate) struct FoldTasks {
    pub(crate) fold: PlannedFold,
    pub(crate) rows: FoldRows,
    pub(crate) trained: Vec<Trained>,
}

impl FoldTasks {
    pub(crate) fn key(&self, trained: Trained) -> TaskKey {
        TaskKey {
            fold: self.fold.name.clone(),
            forecaster: trained.name(),
        }
    }

    fn weight(&self, trained: Trained) -> f64 {
        trained.weight() * self.fold.fold.train.len() as f64
    }
}

/// What a task remembers of its training.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskNotes {
    /// How long it took.
    pub(crate) seconds: f64,
    /// Training loss of each epoch.
    pub(crate) train_loss: Vec<f64>,
    /// Validation loss of each epoch.
    pub(crate) validation_loss: Vec<f64>,
    /// What validation chose.
    pub(crate) settings: Vec<String>,
    /// The scaler that the rows went through.
    pub(crate) scaler: Option<Scaler>,
}

/// Hears how an evaluation goes on. Never asked for anything: it may drop what it is told.
pub trait EvaluationProgress {
    /// A task begins; `left_seconds` is how long the tasks that are left will take, once one of
    /// them has been timed.
    fn task_started(&self, task: &str, done: usize, total: usize, left_seconds: Option<f64>);

    /// Something in it is worth a line, for instance an epoch.
    fn note(&self, text: &str);

    /// A task is done, or was found done.
    fn task_finished(&self, task: &str, seconds: f64, was_stored: bool);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl EvaluationProgress for Silent {
    fn task_started(&self, _: &str, _: usize, _: usize, _: Option<f64>) {}

    fn note(&self, _: &str) {}

    fn task_finished(&self, _: &str, _: f64, _: bool) {}
}

/// Runs every task that is not stored yet.
pub(crate) fn run_tasks(
    market: &Market,
    config: &EvaluationConfig,
    store: &TaskStore,
    folds: &[FoldTasks],
    progress: &dyn EvaluationProgress,
) -> Result<(), BacktestError> {
    let total: usize = folds.iter().map(|fold| fold.trained.len()).sum();
    let mut left: f64 = 0.0;
    let mut missing: Vec<(&FoldTasks, Vec<Trained>)> = Vec::new();
    let mut done = 0;
    for fold in folds {
        let mut of_fold = Vec::new();
        for &trained in &fold.trained {
            let key = fold.key(trained);
            match load(store, &key, &fold.rows)? {
                Some((_, notes)) => {
                    done += 1;
                    progress.task_finished(&key.to_string(), notes.seconds, true);
                }
                None => {
                    left += fold.weight(trained);
                    of_fold.push(trained);
                }
            }
        }
        missing.push((fold, of_fold));
    }
    // What was timed, and its weight. Linear models say nothing of how long the others take.
    let (mut timed, mut timed_weight) = (0.0, 0.0);
    for (fold, of_fold) in missing {
        // Rows as tables are large, and shared by the baselines of one fold.
        let mut tables = FoldTables::default();
        for trained in of_fold {
            let key = fold.key(trained);
            let name = key.to_string();
            let left_seconds = (timed_weight > 0.0).then(|| timed / timed_weight * left);
            progress.task_started(&name, done, total, left_seconds);
            let begun = Instant::now();
            let task = forecasters::Task {
                market,
                config,
                fold: &fold.fold,
                rows: &fold.rows,
                name: &name,
                checkpoint: &store.checkpoint(&key),
                progress,
            };
            let (table, mut notes) = forecasters::run(&task, trained, &mut tables)?;
            notes.seconds = begun.elapsed().as_secs_f64();
            store.save(&key, &fold.rows, &table, &serde_json::to_value(&notes)?)?;
            left -= fold.weight(trained);
            if trained != Trained::Linear {
                timed += notes.seconds;
                timed_weight += fold.weight(trained);
            }
            done += 1;
            progress.task_finished(&name, notes.seconds, false);
        }
    }
    Ok(())
}

/// The scores and notes of a finished task.
pub(crate) fn load(
    store: &TaskStore,
    key: &TaskKey,
    rows: &FoldRows,
) -> Result<Option<(ScoreTable, TaskNotes)>, BacktestError> {
    let Some((table, notes)) = store.load(key, rows)? else {
        return Ok(None);
    };
    match serde_json::from_value(notes) {
        Ok(notes) => Ok(Some((table, notes))),
        Err(error) => {
            tracing::warn!(task = %key, %error, "notes are unreadable, the task is run again");
            Ok(None)
        }
    }
}
