//! A good bundle, and what every test does with it.

mod card;
mod files;
mod forged;
mod manifest;
mod round_trip;
mod signed;

use std::fs;
use std::path::{Path, PathBuf};

use naeil_domain::ports::{Forecaster, ForecasterLoader, LoadError};
use naeil_domain::{Baseline, Horizon, HorizonEvaluation, Scores, Session};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::error::ModelError;
use crate::test_market::some_model;

fn session(text: &str) -> Session {
    Session::parse(text).unwrap()
}

fn window(first: &str, last: &str) -> DateWindow {
    DateWindow {
        first: session(first),
        last: session(last),
    }
}

fn evaluation() -> EvaluationReport {
    let scores = |accuracy| Scores {
        accuracy: Some(accuracy),
        precision: None,
        rank_ic: Some(0.031),
        brier: Some(0.2481),
        rank_ic_standard_error: Some(0.01),
        ..Scores::default()
    };
    EvaluationReport {
        first_session: session("2020-11-01"),
        last_session: session("2020-12-25"),
        horizons: Horizon::ALL
            .map(|horizon| HorizonEvaluation {
                horizon,
                n_rows: 800,
                n_sessions: 40,
                base_rate: Some(0.47),
                model: scores(0.61),
                baselines: vec![(Baseline::Majority, scores(0.53))],
            })
            .to_vec(),
    }
}

/// Writes a bundle of the small model, after `change` had its way with the contents.
fn write(dir: &Path, change: impl FnOnce(&mut BundleContents<'_>)) -> Result<Digest, ModelError> {
    let (market, model) = some_model();
    let (golden_windows, _) = market.test_windows(8);
    let (evaluation, card) = (evaluation(), CardSections::default());
    let mut contents = BundleContents {
        model,
        spec: market.panel.spec(),
        policy: DecisionPolicy::fixed(),
        calibration: None,
        evaluation: &evaluation,
        train_window: window("2020-01-01", "2020-06-30"),
        validation_window: window("2020-08-01", "2020-09-30"),
        test_window: window("2020-11-01", "2020-12-25"),
        data_digest: Digest::of(b"bars"),
        data_origin: DataOrigin::Simulated,
        n_stocks: 20,
        accepted_checks: &[],
        trained_at: DateTime::from_timestamp(1_600_000_000, 0).unwrap(),
        code_version: "0.1.0+test",
        golden_windows: &golden_windows,
        reference: None,
        card: &card,
        training_curves: None,
        signing_key: None,
    };
    change(&mut contents);
    write_bundle(dir, &contents)
}

/// A good bundle in a directory of its own.
struct Bundle {
    _parent: TempDir,
    dir: PathBuf,
    digest: Digest,
}

impl Bundle {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// After `change` had its way with the contents.
    fn with(change: impl FnOnce(&mut BundleContents<'_>)) -> Self {
        let parent = TempDir::new().unwrap();
        let dir = parent.path().join("bundle");
        let digest = write(&dir, change).unwrap();
        Self {
            _parent: parent,
            dir,
            digest,
        }
    }

    fn edit_manifest(&self, edit: impl FnOnce(&mut Value)) {
        let path = self.dir.join(MANIFEST);
        let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        edit(&mut manifest);
        fs::write(&path, manifest.to_string()).unwrap();
    }

    /// Replaces a file and states its new digest, as a forger with access to everything would.
    fn forge(&self, name: &str, bytes: &[u8]) {
        fs::write(self.dir.join(name), bytes).unwrap();
        self.edit_manifest(|manifest| {
            manifest["files"][name] = json!({
                "sha256": Digest::of(bytes).to_string(),
                "bytes": bytes.len(),
            });
        });
    }

    fn refusal(&self) -> String {
        self.error(&BundleLoader::default()).to_string()
    }

    fn error(&self, loader: &BundleLoader) -> LoadError {
        match loader.load(&self.dir) {
            Err(LoadError::Io { path, source }) => panic!("not refused: {path}: {source}"),
            Err(error) => error,
            Ok(_) => panic!("not refused"),
        }
    }
}

/// Checks that a bundle spoilt by `spoil` is refused with a message that contains `message`.
fn check_refused(spoil: impl FnOnce(&Bundle), message: &str) {
    let bundle = Bundle::new();
    spoil(&bundle);
    let refusal = bundle.refusal();
    assert!(refusal.contains(message), "'{refusal}' lacks '{message}'");
}

fn check_manifest_refused(edit: impl FnOnce(&mut Value), message: &str) {
    check_refused(|bundle| bundle.edit_manifest(edit), message);
}
