//! Bundles that hold a few words instead of a network.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::{TimeZone as _, Utc};
use naeil_domain::ports::{ForecasterLoader, LoadError, LoadedForecaster, WindowShape};
use naeil_domain::{
    DataOrigin, DateWindow, DecisionPolicy, Digest, EvaluationReport, Horizon, ModelDescription,
    Session,
};

use super::{FakeForecaster, ForecastControl};

/// Loads any directory with a `manifest.json`: its digest is the model's and decides the model's
/// bias. A manifest that contains the word `refuse` is refused.
#[derive(Debug)]
pub struct FakeLoader {
    template: ModelDescription,
    control: Arc<ForecastControl>,
}

impl FakeLoader {
    /// A loader of models that are described like `template`, but for the digest.
    pub fn new(template: ModelDescription, control: Arc<ForecastControl>) -> Self {
        Self { template, control }
    }

    /// Takes the first column over two sessions, and every column of the as-of session.
    fn shape(&self) -> WindowShape {
        WindowShape {
            seq_length: self.template.lookback.min(2),
            sequence_columns: vec![0],
            n_columns: self.template.feature_names.len(),
        }
    }

    /// The bias of the model whose manifest has this digest, between -0.5 and 0.5.
    pub fn bias(digest: Digest) -> f64 {
        let leading = u8::from_str_radix(&digest.to_string()[..2], 16)
            .expect("a digest is written in hexadecimal");
        f64::from(leading) / 255.0 - 0.5
    }
}

impl ForecasterLoader for FakeLoader {
    fn load(&self, bundle_dir: &Path) -> Result<LoadedForecaster, LoadError> {
        let path = bundle_dir.join("manifest.json");
        let manifest = fs::read_to_string(&path).map_err(|source| LoadError::Io {
            path: path.display().to_string(),
            source,
        })?;
        if manifest.contains("refuse") {
            return Err(LoadError::Refused("told to refuse".to_owned()));
        }
        let digest = Digest::of(manifest.as_bytes());
        let control = Arc::clone(&self.control);
        Ok(LoadedForecaster {
            forecaster: Box::new(FakeForecaster::new(
                Self::bias(digest),
                self.shape(),
                control,
            )),
            description: ModelDescription {
                digest,
                ..self.template.clone()
            },
        })
    }
}

/// A description of a fake model that takes these windows.
pub fn fake_description(
    feature_spec_hash: Digest,
    feature_names: &[String],
    lookback: usize,
) -> ModelDescription {
    let window = |first: &str, last: &str| DateWindow {
        first: Session::parse(first).expect("a date"),
        last: Session::parse(last).expect("a date"),
    };
    let test_window = window("2023-07-03", "2023-12-28");
    ModelDescription {
        digest: Digest::of(b"fake"),
        trained_at: Utc
            .with_ymd_and_hms(2024, 1, 2, 17, 0, 0)
            .single()
            .expect("a time"),
        code_version: "0.1.0".to_owned(),
        feature_names: feature_names.to_vec(),
        feature_spec_hash,
        lookback,
        horizons: Horizon::ALL.to_vec(),
        train_window: window("2020-01-02", "2022-12-29"),
        validation_window: window("2023-02-01", "2023-05-31"),
        test_window,
        data_digest: Digest::of(b"fake bars"),
        data_origin: DataOrigin::Simulated,
        n_stocks: 10,
        calibration: None,
        policy: DecisionPolicy::fixed(),
        evaluation: EvaluationReport {
            first_session: test_window.first,
            last_session: test_window.last,
            horizons: Vec::new(),
        },
        network: "fake, no network".to_owned(),
    }
}
