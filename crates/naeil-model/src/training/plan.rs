//! What stays the same over a whole training.

use std::time::Duration;

use naeil_domain::Digest;
use naeil_features::Scaler;
use naeil_kernels::Instructions;

use crate::batch::BatchAssembler;
use crate::config::TrainingConfig;
use crate::data::{SessionWindows, TrainingData, WindowIndex};
use crate::error::ModelError;
use crate::network_config::NetworkConfig;
use crate::sampling::{Draw, drawn, generator, shuffled};
use crate::scaling::WindowScaler;
use crate::summary::TrainingSummary;
use crate::validation::ValidationSet;

/// Raised whenever the same data and settings no longer give the same weights: a checkpoint of the
/// code before is refused then, whatever the version of the package.
const ARITHMETIC: u32 = 1;

/// Everything that stays the same over the members, epochs and steps of a training.
pub(super) struct Plan<'a> {
    pub(super) network: &'a NetworkConfig,
    pub(super) config: &'a TrainingConfig,
    pub(super) scaler: Scaler,
    pub(super) assembler: BatchAssembler<'a>,
    pub(super) validation: Option<ValidationSet>,
    pub(super) steps_per_epoch: usize,
    index: WindowIndex,
    spec_hash: Digest,
    sessions: String,
}

impl<'a> Plan<'a> {
    pub(super) fn prepare(
        data: &TrainingData<'a>,
        network: &'a NetworkConfig,
        config: &'a TrainingConfig,
    ) -> Result<Self, ModelError> {
        let index = WindowIndex::collect(data, data.train.clone(), "training")?;
        let validation = data
            .validation
            .clone()
            .map(|sessions| WindowIndex::collect(data, sessions, "validation"))
            .transpose()?
            .map(|index| ValidationSet::new(index, config.validation_windows, config.seed));
        if validation.is_none() {
            needs_no_validation(config)?;
        }
        let scaler = Scaler::fit(data.panel, data.train.clone())?;
        let shape = network.window_shape();
        Ok(Self {
            assembler: BatchAssembler {
                panel: data.panel,
                scaler: WindowScaler::new(&scaler, &shape),
                shape,
                return_scale: index.return_scale().map(|scale| scale as f32),
            },
            network,
            config,
            scaler,
            validation,
            steps_per_epoch: steps_per_epoch(&index, config),
            spec_hash: data.panel.spec().hash(),
            sessions: format!("{:?} {:?}", data.train, data.validation),
            index,
        })
    }

    /// Steps of a member, if it is not stopped before.
    pub(super) fn n_steps(&self) -> usize {
        self.config.epochs * self.steps_per_epoch
    }

    /// The sessions of an epoch's steps, counted from 0.
    pub(super) fn epoch_order(&self, seed: u64, epoch: usize) -> Vec<&SessionWindows> {
        let mut rng = generator(seed, Draw::Sessions(epoch));
        let order = shuffled(self.index.sessions.len(), &mut rng);
        let sessions = order.into_iter().map(|idx| &self.index.sessions[idx]);
        sessions.take(self.steps_per_epoch).collect()
    }

    /// The rows of a session that a step takes.
    pub(super) fn rows(&self, seed: u64, step: usize, session: &SessionWindows) -> Vec<usize> {
        let mut rng = generator(seed, Draw::Stocks(step));
        drawn(
            session.stock_idxs.len(),
            self.config.codes_per_step,
            &mut rng,
        )
    }

    /// The time allowed for all members together.
    pub(super) fn time_limit(&self) -> Option<Duration> {
        let minutes = self.config.max_minutes?;
        Some(Duration::from_secs_f64(minutes * 60.0))
    }

    /// What the data and the settings say of the training, before any member.
    pub(super) fn summary(&self) -> TrainingSummary {
        TrainingSummary {
            config: self.config.clone(),
            train_sessions: self.index.sessions.len(),
            train_windows: self.index.n_windows(),
            validation_windows: self.validation.as_ref().map_or(0, |set| set.n_windows()),
            base_rates: self.index.base_rates(),
            return_scale: self.index.return_scale(),
            members: Vec::new(),
        }
    }

    /// A digest of everything that the weights depend on: the build, the instructions that the
    /// kernels use (their last bits differ), the settings, the columns, the windows
    /// with their labels, and the columns' values as the scaler saw them. How long a training may
    /// take is not among it.
    pub(super) fn fingerprint(&self) -> Digest {
        let config = TrainingConfig {
            max_minutes: None,
            checkpoint_minutes: 1.0,
            ..self.config.clone()
        };
        let json = "settings hold only numbers and words";
        let mut windows = Vec::new();
        for session in &self.index.sessions {
            windows.extend((session.session_idx as u64).to_le_bytes());
            windows.extend(session.stock_idxs.iter().flat_map(|idx| idx.to_le_bytes()));
            let returns = session.returns.iter().flatten();
            windows.extend(returns.flat_map(|value| value.to_le_bytes()));
        }
        let build = format!(
            "{} {ARITHMETIC} {}",
            env!("CARGO_PKG_VERSION"),
            Instructions::detect().as_str()
        );
        Digest::of_parts([
            build.as_str(),
            serde_json::to_string(self.network).expect(json).as_str(),
            serde_json::to_string(&config).expect(json).as_str(),
            serde_json::to_string(&self.scaler).expect(json).as_str(),
            self.spec_hash.to_string().as_str(),
            self.sessions.as_str(),
            Digest::of(&windows).to_string().as_str(),
        ])
    }
}

/// As many sessions as hold the windows allowed, on average.
fn steps_per_epoch(index: &WindowIndex, config: &TrainingConfig) -> usize {
    let n_sessions = index.sessions.len();
    let Some(n_windows) = config.windows_per_epoch else {
        return n_sessions;
    };
    let per_step = config.codes_per_step * index.n_windows() as f64 / n_sessions as f64;
    ((n_windows as f64 / per_step) as usize).clamp(1, n_sessions)
}

fn needs_no_validation(config: &TrainingConfig) -> Result<(), ModelError> {
    let wrong = |key| {
        Err(ModelError::InvalidConfig {
            key,
            reason: "it needs validation sessions, there are none".to_owned(),
        })
    };
    if config.select == crate::config::Selection::Best {
        return wrong("select");
    }
    if config.patience.is_some() {
        return wrong("patience");
    }
    Ok(())
}
