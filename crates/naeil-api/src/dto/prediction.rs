//! The prediction object.

use apistos::ApiComponent;
use chrono::{DateTime, SecondsFormat, Utc};
use naeil_domain::calendar::kst;
use naeil_domain::{Prediction, Reason, ReturnInterval};
use schemars::JsonSchema;
use serde::Serialize;

use crate::dto::six_decimals;
use crate::dto::words::{DirectionWord, HorizonWord};

/// The version of the disclaimer's text; it changes whenever a word of it does.
const DISCLAIMER_VERSION: &str = "1";
const DISCLAIMER: &str = "A statistical estimate, not investment advice. It is often wrong, and past accuracy does \
     not promise future accuracy.";
const DISCLAIMER_SIMULATED: &str = "Made from simulated prices: it says nothing about any real stock. A statistical estimate, \
     not investment advice.";

/// A prediction for one stock at one horizon.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
pub struct PredictionBody {
    /// The stock's code, always text.
    pub stock_code: String,
    /// What is predicted.
    pub prediction: DirectionWord,
    /// Probability of the direction given, from 0 to 1; 0.5 for neutral, which means "no edge".
    pub confidence: f64,
    /// The registry's version of the model that answered.
    pub model_version: String,
    /// When the answer was first computed (RFC 3339, Korea Standard Time).
    pub predicted_at: String,
    /// The feature columns used, in order.
    pub features_used: Vec<String>,
    /// How far ahead.
    pub horizon: HorizonWord,
    /// Names the answer: the same question has the same id and the same answer.
    pub prediction_id: String,
    /// Probability that the stock closes higher in the target session than in the as-of session.
    pub probability_up: f64,
    /// Place among the stocks of its market.
    pub relative: RelativeBody,
    /// The last session whose bars the answer has seen (exchange date).
    pub as_of: String,
    /// The session predicted (exchange date).
    pub target_session: String,
    /// An interval for the return, or null when the model gives none.
    pub return_interval: Option<ReturnIntervalBody>,
    /// Whether bars of the last completed session were missing.
    pub stale: bool,
    /// What a reader should know: why neutral, stale, uncalibrated or without interval.
    pub reasons: Vec<ReasonBody>,
    /// Whether the prices come from the market simulator.
    pub simulated: bool,
    /// What this answer is not.
    pub disclaimer: DisclaimerBody,
}

/// Place among the stocks of a market in the as-of session, by the model's relative output: where the
/// return is expected among those of the others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
pub struct RelativeBody {
    /// Share of the other stocks it stands above, from 0 to 1.
    pub percentile: f64,
    /// Number of stocks ranked.
    pub of: usize,
}

/// An interval for the simple return from the as-of close to the target close.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
pub struct ReturnIntervalBody {
    /// Lower end.
    pub lower: f64,
    /// Median.
    pub median: f64,
    /// Upper end.
    pub upper: f64,
    /// Probability that the return lies inside, from 0 to 1.
    pub level: f64,
}

/// Something a reader should know.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
pub struct ReasonBody {
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub explanation: String,
}

/// The disclaimer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
pub struct DisclaimerBody {
    /// Changes whenever the text does.
    pub version: String,
    /// The text.
    pub text: String,
}

impl From<&Prediction> for PredictionBody {
    fn from(prediction: &Prediction) -> Self {
        let simulated = prediction.reasons.contains(&Reason::SimulatedData);
        Self {
            stock_code: prediction.stock_code.to_string(),
            prediction: prediction.direction.into(),
            confidence: six_decimals(prediction.confidence),
            model_version: prediction.model_version.clone(),
            predicted_at: time_text(prediction.predicted_at),
            features_used: prediction.features_used.to_vec(),
            horizon: prediction.horizon.into(),
            prediction_id: prediction.id.to_string(),
            probability_up: six_decimals(prediction.probability_up),
            relative: RelativeBody {
                percentile: six_decimals(prediction.relative.percentile),
                of: prediction.relative.of,
            },
            as_of: prediction.as_of.to_string(),
            target_session: prediction.target_session.to_string(),
            return_interval: prediction.return_interval.map(ReturnIntervalBody::from),
            stale: prediction.is_stale(),
            reasons: prediction.reasons.iter().map(ReasonBody::from).collect(),
            simulated,
            disclaimer: DisclaimerBody::new(simulated),
        }
    }
}

impl From<ReturnInterval> for ReturnIntervalBody {
    fn from(interval: ReturnInterval) -> Self {
        Self {
            lower: six_decimals(interval.lower),
            median: six_decimals(interval.median),
            upper: six_decimals(interval.upper),
            level: six_decimals(interval.level),
        }
    }
}

impl From<&Reason> for ReasonBody {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code().to_owned(),
            explanation: reason.explanation().to_owned(),
        }
    }
}

impl DisclaimerBody {
    pub(crate) fn new(simulated: bool) -> Self {
        let text = if simulated {
            DISCLAIMER_SIMULATED
        } else {
            DISCLAIMER
        };
        Self {
            version: DISCLAIMER_VERSION.to_owned(),
            text: text.to_owned(),
        }
    }
}

/// A moment as RFC 3339 with the exchange's offset, to the millisecond.
pub(crate) fn time_text(time: DateTime<Utc>) -> String {
    time.with_timezone(&kst())
        .to_rfc3339_opts(SecondsFormat::Millis, false)
}
