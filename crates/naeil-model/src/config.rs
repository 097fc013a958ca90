//! How a model is trained, and what a training was.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use naeil_domain::Horizon;

use crate::error::ModelError;

/// A year: more is a slip of the pen, and far more is no duration.
const MAX_MINUTES: f64 = 366.0 * 24.0 * 60.0;

/// How a model is trained. The defaults are the seed's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Adam's step.
    pub learning_rate: f64,
    /// Windows in a step.
    pub batch_size: usize,
    /// Epochs at most.
    pub max_epochs: usize,
    /// Epochs without a better validation loss after which training stops.
    pub patience: usize,
    /// Windows drawn at random for each epoch; all if none.
    pub windows_per_epoch: Option<usize>,
    /// Windows of the validation sessions that judge an epoch, drawn once; all if none.
    pub validation_windows: Option<usize>,
    /// Minutes after which training stops, within an epoch if need be; what was learned until
    /// then is validated and counts.
    pub max_minutes: Option<f64>,
    /// Seed of weights, sampling and dropout.
    pub seed: u64,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            batch_size: 32,
            max_epochs: 50,
            patience: 5,
            windows_per_epoch: None,
            validation_windows: None,
            max_minutes: None,
            seed: 42,
        }
    }
}

impl TrainingConfig {
    /// Checks every value.
    ///
    /// # Errors
    /// [`ModelError::InvalidConfig`] naming the first key that is wrong.
    pub fn validate(&self) -> Result<(), ModelError> {
        let wrong = |key, reason: String| Err(ModelError::InvalidConfig { key, reason });
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return wrong(
                "learning_rate",
                format!("{} is not above 0 and at most 1", self.learning_rate),
            );
        }
        let counts = [
            ("batch_size", Some(self.batch_size)),
            ("max_epochs", Some(self.max_epochs)),
            ("patience", Some(self.patience)),
            ("windows_per_epoch", self.windows_per_epoch),
            ("validation_windows", self.validation_windows),
        ];
        for (key, count) in counts {
            if count == Some(0) {
                return wrong(key, "it must be at least 1".to_owned());
            }
        }
        if let Some(minutes) = self.max_minutes
            && !(minutes > 0.0 && minutes <= MAX_MINUTES)
        {
            return wrong(
                "max_minutes",
                format!("{minutes} is not above 0 and at most {MAX_MINUTES}"),
            );
        }
        Ok(())
    }
}

/// What came out of one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochReport {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Mean loss of its batches, dropout included.
    pub train_loss: f64,
    /// Loss on the validation windows afterwards.
    pub validation_loss: f64,
    /// Windows trained on in it.
    pub windows: usize,
    /// Time since training began.
    #[serde(rename = "elapsed_seconds", with = "seconds")]
    pub elapsed: Duration,
    /// Whether it is the best so far.
    pub best: bool,
}

/// Why a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Every epoch was run.
    MaxEpochs,
    /// The validation loss had not fallen for as many epochs as patience allows.
    EarlyStopping,
    /// The minutes were used up.
    TimeLimit,
}

impl StopReason {
    /// The word used in files and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaxEpochs => "max_epochs",
            Self::EarlyStopping => "early_stopping",
            Self::TimeLimit => "time_limit",
        }
    }
}

/// What a training used and how it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingSummary {
    /// The settings.
    pub config: TrainingConfig,
    /// Epochs begun.
    pub epochs_run: usize,
    /// The epoch whose weights were kept.
    pub best_epoch: usize,
    /// Windows trained on, over all epochs.
    pub windows_seen: usize,
    /// Windows that could be trained on.
    pub train_windows: usize,
    /// Windows that judged each epoch.
    pub validation_windows: usize,
    /// Share of rises in the training window, per horizon; forecasts are relative to it.
    pub base_rates: [f64; Horizon::COUNT],
    /// Duration of the training.
    pub seconds: f64,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// Every epoch.
    pub curve: Vec<EpochReport>,
}

impl TrainingSummary {
    /// The validation loss of the weights that were kept.
    pub fn best_validation_loss(&self) -> Option<f64> {
        self.curve
            .iter()
            .find(|report| report.epoch == self.best_epoch)
            .map(|report| report.validation_loss)
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
