//! Checks that name a leak: a way for a forecaster to know what it is judged by.

mod features;
mod scaler;
mod split;

use serde::{Deserialize, Serialize};

pub(crate) use features::panel_of;
pub use features::{FeatureRows, check_columns, check_recomputed};
pub use scaler::check_scaler;
pub use split::check_folds;

/// A kind of leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leak {
    /// A column changes when the future is cut off.
    FutureChangesFeature,
    /// A column ranks the next session's returns better than any honest one could.
    FeatureKnowsFuture,
    /// A scaler was not fitted on the training sessions alone.
    ScalerSawTest,
    /// A label of one part reaches into the next.
    SplitOverlapsLabels,
}

impl Leak {
    /// Every kind, in the order of tables.
    pub const ALL: [Self; 4] = [
        Self::FutureChangesFeature,
        Self::FeatureKnowsFuture,
        Self::ScalerSawTest,
        Self::SplitOverlapsLabels,
    ];

    /// The word used in tables and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FutureChangesFeature => "future_changes_feature",
            Self::FeatureKnowsFuture => "feature_knows_future",
            Self::ScalerSawTest => "scaler_saw_test",
            Self::SplitOverlapsLabels => "split_overlaps_labels",
        }
    }

    /// What the check does, for a reader of the report.
    pub const fn describes(self) -> &'static str {
        match self {
            Self::FutureChangesFeature => {
                "feature rows computed again from bars that end with their session are the same to \
                 the bit"
            }
            Self::FeatureKnowsFuture => {
                "no single column ranks the next session's returns beyond what is plausible"
            }
            Self::ScalerSawTest => "each scaler is the one that the training sessions alone give",
            Self::SplitOverlapsLabels => {
                "every training label is known before the sessions it is judged by begin"
            }
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeakageFinding {
    /// The leak that was looked for.
    pub leak: Leak,
    /// Whether there is none.
    pub passed: bool,
    /// What was looked at and what was found, in a sentence.
    pub summary: String,
    /// Each case, at most [`MAX_CASES`](Self::MAX_CASES).
    pub cases: Vec<String>,
}

impl LeakageFinding {
    /// Cases that a finding keeps.
    pub const MAX_CASES: usize = 10;

    /// A finding from its cases; none of them, and it has passed.
    fn of(leak: Leak, looked_at: &str, mut cases: Vec<String>) -> Self {
        let summary = match cases.len() {
            0 => format!("{looked_at}: no leak"),
            1 => format!("{looked_at}: 1 leak"),
            n => format!("{looked_at}: {n} leaks"),
        };
        let passed = cases.is_empty();
        cases.truncate(Self::MAX_CASES);
        Self {
            leak,
            passed,
            summary,
            cases,
        }
    }
}
