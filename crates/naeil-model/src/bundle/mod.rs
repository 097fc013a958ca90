//! The bundle: one directory with everything needed to serve a model, and nothing executable.
//!
//! | file | what |
//! |---|---|
//! | `manifest.json` | network, feature spec, scaler, policy, windows, data, training, evaluation, and the SHA-256 of every other file |
//! | `weights.safetensors` | the weights under PyTorch's names |
//! | `golden.safetensors` | windows and the probabilities they must give |
//! | `MODEL_CARD.md` | for people |
//! | `MLmodel` | for a registry's pages |
//!
//! The digest of a model is the SHA-256 of its `manifest.json`, which pins everything else.

mod card;
mod evaluation;
mod golden;
mod load;
mod manifest;
mod mlmodel;
mod write;

use chrono::{DateTime, Utc};

use naeil_domain::ports::WindowBatch;
use naeil_domain::{DataOrigin, DateWindow, DecisionPolicy, Digest, EvaluationReport};
use naeil_features::FeatureSpec;

use crate::trained_model::TrainedModel;

pub use load::BundleLoader;
pub use write::write_bundle;

/// The version of the manifest that this code writes and reads.
const SCHEMA_VERSION: u32 = 1;

const MANIFEST: &str = "manifest.json";
const WEIGHTS: &str = "weights.safetensors";
const GOLDEN: &str = "golden.safetensors";
const CARD: &str = "MODEL_CARD.md";
const MLMODEL: &str = "MLmodel";

/// The files that a manifest names, each with the most bytes it may have.
const FILES: [(&str, u64); 4] = [
    (WEIGHTS, 512 * MEBIBYTE),
    (GOLDEN, 64 * MEBIBYTE),
    (CARD, MEBIBYTE),
    (MLMODEL, MEBIBYTE),
];

/// The most bytes a manifest may have.
const MANIFEST_LIMIT: u64 = 4 * MEBIBYTE;

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
    /// Its scores beside the baselines'.
    pub evaluation: &'a EvaluationReport,
    /// As-of sessions trained on.
    pub train_window: DateWindow,
    /// As-of sessions that chose the epoch.
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
}

#[cfg(test)]
mod tests;
