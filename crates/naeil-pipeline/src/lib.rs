//! The seven stages of a retrain: `extract -> features -> train -> evaluate -> compare ->
//! register -> promote`.
//!
//! Start at [`retrain()`], which runs them in order. A stage reads files of earlier stages from the
//! [`RunDir`] and writes its own into a folder of its own, with a [`StageManifest`] that names
//! every file by its digest; nothing else passes between stages, so each could run in a process of
//! its own. When a model is promoted stands in [`gate`]. [`calibrate()`] refits the probabilities of
//! the model that serves, every night, without training anything.
//!
//! This crate must not know which store, registry or ledger it works with (they are ports), how
//! the network computes, nor who watches: progress goes to a [`Progress`], never to the screen.

mod calibrate;
mod calibrated;
mod compare_file;
pub mod config;
mod context;
mod dataset;
mod error;
mod evaluation_file;
pub mod gate;
mod manifest;
mod outcome;
mod ports;
mod progress;
mod quality_file;
mod retrain;
mod run_dir;
mod score;
mod snapshot;
mod split;
mod stage;
mod stage_folder;
pub mod stages;
mod universe;

#[cfg(test)]
mod testing;

pub use calibrate::{CalibrateError, CalibrateOutcome, calibrate};
pub use compare_file::{AccuracyEntry, ChampionEntry, Comparison, SessionsEntry};
pub use config::{CalibrationSettings, ConfigError, DataConfig, PipelineConfig, PolicyMode};
pub use context::StageContext;
pub use error::{PipelineError, RefusedCheck, StageError};
pub use evaluation_file::EvaluationFile;
pub use manifest::StageManifest;
pub use outcome::{RetrainOutcome, StageTiming};
pub use ports::PipelinePorts;
pub use progress::{Progress, Silent};
pub use retrain::retrain;
pub use run_dir::{RunDir, RunId};
pub use score::{ForecastRow, HorizonRows, score_rows, training_rates};
pub use snapshot::data_digest;
pub use stage::Stage;
pub use stages::promote::Promotion;
pub use universe::{Universe, select_universe};

/// The version of the code, as manifests, bundles and run directories state it.
pub const CODE_VERSION: &str = env!("CARGO_PKG_VERSION");
