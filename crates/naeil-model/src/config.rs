//! How a model is trained.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::error::ModelError;

/// A year: more is a slip of the pen, and far more is no duration.
const MAX_MINUTES: f64 = 366.0 * 24.0 * 60.0;

/// More members than this only cost time.
pub(crate) const MAX_SEEDS: usize = 64;

/// How a model is trained. The defaults are what was best on recorded bars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// The greatest rate of the one cycle: it rises to it over the first 15 % of the steps and falls
    /// to 0 along a cosine.
    pub learning_rate: f64,
    /// What is taken off every weight in a step, as a share of the rate.
    pub weight_decay: f64,
    /// Epochs: how often every session is a step.
    pub epochs: usize,
    /// Share of a session's stocks in its step, above 0 to 1, drawn anew each time.
    pub codes_per_step: f64,
    /// Windows of an epoch at most; then an epoch is as many sessions as hold so many on average,
    /// drawn at random. All sessions if none.
    pub windows_per_epoch: Option<usize>,
    /// Windows that judge an epoch at most: the same share of every validation session, drawn once.
    /// All if none.
    pub validation_windows: Option<usize>,
    /// Which epoch's weights are kept.
    pub select: Selection,
    /// Epochs without a better validation loss after which a member's training stops; never if none.
    /// A cycle that is cut short has not come to rest, so this is for those who select the best.
    pub patience: Option<usize>,
    /// Minutes after which the whole training stops, within an epoch if need be; what was learned
    /// until then counts, and no further member begins.
    pub max_minutes: Option<f64>,
    /// Minutes after which a checkpoint is written within an epoch; there is one after every epoch.
    pub checkpoint_minutes: f64,
    /// Members of the ensemble: they differ in their seed, and their outputs are averaged.
    pub seeds: usize,
    /// Seed of the first member's weights, sampling and dropout; the next has the next one.
    pub seed: u64,
}

/// Which epoch's weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Those of the last one, when the rate has come down to 0.
    Last,
    /// Those of the one with the lowest validation loss.
    Best,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            learning_rate: 3e-3,
            weight_decay: 0.01,
            epochs: 8,
            codes_per_step: 1.0 / 3.0,
            windows_per_epoch: None,
            validation_windows: Some(20_000),
            select: Selection::Last,
            patience: None,
            max_minutes: None,
            checkpoint_minutes: 2.0,
            seeds: 5,
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
        for (key, share) in [
            ("learning_rate", self.learning_rate),
            ("codes_per_step", self.codes_per_step),
        ] {
            if !(share > 0.0 && share <= 1.0) {
                return wrong(key, format!("{share} is not above 0 and at most 1"));
            }
        }
        if !(0.0..=1.0).contains(&self.weight_decay) {
            let decay = self.weight_decay;
            return wrong("weight_decay", format!("{decay} is not between 0 and 1"));
        }
        let counts = [
            ("epochs", Some(self.epochs)),
            ("windows_per_epoch", self.windows_per_epoch),
            ("validation_windows", self.validation_windows),
            ("patience", self.patience),
            ("seeds", Some(self.seeds)),
        ];
        for (key, count) in counts {
            if count == Some(0) {
                return wrong(key, "it must be at least 1".to_owned());
            }
        }
        if self.seeds > MAX_SEEDS {
            let seeds = self.seeds;
            return wrong("seeds", format!("{seeds} is more than {MAX_SEEDS}"));
        }
        for (key, minutes) in [
            ("max_minutes", self.max_minutes),
            ("checkpoint_minutes", Some(self.checkpoint_minutes)),
        ] {
            if let Some(minutes) = minutes
                && !(minutes > 0.0 && minutes <= MAX_MINUTES)
            {
                return wrong(
                    key,
                    format!("{minutes} is not above 0 and at most {MAX_MINUTES}"),
                );
            }
        }
        Ok(())
    }

    /// The seed of a member.
    pub(crate) fn member_seed(&self, member_idx: usize) -> u64 {
        self.seed.wrapping_add(member_idx as u64)
    }
}
