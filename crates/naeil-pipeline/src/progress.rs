//! How a retrain tells what it is doing.

use std::time::Duration;

use naeil_model::{EpochReport, Progress as TrainingProgress};

use crate::stage::Stage;

/// Watches a retrain; every method may be called from another thread than the caller's, and does
/// nothing unless overridden.
pub trait Progress: Send + Sync {
    /// A stage begins.
    fn stage_started(&self, stage: Stage) {
        let _ = stage;
    }

    /// A step of the training has been made: how far it is, and how long the rest will take.
    fn training(&self, progress: &TrainingProgress<'_>) {
        let _ = progress;
    }

    /// An epoch of the training has ended.
    fn epoch(&self, report: &EpochReport) {
        let _ = report;
    }

    /// Something worth a line for people.
    fn note(&self, text: &str) {
        let _ = text;
    }

    /// A stage has ended well.
    fn stage_finished(&self, stage: Stage, elapsed: Duration) {
        let _ = (stage, elapsed);
    }
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
