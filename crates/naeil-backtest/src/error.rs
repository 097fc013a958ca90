//! Why an evaluation did not come to its end.

use std::path::PathBuf;

use naeil_baselines::BaselineError;
use naeil_domain::Session;
use naeil_features::FeatureError;
use naeil_model::ModelError;

/// An evaluation that failed, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum BacktestError {
    /// A setting is out of its range.
    #[error("{setting} = {value} cannot be evaluated with, choose {expected}")]
    InvalidConfig {
        /// The setting.
        setting: &'static str,
        /// What it was.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// The history is too short for the folds; ask for fewer or shorter ones, or import more.
    #[error("{problem}")]
    TooFewSessions {
        /// How many there are and how many are needed.
        problem: String,
    },
    /// A date of an explicit split has no session on one of its sides.
    #[error("no session lies {side} {date}; the bars run from {first} to {last}")]
    NoSessions {
        /// Which side: "up to" or "after".
        side: &'static str,
        /// The date.
        date: Session,
        /// First session of the bars.
        first: Session,
        /// Last session of the bars.
        last: Session,
    },
    /// A fold has not one row to judge.
    #[error("fold {fold} has no row with a complete window and a known outcome")]
    NoRows {
        /// The fold's name.
        fold: String,
    },
    /// Features, split or scaler could not be computed.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// The network could not be trained or asked.
    #[error("task {task}: {source}")]
    Model {
        /// The task.
        task: String,
        /// Why.
        #[source]
        source: ModelError,
    },
    /// The network refused windows of its own panel.
    #[error("task {task}: {problem}")]
    Forecast {
        /// The task.
        task: String,
        /// Why.
        problem: String,
    },
    /// A baseline could not be trained.
    #[error("task {task}: {source}")]
    Baseline {
        /// The task.
        task: String,
        /// Why.
        #[source]
        source: BaselineError,
    },
    /// A file of the evaluation's folder cannot be read or written.
    #[error("cannot {action} {path}")]
    Io {
        /// "read", "write", "make", "lock" or "remove".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// Another process works in the evaluation's folder.
    #[error(
        "another evaluation of the same data and settings is running in {folder}; wait for it, or stop \
         it: what it has finished is kept"
    )]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// The report cannot be written as JSON.
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl BacktestError {
    pub(crate) fn io(
        action: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
