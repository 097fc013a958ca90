//! What a training was.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use naeil_domain::Horizon;

use crate::config::TrainingConfig;

/// What came out of one epoch of one member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochReport {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Mean loss of its steps, dropout included.
    pub train_loss: f64,
    /// What the validation sessions say afterwards, if there are any.
    pub validation: Option<ValidationReport>,
    /// Windows trained on in it.
    pub windows: usize,
    /// Time spent on the member until then.
    #[serde(rename = "elapsed_seconds", with = "seconds")]
    pub elapsed: Duration,
    /// Whether it is the best so far.
    pub best: bool,
}

/// How weights do on the validation sessions, nothing dropped.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationReport {
    /// The training's loss, mean over the sessions.
    pub loss: f64,
    /// Rank correlation of the relative output with the return within a session, mean over the
    /// sessions; per horizon.
    pub rank_ic: [f64; Horizon::COUNT],
}

/// Why a member's training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Every epoch was run.
    Finished,
    /// The validation loss had not fallen for as many epochs as patience allows.
    EarlyStopping,
    /// The minutes were used up.
    TimeLimit,
}

impl StopReason {
    /// The word used in files and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::EarlyStopping => "early_stopping",
            Self::TimeLimit => "time_limit",
        }
    }
}

/// How the training of one member went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberSummary {
    /// Its seed.
    pub seed: u64,
    /// The epoch whose weights were kept.
    pub kept_epoch: usize,
    /// Windows trained on, over all epochs.
    pub windows_seen: usize,
    /// Duration of its training.
    pub seconds: f64,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// Every epoch begun.
    pub curve: Vec<EpochReport>,
}

impl MemberSummary {
    /// How the weights that were kept did on the validation sessions, if there were any.
    pub fn validation(&self) -> Option<ValidationReport> {
        let kept = |report: &&EpochReport| report.epoch == self.kept_epoch;
        self.curve.iter().find(kept)?.validation
    }
}

/// What a training used and how it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingSummary {
    /// The settings.
    pub config: TrainingConfig,
    /// Sessions that could be trained on.
    pub train_sessions: usize,
    /// Windows that could be trained on.
    pub train_windows: usize,
    /// Windows that judged each epoch.
    pub validation_windows: usize,
    /// Share of rises in the training sessions, per horizon.
    pub base_rates: [f64; Horizon::COUNT],
    /// Standard deviation of the training returns, per horizon: the unit in which quantiles are
    /// learned.
    pub return_scale: [f64; Horizon::COUNT],
    /// How each member's training went, in the order of their seeds.
    pub members: Vec<MemberSummary>,
}

impl TrainingSummary {
    /// Windows trained on, over all epochs of all members.
    pub fn windows_seen(&self) -> usize {
        self.members.iter().map(|member| member.windows_seen).sum()
    }

    /// Duration of the whole.
    ///
    /// # Units
    /// Seconds.
    pub fn seconds(&self) -> f64 {
        self.members.iter().map(|member| member.seconds).sum()
    }

    /// Mean over the members of how the kept weights did on the validation sessions.
    pub fn validation(&self) -> Option<ValidationReport> {
        let reports: Option<Vec<_>> = self.members.iter().map(MemberSummary::validation).collect();
        let reports = reports.filter(|reports| !reports.is_empty())?;
        let mean = |value: &dyn Fn(&ValidationReport) -> f64| {
            reports.iter().map(value).sum::<f64>() / reports.len() as f64
        };
        Some(ValidationReport {
            loss: mean(&|report| report.loss),
            rank_ic: std::array::from_fn(|idx| mean(&|report| report.rank_ic[idx])),
        })
    }
}

/// A duration as a number of seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
    }
}
