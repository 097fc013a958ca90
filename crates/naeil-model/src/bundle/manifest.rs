//! `manifest.json`: the wire form of what a bundle says of itself.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use naeil_domain::model::REGISTERED_MODEL;
use naeil_domain::ports::LoadError;
use naeil_domain::{
    DataOrigin, DateWindow, DecisionPolicy, Digest, Horizon, ModelDescription, Session, Thresholds,
};
use naeil_features::{FeatureSpec, Scaler};

use super::calibration::CalibrationWire;
use super::evaluation::EvaluationWire;
use super::golden::{Golden, MAX_WINDOWS};
use super::tensors::Expected;
use super::{BundleContents, SCHEMA_VERSION};
use crate::network_config::NetworkConfig;
use crate::summary::TrainingSummary;
use crate::weight_file::MAX_MEMBERS;
use crate::weights::layout;

/// A bundle's manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) schema_version: u32,
    pub(crate) model_name: String,
    pub(crate) code_version: String,
    /// RFC 3339.
    pub(crate) trained_at: String,
    pub(crate) network: NetworkConfig,
    /// Networks whose outputs are averaged.
    pub(crate) members: usize,
    /// Windows of `golden.safetensors`.
    pub(crate) golden_windows: usize,
    pub(crate) horizons: Vec<String>,
    pub(crate) feature_spec: FeatureSpec,
    pub(crate) feature_spec_hash: String,
    pub(crate) scaler: Scaler,
    pub(crate) policy: Vec<ThresholdsWire>,
    pub(crate) calibration: Option<CalibrationWire>,
    pub(crate) windows: WindowsWire,
    pub(crate) data: DataWire,
    pub(crate) training: TrainingSummary,
    pub(crate) evaluation: EvaluationWire,
    pub(crate) files: BTreeMap<String, FileWire>,
}

/// The part of a manifest that every version of it has.
#[derive(Debug, Deserialize)]
struct AnyManifest {
    schema_version: u32,
}

/// Thresholds of one horizon.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThresholdsWire {
    pub(crate) horizon: String,
    pub(crate) up: Option<f64>,
    pub(crate) down: Option<f64>,
}

/// The three ranges of as-of sessions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowsWire {
    pub(crate) train: WindowWire,
    pub(crate) validation: WindowWire,
    pub(crate) test: WindowWire,
}

/// A range of sessions, both ends included.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowWire {
    pub(crate) first: String,
    pub(crate) last: String,
}

/// What the model learned from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataWire {
    pub(crate) digest: String,
    pub(crate) origin: String,
    pub(crate) n_stocks: usize,
}

/// One file beside the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileWire {
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

impl Manifest {
    /// The manifest of a bundle with these files.
    pub(crate) fn new(contents: &BundleContents<'_>, files: BTreeMap<String, FileWire>) -> Self {
        let policy = Horizon::ALL.map(|horizon| {
            let Thresholds { up, down } = contents.policy.thresholds(horizon);
            let horizon = horizon.as_str().to_owned();
            ThresholdsWire { horizon, up, down }
        });
        Self {
            schema_version: SCHEMA_VERSION,
            model_name: REGISTERED_MODEL.to_owned(),
            code_version: contents.code_version.to_owned(),
            trained_at: contents
                .trained_at
                .to_rfc3339_opts(SecondsFormat::Secs, true),
            network: contents.model.network.clone(),
            members: contents.model.members.len(),
            golden_windows: contents.golden_windows.n_windows,
            horizons: Horizon::ALL.map(|h| h.as_str().to_owned()).to_vec(),
            feature_spec: contents.spec.clone(),
            feature_spec_hash: contents.spec.hash().to_string(),
            scaler: contents.model.scaler.clone(),
            policy: policy.to_vec(),
            calibration: contents.calibration.map(CalibrationWire::from_domain),
            windows: WindowsWire {
                train: window_wire(contents.train_window),
                validation: window_wire(contents.validation_window),
                test: window_wire(contents.test_window),
            },
            data: DataWire {
                digest: contents.data_digest.to_string(),
                origin: contents.data_origin.as_str().to_owned(),
                n_stocks: contents.n_stocks,
            },
            training: contents.model.summary.clone(),
            evaluation: EvaluationWire::from_domain(contents.evaluation),
            files,
        }
    }

    /// Reads a manifest; a version that this code does not know is told as such.
    ///
    /// # Errors
    /// [`LoadError::Version`], or [`LoadError::Refused`] with what is wrong with it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, LoadError> {
        let any: AnyManifest = serde_json::from_slice(bytes).map_err(|error| {
            LoadError::Refused(format!("manifest.json is not a manifest: {error}"))
        })?;
        if any.schema_version != SCHEMA_VERSION {
            return Err(LoadError::Version {
                found: any.schema_version,
                supported: SCHEMA_VERSION,
            });
        }
        serde_json::from_slice(bytes).map_err(|error| {
            LoadError::Refused(format!("manifest.json cannot be understood: {error}"))
        })
    }

    /// Checks every value and gives the description.
    ///
    /// # Errors
    /// Text for people: the first thing that is wrong.
    pub(crate) fn validate(&self, digest: Digest) -> Result<ModelDescription, String> {
        if self.model_name != REGISTERED_MODEL {
            return Err(format!(
                "it is a model '{}', not '{REGISTERED_MODEL}'",
                self.model_name.escape_debug()
            ));
        }
        if self.code_version.is_empty() {
            return Err("code_version is empty".to_owned());
        }
        if self.data.n_stocks == 0 {
            return Err("data.n_stocks is 0".to_owned());
        }
        self.network.validate().map_err(|error| error.to_string())?;
        self.training
            .config
            .validate()
            .map_err(|error| error.to_string())?;
        let spec = &self.feature_spec;
        self.check_spec_hash()?;
        self.network
            .check_fits(spec)
            .map_err(|error| error.to_string())?;
        for (key, found, limit) in [
            ("members", self.members, MAX_MEMBERS),
            ("golden_windows", self.golden_windows, MAX_WINDOWS),
        ] {
            if !(1..=limit).contains(&found) {
                return Err(format!(
                    "{key} is {found}, it has to be between 1 and {limit}"
                ));
            }
        }
        if self.training.members.len() != self.members {
            return Err(format!(
                "it tells of the training of {} members and has {}",
                self.training.members.len(),
                self.members
            ));
        }
        if self.scaler.n_columns() != spec.n_columns() {
            return Err(format!(
                "the scaler has {} columns, the feature spec {}",
                self.scaler.n_columns(),
                spec.n_columns()
            ));
        }
        let [train_window, validation_window, test_window] = self.date_windows()?;
        let data_origin = DataOrigin::parse(&self.data.origin)
            .ok_or_else(|| format!("unknown data origin '{}'", self.data.origin.escape_debug()))?;
        let data_digest =
            Digest::parse(&self.data.digest).map_err(|error| format!("data.digest: {error}"))?;
        Ok(ModelDescription {
            digest,
            trained_at: self.trained_at()?,
            code_version: self.code_version.clone(),
            feature_names: spec.names().to_vec(),
            feature_spec_hash: spec.hash(),
            lookback: spec.lookback(),
            horizons: self.horizons()?,
            train_window,
            validation_window,
            test_window,
            data_digest,
            data_origin,
            n_stocks: self.data.n_stocks,
            calibration: (self.calibration.as_ref())
                .map(CalibrationWire::to_domain)
                .transpose()?,
            policy: self.policy()?,
            evaluation: self.evaluation.to_domain()?,
            network: self.network_summary(),
        })
    }

    /// What the weights' file has to hold, by the network's sizes alone.
    pub(crate) fn expected_weights(&self) -> Expected {
        let tensors = layout(&self.network);
        let numbers = |shape: &[usize]| shape.iter().product::<usize>() as u64;
        let member: u64 = tensors.iter().map(|tensor| numbers(&tensor.shape)).sum();
        Expected {
            n_tensors: tensors.len() * self.members,
            data_bytes: member * (size_of::<f32>() * self.members) as u64,
        }
    }

    /// What the golden vectors' file has to hold.
    pub(crate) fn expected_golden(&self) -> Expected {
        Golden::expected_file(self.golden_windows, &self.network)
    }

    fn network_summary(&self) -> String {
        match self.members {
            1 => self.network.summary(),
            n => format!("{} ({n} members)", self.network.summary()),
        }
    }

    fn check_spec_hash(&self) -> Result<(), String> {
        let spec = &self.feature_spec;
        let stated = Digest::parse(&self.feature_spec_hash)
            .map_err(|error| format!("feature_spec_hash: {error}"))?;
        if spec.hash() != stated {
            return Err(format!(
                "the feature spec has hash {}, the manifest states {}",
                spec.hash().short(),
                stated.short()
            ));
        }
        Ok(())
    }

    fn trained_at(&self) -> Result<DateTime<Utc>, String> {
        DateTime::parse_from_rfc3339(&self.trained_at)
            .map(|time| time.with_timezone(&Utc))
            .map_err(|error| format!("trained_at is not an RFC 3339 time: {error}"))
    }

    fn horizons(&self) -> Result<Vec<Horizon>, String> {
        let expected = Horizon::ALL.map(Horizon::as_str);
        if self.horizons != expected {
            return Err(format!(
                "its horizons are {:?}, this program serves {expected:?}",
                self.horizons
            ));
        }
        Ok(Horizon::ALL.to_vec())
    }

    fn policy(&self) -> Result<DecisionPolicy, String> {
        let horizons: Vec<&str> = self.policy.iter().map(|t| t.horizon.as_str()).collect();
        let thresholds: [Thresholds; Horizon::COUNT] = self
            .policy
            .iter()
            .map(|t| Thresholds {
                up: t.up,
                down: t.down,
            })
            .collect::<Vec<_>>()
            .try_into()
            .map_err(|_| format!("the policy has the horizons {horizons:?}"))?;
        if horizons != Horizon::ALL.map(Horizon::as_str) {
            return Err(format!("the policy has the horizons {horizons:?}"));
        }
        DecisionPolicy::new(thresholds).map_err(|error| error.to_string())
    }

    fn date_windows(&self) -> Result<[DateWindow; 3], String> {
        let windows = [
            self.windows.train.to_domain("train")?,
            self.windows.validation.to_domain("validation")?,
            self.windows.test.to_domain("test")?,
        ];
        if !windows.is_sorted_by(|a, b| a.last < b.first) {
            return Err(
                "the training, validation and test windows overlap or are out of order".to_owned(),
            );
        }
        Ok(windows)
    }
}

impl WindowWire {
    fn to_domain(&self, name: &str) -> Result<DateWindow, String> {
        let parse = |text: &str| {
            Session::parse(text).map_err(|error| format!("the {name} window: {error}"))
        };
        let window = DateWindow {
            first: parse(&self.first)?,
            last: parse(&self.last)?,
        };
        if window.first > window.last {
            return Err(format!("the {name} window ends before it begins"));
        }
        Ok(window)
    }
}

fn window_wire(window: DateWindow) -> WindowWire {
    WindowWire {
        first: window.first.to_string(),
        last: window.last.to_string(),
    }
}
