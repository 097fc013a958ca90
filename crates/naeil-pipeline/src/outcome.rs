//! What a retrain hands back.

use std::path::PathBuf;
use std::time::Duration;

use naeil_domain::{EvaluationReport, ModelVersion, Verdict};
use naeil_evaluation::render_table;
use naeil_model::TrainingSummary;

use crate::calibrate::CalibrateOutcome;
use crate::compare_file::Comparison;
use crate::run_dir::RunId;
use crate::stage::Stage;
use crate::stages::promote::Promotion;

/// A finished retrain.
#[derive(Debug, Clone, PartialEq)]
pub struct RetrainOutcome {
    /// The run's name.
    pub run_id: RunId,
    /// Where its files are.
    pub run_dir: PathBuf,
    /// The candidate as registered.
    pub candidate: ModelVersion,
    /// What the training used and how it went.
    pub training: TrainingSummary,
    /// The candidate's scores on the test window beside the baselines'.
    pub evaluation: EvaluationReport,
    /// The comparison with the champion, and the verdict.
    pub comparison: Comparison,
    /// What the aliases point at now.
    pub promotion: Promotion,
    /// The champion's calibration as of the newest session, whether it is this candidate or not; none
    /// without a champion, and none from a run that looked at other bars than the store's present
    /// ones.
    pub calibration: Option<CalibrateOutcome>,
    /// How long each stage took, in order.
    pub timings: Vec<StageTiming>,
}

/// How long a stage took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageTiming {
    /// The stage.
    pub stage: Stage,
    /// Its duration.
    pub elapsed: Duration,
}

impl RetrainOutcome {
    /// What the gate said.
    pub fn verdict(&self) -> Verdict {
        self.comparison.verdict
    }

    /// The evaluation as a table for people, model beside baselines.
    pub fn table(&self) -> String {
        render_table(&self.evaluation)
    }
}
