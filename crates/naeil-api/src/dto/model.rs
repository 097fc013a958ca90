//! What is said of the model that answers.

use std::collections::BTreeMap;

use apistos::ApiComponent;
use naeil_domain::model::REGISTERED_MODEL;
use naeil_domain::{Alias, DateWindow, HorizonEvaluation, Scores, Thresholds};
use naeil_serving::ServingModel;
use schemars::JsonSchema;
use serde::Serialize;

use crate::dto::prediction::{DisclaimerBody, time_text};
use crate::dto::six_decimals;
use crate::dto::words::{DataOriginWord, HorizonWord};

/// The model that answers, how it was trained and how well it did on sessions after its training.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
pub struct ModelInfoBody {
    /// The registered model.
    pub model_name: String,
    /// Its version.
    pub version: String,
    /// The alias under which it serves; always `champion`.
    pub stage: String,
    /// The network in a few words.
    pub network: String,
    /// Feature columns, in order.
    pub features: Vec<String>,
    /// Sessions in the window that one prediction sees.
    pub lookback: usize,
    /// Horizons it predicts.
    pub horizons: Vec<HorizonWord>,
    /// When training ended (RFC 3339, Korea Standard Time).
    pub trained_at: String,
    /// The as-of sessions it was trained, chosen and evaluated on.
    pub data_window: DataWindowBody,
    /// Number of stocks it learned from.
    pub n_stocks: usize,
    /// Its scores on the test window, by horizon.
    pub metrics: BTreeMap<String, HorizonMetricsBody>,
    /// Scores of forecasters without skill on the same rows, by horizon and name.
    pub baselines: BTreeMap<String, BTreeMap<String, ScoresBody>>,
    /// Share of rises in the test window, by horizon; null when nothing was scored.
    pub base_rates: BTreeMap<String, Option<f64>>,
    /// Where up and down begin, by horizon.
    pub decision_policy: BTreeMap<String, ThresholdsBody>,
    /// SHA-256 of the model's manifest, which names every file of it.
    pub digest: String,
    /// Where the bars it answers from come from.
    pub data_origin: DataOriginWord,
    /// The last session whose bars it answers from (exchange date), or null while there are none.
    pub as_of: Option<String>,
    /// Revision of those bars; it grows with every addition and correction.
    pub data_revision: Option<u64>,
    /// What its answers are not.
    pub disclaimer: DisclaimerBody,
}

/// The as-of sessions of a model, split by date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, ApiComponent)]
pub struct DataWindowBody {
    /// Trained on.
    pub train: WindowBody,
    /// Chose the epoch and fitted the decision policy.
    pub validation: WindowBody,
    /// Evaluated on.
    pub test: WindowBody,
}

/// A range of sessions, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, ApiComponent)]
pub struct WindowBody {
    /// First session (exchange date).
    pub first: String,
    /// Last session (exchange date).
    pub last: String,
}

/// Scores at one horizon and what they were computed from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
pub struct HorizonMetricsBody {
    /// Rows scored: pairs of session and stock.
    pub n_rows: usize,
    /// Sessions they come from.
    pub n_sessions: usize,
    /// The scores.
    #[serde(flatten)]
    pub scores: ScoresBody,
}

/// Scores; null where a score is undefined.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
pub struct ScoresBody {
    /// Share of right calls, calling "up" above one half.
    pub accuracy: Option<f64>,
    /// Share of "up" calls that rose.
    pub precision: Option<f64>,
    /// Share of rises that were called.
    pub recall: Option<f64>,
    /// Harmonic mean of the two.
    pub f1: Option<f64>,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Mean squared error of the probability.
    pub brier: Option<f64>,
    /// Mean negative log likelihood.
    pub log_loss: Option<f64>,
    /// Mean daily correlation of score and return.
    pub ic: Option<f64>,
    /// Mean daily rank correlation of score and return.
    pub rank_ic: Option<f64>,
    /// Standard error of `rank_ic`.
    pub rank_ic_standard_error: Option<f64>,
}

/// Where directions begin; a side that is null is never said.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
pub struct ThresholdsBody {
    /// At or above it: up.
    pub up: Option<f64>,
    /// At or below it: down.
    pub down: Option<f64>,
}

impl From<&ServingModel> for ModelInfoBody {
    fn from(serving: &ServingModel) -> Self {
        let model = &*serving.description;
        let market = serving.market;
        let origin = market.map_or(model.data_origin, |market| market.data.origin);
        let scored = &model.evaluation.horizons;
        let by_horizon = |entry: &HorizonEvaluation| entry.horizon.to_string();
        Self {
            model_name: REGISTERED_MODEL.to_owned(),
            version: serving.version.version.clone(),
            stage: Alias::Champion.to_string(),
            network: model.network.clone(),
            features: model.feature_names.clone(),
            lookback: model.lookback,
            horizons: model.horizons.iter().map(|&h| h.into()).collect(),
            trained_at: time_text(model.trained_at),
            data_window: DataWindowBody {
                train: model.train_window.into(),
                validation: model.validation_window.into(),
                test: model.test_window.into(),
            },
            n_stocks: model.n_stocks,
            metrics: scored
                .iter()
                .map(|entry| (by_horizon(entry), HorizonMetricsBody::from(entry)))
                .collect(),
            baselines: scored
                .iter()
                .map(|entry| (by_horizon(entry), baselines_of(entry)))
                .collect(),
            base_rates: scored
                .iter()
                .map(|entry| (by_horizon(entry), entry.base_rate.map(six_decimals)))
                .collect(),
            decision_policy: model
                .horizons
                .iter()
                .map(|&h| (h.to_string(), model.policy.thresholds(h).into()))
                .collect(),
            digest: model.digest.to_string(),
            data_origin: origin.into(),
            as_of: market.map(|market| market.as_of.to_string()),
            data_revision: market.map(|market| market.data.revision),
            disclaimer: DisclaimerBody::new(
                origin.is_simulated() || model.data_origin.is_simulated(),
            ),
        }
    }
}

fn baselines_of(entry: &HorizonEvaluation) -> BTreeMap<String, ScoresBody> {
    entry
        .baselines
        .iter()
        .map(|(baseline, scores)| (baseline.as_str().to_owned(), scores.into()))
        .collect()
}

impl From<DateWindow> for WindowBody {
    fn from(window: DateWindow) -> Self {
        Self {
            first: window.first.to_string(),
            last: window.last.to_string(),
        }
    }
}

impl From<&HorizonEvaluation> for HorizonMetricsBody {
    fn from(entry: &HorizonEvaluation) -> Self {
        Self {
            n_rows: entry.n_rows,
            n_sessions: entry.n_sessions,
            scores: (&entry.model).into(),
        }
    }
}

impl From<&Scores> for ScoresBody {
    fn from(scores: &Scores) -> Self {
        Self {
            accuracy: scores.accuracy.map(six_decimals),
            precision: scores.precision.map(six_decimals),
            recall: scores.recall.map(six_decimals),
            f1: scores.f1.map(six_decimals),
            auc: scores.auc.map(six_decimals),
            brier: scores.brier.map(six_decimals),
            log_loss: scores.log_loss.map(six_decimals),
            ic: scores.ic.map(six_decimals),
            rank_ic: scores.rank_ic.map(six_decimals),
            rank_ic_standard_error: scores.rank_ic_standard_error.map(six_decimals),
        }
    }
}

impl From<Thresholds> for ThresholdsBody {
    fn from(thresholds: Thresholds) -> Self {
        Self {
            up: thresholds.up.map(six_decimals),
            down: thresholds.down.map(six_decimals),
        }
    }
}
