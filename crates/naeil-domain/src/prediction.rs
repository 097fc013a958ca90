//! Predictions: what the service answers, remembers and logs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::calibration::ReturnInterval;
use crate::digest::Digest;
use crate::horizon::Horizon;
use crate::policy::Direction;
use crate::session::Session;
use crate::stock::StockCode;

/// What makes two questions the same question: the key of a cached answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// The stock asked about.
    pub stock_code: StockCode,
    /// How far ahead.
    pub horizon: Horizon,
    /// The model that answers.
    pub model_digest: Digest,
    /// The calibration that makes probabilities of its outputs; `None` if there is none.
    pub calibration_digest: Option<Digest>,
    /// The last session whose bars the answer has seen.
    pub as_of: Session,
    /// The revision of those bars; a correction changes it.
    pub data_revision: u64,
}

impl CacheKey {
    /// The id of the answer to this question.
    pub fn prediction_id(&self) -> PredictionId {
        let digest = Digest::of_parts([
            self.stock_code.as_str(),
            self.horizon.as_str(),
            &self.model_digest.to_string(),
            &self
                .calibration_digest
                .map_or_else(|| "uncalibrated".to_owned(), |digest| digest.to_string()),
            &self.as_of.to_string(),
            &self.data_revision.to_string(),
        ]);
        PredictionId(Arc::from(&digest.to_string()[..32]))
    }
}

/// Names an answer: the same question asked twice has the same id and the same answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PredictionId(Arc<str>);

impl PredictionId {
    /// The id as 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PredictionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stock's place among the stocks of its market in the as-of session, by the relative output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelativePlace {
    /// Share of the other stocks it stands above, ties counting half.
    ///
    /// # Units
    /// `0.0..=1.0`; 1 is the highest.
    pub percentile: f64,
    /// Number of stocks ranked, this one included.
    pub of: usize,
}

/// Something a reader of the answer should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The probability does not clear the policy's threshold.
    NoEdge,
    /// Bars of the last completed session have not arrived.
    Stale,
    /// The probability is the network's own, not calibrated on known outcomes.
    Uncalibrated,
    /// The model has no return quantiles, so there is no interval.
    NoReturnInterval,
    /// The bars were made by the market simulator.
    SimulatedData,
}

impl Reason {
    /// A stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoEdge => "no_edge",
            Self::Stale => "stale",
            Self::Uncalibrated => "uncalibrated",
            Self::NoReturnInterval => "no_return_interval",
            Self::SimulatedData => "simulated_data",
        }
    }

    /// A sentence for people.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::NoEdge => "the probability does not clear the threshold for saying up or down",
            Self::Stale => "bars of the last completed session have not arrived yet",
            Self::Uncalibrated => "the probability has not been calibrated on known outcomes",
            Self::NoReturnInterval => "this model does not predict return quantiles",
            Self::SimulatedData => "the prices come from a market simulator, not from an exchange",
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Names the answer.
    pub id: PredictionId,
    /// The stock.
    pub stock_code: StockCode,
    /// How far ahead.
    pub horizon: Horizon,
    /// Up, down or neutral.
    pub direction: Direction,
    /// Probability of the direction given; 0.5 for neutral.
    pub confidence: f64,
    /// Probability of a rise.
    pub probability_up: f64,
    /// Place among the stocks of its market.
    pub relative: RelativePlace,
    /// Where the return is expected; `None` from a model without calibrated quantiles.
    pub return_interval: Option<ReturnInterval>,
    /// The registry's version of the model that answered.
    pub model_version: String,
    /// Its digest.
    pub model_digest: Digest,
    /// The calibration that made the probability; `None`: the network's own.
    pub calibration_digest: Option<Digest>,
    /// The last session whose bars it has seen.
    pub as_of: Session,
    /// The session predicted.
    pub target_session: Session,
    /// Revision of the bars it has seen.
    pub data_revision: u64,
    /// When the answer was first computed.
    pub predicted_at: DateTime<Utc>,
    /// The columns used.
    pub features_used: Arc<[String]>,
    /// What the reader should know, in a fixed order.
    pub reasons: Vec<Reason>,
}

impl Prediction {
    /// Whether bars of the last completed session were missing.
    pub fn is_stale(&self) -> bool {
        self.reasons.contains(&Reason::Stale)
    }
}

/// An answer as it was given to someone, for the prediction log.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedPrediction {
    /// What was answered.
    pub prediction: Arc<Prediction>,
    /// The request that asked; a batch asks several under one id.
    pub request_id: String,
    /// Who asked: the token's subject.
    pub subject: Option<String>,
    /// When it was answered.
    pub answered_at: DateTime<Utc>,
    /// Time from question to answer.
    pub latency: Duration,
    /// Whether the answer came from the cache.
    pub cache_hit: bool,
}
