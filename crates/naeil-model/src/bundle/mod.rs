//! The bundle: one directory with everything needed to serve a model, and nothing executable.
//!
//! | file | what |
//! |---|---|
//! | `manifest.json` | network, feature spec, scaler, policy, calibration, windows, data, training, evaluation, and the SHA-256 of every other file |
//! | `weights.safetensors` | the members' weights under PyTorch's names |
//! | `golden.safetensors` | windows and the forecasts they must give |
//! | `MODEL_CARD.md` | for people |
//! | `MLmodel` | for a registry's pages |
//! | `reference.json` | optional: how features and forecasts were distributed, for drift |
//! | `training.svg` | optional: the losses of every epoch |
//! | `manifest.sig` | optional: an Ed25519 signature over the manifest's bytes |
//!
//! The digest of a model is the SHA-256 of its `manifest.json`, which pins everything else.

mod calibration;
mod card;
mod evaluation;
mod files;
#[doc(hidden)]
pub mod fuzzing;
mod golden;
mod load;
mod manifest;
mod mlmodel;
mod reference;
mod signing;
mod tensors;
mod write;

use chrono::{DateTime, Utc};

use naeil_domain::ports::WindowBatch;
use naeil_domain::{Calibration, DataOrigin, DateWindow, DecisionPolicy, Digest, EvaluationReport};
use naeil_features::FeatureSpec;

use crate::trained_model::TrainedModel;

pub use card::{
    CardSections, CoverageRow, DirectionShares, LeakageCheck, ReliabilityRow, ReliabilityTable,
};
pub use load::BundleLoader;
pub use reference::{Binned, MAX_BINS, Reference, ScoreKind};
pub use signing::{InvalidKey, SigningKey, TrustedKey};
pub use write::write_bundle;

/// The version of the manifest that this code writes and reads.
const SCHEMA_VERSION: u32 = 2;

const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";
const WEIGHTS: &str = "weights.safetensors";
const GOLDEN: &str = "golden.safetensors";
const CARD: &str = "MODEL_CARD.md";
const MLMODEL: &str = "MLmodel";
const REFERENCE: &str = "reference.json";
const CURVES: &str = "training.svg";

/// The files that a manifest names.
const REQUIRED: [&str; 4] = [WEIGHTS, GOLDEN, CARD, MLMODEL];

/// The files that a manifest may name besides.
const OPTIONAL: [&str; 2] = [REFERENCE, CURVES];

/// The most bytes a manifest may have.
const MANIFEST_LIMIT: u64 = 4 * MEBIBYTE;

/// The most bytes that weights or golden vectors may have, whatever the manifest says of them.
const TENSORS_LIMIT: u64 = 512 * MEBIBYTE;

/// The most bytes any other file may have.
const TEXT_LIMIT: u64 = 2 * MEBIBYTE;

const MEBIBYTE: u64 = 1 << 20;

/// Everything that goes into a bundle.
#[derive(Debug)]
pub struct BundleContents<'a> {
    /// The model.
    pub model: &'a TrainedModel,
    /// The features it takes.
    pub spec: &'a FeatureSpec,
    /// From probability to direction.
    pub policy: DecisionPolicy,
    /// From outputs to probabilities and intervals, if it was fitted.
    pub calibration: Option<&'a Calibration>,
    /// Its scores beside the baselines'.
    pub evaluation: &'a EvaluationReport,
    /// As-of sessions trained on.
    pub train_window: DateWindow,
    /// As-of sessions that judged each epoch.
    pub validation_window: DateWindow,
    /// As-of sessions it was evaluated on.
    pub test_window: DateWindow,
    /// Digest of the bars it learned from.
    pub data_digest: Digest,
    /// Where those bars came from.
    pub data_origin: DataOrigin,
    /// Number of stocks it learned from.
    pub n_stocks: usize,
    /// Checks of the data's quality that failed and were accepted, by their words.
    pub accepted_checks: &'a [String],
    /// When training ended.
    pub trained_at: DateTime<Utc>,
    /// The version of the code that trained it.
    pub code_version: &'a str,
    /// Unscaled windows whose answers are kept and replayed before the bundle is ever used.
    pub golden_windows: &'a WindowBatch,
    /// How features and forecasts of the training rows were distributed.
    pub reference: Option<&'a Reference>,
    /// What the model card says beyond the evaluation.
    pub card: &'a CardSections,
    /// The losses of every epoch as an SVG file.
    pub training_curves: Option<&'a str>,
    /// Signs the manifest.
    pub signing_key: Option<&'a SigningKey>,
}

#[cfg(test)]
mod tests;
