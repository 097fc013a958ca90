//! Registered models, in MLflow's words.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};

use crate::calibration::Calibration;
use crate::digest::Digest;
use crate::evaluation::EvaluationReport;
use crate::horizon::Horizon;
use crate::policy::DecisionPolicy;
use crate::session::Session;
use crate::stock::DataOrigin;

/// The name under which every model is registered.
pub const REGISTERED_MODEL: &str = "stock_prediction_lstm";

/// A name that points at one version of the registered model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alias {
    /// The version that serves; the seed's "Production".
    Champion,
    /// The newest candidate; the seed's "Staging".
    Challenger,
    /// The version to roll back to.
    Previous,
}

impl Alias {
    /// Every alias.
    pub const ALL: [Self; 3] = [Self::Champion, Self::Challenger, Self::Previous];

    /// The name as the registry knows it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Challenger => "challenger",
            Self::Previous => "previous",
        }
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One version of the registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelVersion {
    /// The version: "1", "2" and so on.
    pub version: String,
    /// The digest of the bundle's manifest, which names every file's digest.
    pub digest: Digest,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// Free tags; `stage` spells the seed's word out for people.
    pub tags: BTreeMap<String, String>,
}

/// A range of sessions, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateWindow {
    /// First session.
    pub first: Session,
    /// Last session.
    pub last: Session,
}

impl fmt::Display for DateWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first, self.last)
    }
}

/// What a bundle says of itself: all that serving and pages need without knowing the network.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelDescription {
    /// Digest of the bundle's manifest.
    pub digest: Digest,
    /// When training ended.
    pub trained_at: DateTime<Utc>,
    /// The version of the code that trained it.
    pub code_version: String,
    /// Columns of a window, in order.
    pub feature_names: Vec<String>,
    /// Hash of the feature spec: names, parameters and version.
    pub feature_spec_hash: Digest,
    /// Sessions in a window.
    pub lookback: usize,
    /// Outputs, in order.
    pub horizons: Vec<Horizon>,
    /// As-of sessions trained on.
    pub train_window: DateWindow,
    /// As-of sessions that judged each epoch and fitted calibration and policy.
    pub validation_window: DateWindow,
    /// As-of sessions it was evaluated on.
    pub test_window: DateWindow,
    /// Digest of the bars it learned from.
    pub data_digest: Digest,
    /// Where those bars came from.
    pub data_origin: DataOrigin,
    /// Number of stocks it learned from.
    pub n_stocks: usize,
    /// The calibration it was published with; a newer one may stand beside it in the registry.
    /// `None`: probabilities are the network's own.
    pub calibration: Option<Calibration>,
    /// From probability to direction.
    pub policy: DecisionPolicy,
    /// Scores on the test window beside the baselines'.
    pub evaluation: EvaluationReport,
    /// The network in a few words, for people: "LSTM 24 -> 128, 60 steps".
    pub network: String,
}
