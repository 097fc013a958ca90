//! The nightly refit of the champion's probabilities and intervals: one file, no training.

use std::path::PathBuf;

use naeil_domain::ports::{BarRequest, ForecastError, LoadError, RegistryError, StoreError};
use naeil_domain::{
    Alias, BarPanel, Calibration, Horizon, InvalidCalibration, ModelVersion, Session,
};
use naeil_evaluation::calibration::MemberStanding;
use naeil_features::{FeatureError, FeaturePanel, FeatureSpec, Labels};

use crate::calibrated::{calibration_of, learn};
use crate::config::PipelineConfig;
use crate::ports::PipelinePorts;
use crate::score::score_rows;
use crate::universe::select_universe;

/// What a refit found and published.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrateOutcome {
    /// The champion's version in the registry.
    pub version: String,
    /// What served until then: the last calibration published beside the version, or the bundle's.
    pub before: Option<Calibration>,
    /// What serves from now on.
    pub after: Calibration,
    /// How the calibrators of each horizon stand, in the order of [`Horizon::ALL`].
    pub standings: [Vec<MemberStanding>; Horizon::COUNT],
}

/// Why the champion was not calibrated anew. What was published before stays.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// There is no champion.
    #[error("there is no champion to calibrate, run `naeil retrain` first")]
    NoChampion,
    /// The store holds no bars.
    #[error("there are no bars to calibrate on, run `naeil import` first")]
    NoBars,
    /// No outcome is known of the sessions after the champion's training.
    #[error(
        "no outcome is known after {trained_until}, the end of version {version}'s training, and \
         the {purged} sessions that its labels reach beyond; import newer bars"
    )]
    NothingKnown {
        /// The champion's version.
        version: String,
        /// The last as-of session it was trained on.
        trained_until: Session,
        /// Sessions left out after it.
        purged: usize,
    },
    /// The champion takes other features than this build computes.
    #[error(
        "the champion (version {version}) takes other features than this build computes; retrain \
         with this build, or calibrate with the one that trained it"
    )]
    OtherFeatures {
        /// The champion's version.
        version: String,
    },
    /// The champion's bundle was not admitted.
    #[error("the champion (version {version}) was not admitted; `naeil doctor` says what is wrong")]
    Load {
        /// The champion's version.
        version: String,
        /// Why.
        #[source]
        source: LoadError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Features cannot be computed.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// The champion failed on windows it should take.
    #[error("the champion cannot forecast")]
    Forecast(#[from] ForecastError),
    /// A forecast was not a number.
    #[error("the champion's forecasts cannot be calibrated")]
    Calibration(#[from] InvalidCalibration),
    /// The work panicked, or the program is stopping.
    #[error("the calibration was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
}

/// Fits the champion's calibration as of the newest session and publishes it beside its version.
///
/// Forecasts of every session after the champion's training, whose outcomes its training could not
/// have seen, are walked through in the order of time, as in [the evaluation](crate::retrain()); the
/// weights stay as they are. Of the settings, `last_sessions`, `universe` and `calibration` count. It
/// needs a tokio runtime; the heavy computing runs on its blocking threads.
///
/// # Errors
/// [`CalibrateError`]; what was published before stays then.
pub async fn calibrate(
    ports: &PipelinePorts,
    config: &PipelineConfig,
) -> Result<CalibrateOutcome, CalibrateError> {
    let registry = &ports.registry;
    let champion = registry.by_alias(Alias::Champion).await?;
    let version = champion.ok_or(CalibrateError::NoChampion)?;
    let bundle = registry.fetch(&version.version).await?;
    let published = registry.calibration(&version.version).await?;
    ports
        .bars
        .data_state()
        .await?
        .ok_or(CalibrateError::NoBars)?;
    let bars = ports
        .bars
        .bars(&BarRequest {
            last_sessions: config.last_sessions,
            ..BarRequest::default()
        })
        .await?;
    let work = Refit {
        version,
        bundle,
        published,
        bars,
        ports: ports.clone(),
        config: config.clone(),
    };
    let outcome = tokio::task::spawn_blocking(move || work.run())
        .await
        .unwrap_or_else(|source| Err(CalibrateError::Interrupted(source)))?;
    registry
        .publish_calibration(&outcome.version, &outcome.after)
        .await?;
    Ok(outcome)
}

/// Everything that was read for one refit.
struct Refit {
    version: ModelVersion,
    bundle: PathBuf,
    published: Option<Calibration>,
    bars: BarPanel,
    ports: PipelinePorts,
    config: PipelineConfig,
}

impl Refit {
    fn run(self) -> Result<CalibrateOutcome, CalibrateError> {
        let version = self.version.version.clone();
        let refused = |source| CalibrateError::Load {
            version: version.clone(),
            source,
        };
        let mut model = self.ports.loader.load(&self.bundle).map_err(refused)?;
        let description = &model.description;
        if description.digest != self.version.digest {
            let reason = format!(
                "the registry names {}, the bundle is {}",
                self.version.digest, description.digest
            );
            return Err(refused(LoadError::Refused(reason)));
        }
        let spec = FeatureSpec::v2();
        if description.feature_spec_hash != spec.hash() {
            return Err(CalibrateError::OtherFeatures { version });
        }
        let sessions = self.bars.sessions();
        let trained_until = description.train_window.last;
        let after = sessions.partition_point(|&session| session <= trained_until);
        let first = after + Horizon::MAX_STEPS;
        let nothing_known = || CalibrateError::NothingKnown {
            version: version.clone(),
            trained_until,
            purged: Horizon::MAX_STEPS,
        };
        if first >= sessions.len() {
            return Err(nothing_known());
        }
        // As in a retrain: whose outcomes count is not for those outcomes to say.
        let universe = select_universe(&self.bars, 0..first, &self.config.universe);
        let panel = FeaturePanel::compute(&spec, &self.bars)?;
        let labels = Labels::compute(&self.bars);
        let rows = score_rows(
            model.forecaster.as_mut(),
            &panel,
            &labels,
            first..sessions.len(),
            &universe.stock_idxs,
        )?;
        let mut calibrator = learn(&rows, &self.config.calibration);
        let calibration = calibration_of(&mut calibrator, sessions)?;
        if calibration.n_sessions == 0 {
            return Err(nothing_known());
        }
        Ok(CalibrateOutcome {
            before: self.published.or(description.calibration),
            after: calibration,
            standings: Horizon::ALL.map(|horizon| calibrator.standings(horizon)),
            version,
        })
    }
}

#[cfg(test)]
mod tests;
