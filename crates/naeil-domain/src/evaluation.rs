//! What an evaluation says; how it is computed is the evaluation crate's business.

use crate::horizon::Horizon;
use crate::session::Session;

/// Scores of one forecaster on one horizon. A score that is undefined (nothing was called up, one
/// class only) is `None`, never 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scores {
    /// Share of rows whose call (probability above 0.5) was right.
    pub accuracy: Option<f64>,
    /// Share of "up" calls that rose.
    pub precision: Option<f64>,
    /// Share of rises that were called "up".
    pub recall: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Area under the ROC curve over all rows.
    pub auc: Option<f64>,
    /// Mean squared error of the probability.
    pub brier: Option<f64>,
    /// Mean negative log likelihood, natural logarithm.
    pub log_loss: Option<f64>,
    /// Mean over sessions of the correlation between score and return.
    pub ic: Option<f64>,
    /// Mean over sessions of the rank correlation between score and return.
    pub rank_ic: Option<f64>,
    /// Standard error of [`Self::rank_ic`], allowing for overlapping labels.
    pub rank_ic_standard_error: Option<f64>,
}

/// A forecaster without skill that a model is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Baseline {
    /// Always the direction that was more frequent in training.
    Majority,
    /// Always the share of rises in training.
    BaseRate,
    /// The direction of the last session's move, at its frequency in training.
    LastMove,
}

impl Baseline {
    /// Every baseline, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Majority, Self::BaseRate, Self::LastMove];

    /// The word used in tables and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Majority => "majority",
            Self::BaseRate => "base_rate",
            Self::LastMove => "last_move",
        }
    }

    /// Parses [`Self::as_str`]'s words.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|baseline| baseline.as_str() == text)
    }
}

/// One horizon's part of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct HorizonEvaluation {
    /// The horizon.
    pub horizon: Horizon,
    /// Rows scored: (session, stock) pairs whose outcome is known and not void.
    pub n_rows: usize,
    /// Sessions they come from.
    pub n_sessions: usize,
    /// Share of rises among them.
    pub base_rate: Option<f64>,
    /// The model's scores.
    pub model: Scores,
    /// The baselines' scores on the same rows.
    pub baselines: Vec<(Baseline, Scores)>,
}

/// An evaluation on sessions after training.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluationReport {
    /// First as-of session scored.
    pub first_session: Session,
    /// Last as-of session scored.
    pub last_session: Session,
    /// One entry a horizon, in the order of [`Horizon::ALL`].
    pub horizons: Vec<HorizonEvaluation>,
}

impl EvaluationReport {
    /// The part of one horizon, if it was scored.
    pub fn horizon(&self, horizon: Horizon) -> Option<&HorizonEvaluation> {
        self.horizons.iter().find(|entry| entry.horizon == horizon)
    }
}
