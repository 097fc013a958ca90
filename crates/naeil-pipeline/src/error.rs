//! What can go wrong in a retrain.

use std::io;
use std::path::{Path, PathBuf};

use naeil_domain::ports::{ForecastError, LoadError, RegistryError, StoreError};
use naeil_domain::{Alias, Exchange, InvalidCalibration, Session};
use naeil_features::FeatureError;
use naeil_model::ModelError;

use crate::calibrate::CalibrateError;
use crate::config::ConfigError;
use crate::stage::Stage;

/// Why a retrain did not end well.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// A setting is out of range; nothing was started.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The run directory already exists: another run has the same id.
    #[error("the run directory {} already exists, start the run again for a new id", .0.display())]
    RunExists(PathBuf),
    /// The run directory cannot be made or opened; nothing was started.
    #[error("cannot use {} as a run directory", path.display())]
    RunDir {
        /// The directory or a file in it.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// A stage failed; what it and earlier stages wrote stays in the run directory.
    #[error("stage {stage} failed, nothing was promoted; its files are in {}", run_dir.display())]
    Stage {
        /// The stage.
        stage: Stage,
        /// The run's directory.
        run_dir: PathBuf,
        /// Why.
        #[source]
        source: StageError,
    },
    /// Every stage is done, but the champion's calibration could not be refitted.
    #[error(
        "the run is done and its verdict stands (see {}), but the champion was not calibrated anew; \
         `naeil calibrate` tries again",
        run_dir.display()
    )]
    Calibrate {
        /// The run's directory.
        run_dir: PathBuf,
        /// Why.
        #[source]
        source: Box<CalibrateError>,
    },
}

/// Why a stage failed.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The store holds no bars.
    #[error("there are no bars to learn from, run `naeil import` first")]
    NoBars,
    /// The bars do not reach back far enough.
    #[error(
        "there are {found} sessions of bars and {needed} are needed ({why}); import more history, \
         raise last_sessions if it is set, or lower validation_sessions and test_sessions"
    )]
    TooFewSessions {
        /// Sessions there are.
        found: usize,
        /// Sessions needed.
        needed: usize,
        /// What they are needed for.
        why: String,
    },
    /// The bars are of sessions that no calendar covers.
    #[error(
        "no trading calendar of {exchange} covers the sessions from {first} to {last}; leave them \
         out (--until), or learn from sessions as they were observed with --observed-calendar or \
         retrain.observed_calendar = true"
    )]
    NoCalendar {
        /// The exchange.
        exchange: Exchange,
        /// The first session that is not covered.
        first: Session,
        /// The last one.
        last: Session,
    },
    /// The quality report fails, and the failure was not accepted.
    #[error(
        "the data are unfit to train on:{}\nmend the data and import them again, or accept what is \
         stated here with --accept-data {} or retrain.accept_data; the whole report is {}",
        failures.iter().map(RefusedCheck::in_words).collect::<String>(),
        failures.iter().map(|failure| failure.check.as_str()).collect::<Vec<_>>().join(","),
        report.display()
    )]
    DataRefused {
        /// Each check that failed.
        failures: Vec<RefusedCheck>,
        /// The file with the whole report.
        report: PathBuf,
    },
    /// An import changed the bars while they were read and checked.
    #[error(
        "the bars changed from revision {before} to {now} while they were read; run again when the \
         import is done"
    )]
    BarsMoved {
        /// The revision when reading began.
        before: u64,
        /// The revision when it ended.
        now: u64,
    },
    /// A file of the snapshot that the settings name cannot be used.
    #[error(
        "{} cannot be trained from: {reason}; point --from-snapshot at the extract folder of a \
         finished run or at a whole copy of one",
        path.display()
    )]
    SnapshotUnusable {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// No stock traded in the training window.
    #[error("no stock traded in the training window {0}, import bars that cover it")]
    EmptyUniverse(String),
    /// A window of dates holds nothing that can be learned from or scored.
    #[error("the {part} window has no usable row: {hint}")]
    NoRows {
        /// Training, validation or test.
        part: &'static str,
        /// What to look at.
        hint: String,
    },
    /// A file of the run directory cannot be read or written.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// Read, write, rename or list.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// A file of the run directory is not what its stage wrote.
    #[error("{} is damaged: {reason}; start a new run", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The stage before has not finished.
    #[error("stage {stage} has not finished in this run, run it first")]
    StageMissing {
        /// The stage whose manifest is missing.
        stage: Stage,
    },
    /// The bars or the code changed what the features are since the features stage.
    #[error(
        "the features computed now differ from those of the features stage ({expected} then, \
         {found} now): the code changed during the run, start a new one"
    )]
    FeaturesDiffer {
        /// Digest in the features stage.
        expected: String,
        /// Digest now.
        found: String,
    },
    /// The champion moved while this run was being decided.
    #[error(
        "the {alias} alias moved during the run (it was {before}, now it is {now}); the comparison \
         no longer holds, run again"
    )]
    AliasMoved {
        /// The alias.
        alias: Alias,
        /// The version when the comparison was made.
        before: String,
        /// The version now.
        now: String,
    },
    /// The store or the ledger failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Features, labels or the split cannot be computed.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// Training failed or the bundle cannot be written.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A bundle was not admitted.
    #[error("the {who}'s bundle was not admitted")]
    Load {
        /// Candidate or champion.
        who: &'static str,
        /// Why.
        #[source]
        source: LoadError,
    },
    /// The champion was made by a version whose bundles this one does not read, or is damaged.
    #[error(
        "the champion (version {version}) was not admitted by this build, so the candidate could not \
         be compared with it; nothing was promoted, and nothing will be until `naeil doctor` finds a \
         champion that can be served"
    )]
    ChampionNotAdmitted {
        /// Its version in the registry.
        version: String,
        /// Why.
        #[source]
        source: LoadError,
    },
    /// A forecast was not a number, so nothing could be calibrated on it.
    #[error(
        "the forecasts cannot be calibrated; train again, with a lower learning rate if it recurs"
    )]
    Calibration(#[from] InvalidCalibration),
    /// A model failed on windows it should take.
    #[error("the {who} cannot score the {part} window")]
    Forecast {
        /// Candidate or champion.
        who: &'static str,
        /// Validation or test.
        part: &'static str,
        /// Why.
        #[source]
        source: ForecastError,
    },
    /// The work panicked, or the program is stopping.
    #[error("the stage's work was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
}

/// A check that makes data unfit to train on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCheck {
    /// The word of the check.
    pub check: String,
    /// What it found.
    pub summary: String,
    /// What to do about it.
    pub remedy: String,
}

impl RefusedCheck {
    fn in_words(&self) -> String {
        format!("\n  {}: {} ({})", self.check, self.summary, self.remedy)
    }
}

impl StageError {
    /// Wraps an I/O error with what was being done to which file.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// A file that is not what its stage wrote.
    pub(crate) fn damaged(path: &Path, reason: impl ToString) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}
