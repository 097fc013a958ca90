//! The champion: a registered version that has been loaded and found fit to serve.

use std::sync::Arc;

use naeil_domain::ports::{ForecasterLoader, ModelRegistry, WindowShape};
use naeil_domain::{
    Calibration, Digest, Horizon, HorizonCalibration, ModelDescription, ModelVersion,
};
use naeil_features::FeatureSpec;

use crate::config::ServiceConfig;
use crate::error::ServingError;
use crate::metrics::ServingMetrics;
use crate::model_thread::ModelThread;

/// A loaded champion; its model runs on a thread of its own, which clones share.
#[derive(Debug, Clone)]
pub(crate) struct Champion {
    pub(crate) version: ModelVersion,
    pub(crate) description: Arc<ModelDescription>,
    pub(crate) features_used: Arc<[String]>,
    /// The newest calibration published for it, else the one in its bundle.
    pub(crate) calibration: Option<Calibrated>,
    pub(crate) model: Arc<ModelThread>,
}

/// A calibration with its name, which would otherwise be computed for every question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Calibrated {
    pub(crate) calibration: Calibration,
    pub(crate) digest: Digest,
}

impl From<Calibration> for Calibrated {
    fn from(calibration: Calibration) -> Self {
        Self {
            digest: calibration.digest(),
            calibration,
        }
    }
}

impl Champion {
    /// Fetches a version's bundle, lets the loader admit it, and checks that it is the bundle
    /// that was registered and takes the features that this program computes.
    pub(crate) async fn load(
        version: ModelVersion,
        registry: &dyn ModelRegistry,
        loader: Arc<dyn ForecasterLoader>,
        spec: &FeatureSpec,
        config: &ServiceConfig,
        metrics: &ServingMetrics,
    ) -> Result<Self, ServingError> {
        let bundle_dir = registry.fetch(&version.version).await?;
        let loaded = tokio::task::spawn_blocking(move || loader.load(&bundle_dir))
            .await?
            .map_err(|source| ServingError::ChampionRefused {
                version: version.version.clone(),
                source,
            })?;
        check_fit(&version, &loaded.description, spec)
            .and_then(|()| check_shape(loaded.forecaster.shape(), spec))
            .map_err(|why| ServingError::ChampionUnfit {
                version: version.version.clone(),
                why,
            })?;
        let published = registry.calibration(&version.version).await?;
        let model = ModelThread::spawn(loaded.forecaster, config, metrics)
            .map_err(ServingError::ModelThread)?;
        Ok(Self {
            version,
            features_used: Arc::from(loaded.description.feature_names.as_slice()),
            calibration: published
                .or(loaded.description.calibration)
                .map(Calibrated::from),
            description: Arc::new(loaded.description),
            model: Arc::new(model),
        })
    }

    /// The same model with this calibration, or the bundle's own if none is published.
    pub(crate) fn calibrated(&self, published: Option<Calibration>) -> Self {
        Self {
            calibration: published
                .or(self.description.calibration)
                .map(Calibrated::from),
            ..self.clone()
        }
    }

    /// How outputs at a horizon become probabilities and intervals.
    pub(crate) fn horizon_calibration(&self, horizon: Horizon) -> HorizonCalibration {
        self.calibration
            .map_or(HorizonCalibration::IDENTITY, |calibrated| {
                *calibrated.calibration.horizon(horizon)
            })
    }
}

/// Says what makes windows of this shape impossible to take from the panel.
fn check_shape(shape: &WindowShape, spec: &FeatureSpec) -> Result<(), String> {
    let fits = shape.n_columns == spec.n_columns()
        && shape.seq_length <= spec.lookback()
        && shape.sequence_columns.iter().all(|&c| c < spec.n_columns());
    if fits {
        return Ok(());
    }
    Err(format!(
        "it takes {} sessions of {} columns, but {} sessions of {} columns are computed here; \
         train a model with this program",
        shape.seq_length,
        shape.n_columns,
        spec.lookback(),
        spec.n_columns()
    ))
}

/// Says what makes a sound bundle unfit to be served under this version by this program.
fn check_fit(
    version: &ModelVersion,
    description: &ModelDescription,
    spec: &FeatureSpec,
) -> Result<(), String> {
    if description.digest != version.digest {
        return Err(format!(
            "its bundle has the digest {}, but {} was registered; register it anew",
            description.digest, version.digest
        ));
    }
    if description.feature_spec_hash != spec.hash() {
        return Err(format!(
            "it was trained on features {}, but version {} of the feature spec here is {}; \
             train a model with this program",
            description.feature_spec_hash.short(),
            spec.version(),
            spec.hash().short()
        ));
    }
    if description.lookback != spec.lookback() {
        return Err(format!(
            "its windows have {} sessions, but {} are computed here; \
             train a model with this program",
            description.lookback,
            spec.lookback()
        ));
    }
    if description.horizons != Horizon::ALL {
        let horizons: Vec<&str> = description.horizons.iter().map(|h| h.as_str()).collect();
        return Err(format!(
            "its horizons are {}, but 1d, 5d, 20d are served; train a model with this program",
            horizons.join(", ")
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};
    use naeil_domain::Digest;
    use naeil_test_support::fakes::fake_description;

    use super::*;

    #[test]
    fn what_does_not_fit_is_said() {
        let spec = FeatureSpec::v2();
        let fit = fake_description(spec.hash(), spec.names(), spec.lookback());
        let version = ModelVersion {
            version: "1".to_owned(),
            digest: fit.digest,
            registered_at: Utc.with_ymd_and_hms(2024, 1, 2, 0, 0, 0).unwrap(),
            tags: Default::default(),
        };
        assert_eq!(check_fit(&version, &fit, &spec), Ok(()));

        let check = |description: ModelDescription, expected: &str| {
            let why = check_fit(&version, &description, &spec).unwrap_err();
            assert!(why.contains(expected), "{why}");
        };
        check(
            ModelDescription {
                digest: Digest::of(b"another"),
                ..fit.clone()
            },
            "was registered",
        );
        check(
            ModelDescription {
                feature_spec_hash: Digest::of(b"another"),
                ..fit.clone()
            },
            "trained on features",
        );
        check(
            ModelDescription {
                lookback: spec.lookback() + 1,
                ..fit.clone()
            },
            "sessions",
        );
        check(
            ModelDescription {
                horizons: vec![Horizon::OneDay],
                ..fit.clone()
            },
            "its horizons are 1d,",
        );
    }
}
