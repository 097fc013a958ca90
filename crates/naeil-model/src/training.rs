//! Training: from a feature panel with labels to a model.

use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;

use naeil_features::Scaler;

use crate::config::{EpochReport, StopReason, TrainingConfig, TrainingSummary};
use crate::data::{BatchAssembler, TrainingData, WindowIndex, WindowRef};
use crate::device::training_device;
use crate::error::ModelError;
use crate::learner::Learner;
use crate::network_config::NetworkConfig;
use crate::sampling::{Stream, draw, dropout_mask, stream};
use crate::trained_model::TrainedModel;
use crate::validation::ValidationSet;
use crate::weights::Weights;

/// Greatest Euclidean norm of a step's gradients, all parameters together.
const GRADIENT_NORM_LIMIT: f32 = 1.0;

/// Trains an LSTM with one output a horizon on the training sessions and keeps the epoch that is
/// best on the validation sessions.
///
/// The loss is the binary cross-entropy of each horizon's output against "the close is higher",
/// void labels left out, summed over the horizons. Before it is taken, the output is shifted by a
/// constant: logit of the *session's* share of rises minus logit of the training window's. On most
/// days most stocks move together, and no feature tells which way; without the shift the network
/// would learn that noise, which drowns the differences between stocks. With it, only a stock's
/// chance *given its session* is left to explain. At inference the shift is 0, so an answer is the
/// probability of a rise in a session as good as the training window was on average.
///
/// The same data, settings and seed give the same weights, unless `max_minutes` cuts an epoch.
///
/// # Errors
/// [`ModelError::InvalidConfig`], [`ModelError::NotEnoughData`] if no training or validation
/// window has a label, [`ModelError::Features`] if no scaler can be fitted, and
/// [`ModelError::Diverged`].
///
/// # Source
/// Adam: Kingma and Ba (2015); dropout: Srivastava et al. (2014).
pub fn train(
    data: &TrainingData<'_>,
    network: &NetworkConfig,
    config: &TrainingConfig,
    on_epoch: &mut dyn FnMut(&EpochReport),
) -> Result<TrainedModel, ModelError> {
    config.validate()?;
    network.validate()?;
    network.check_fits(data.panel.spec())?;
    let scaler = Scaler::fit(data.panel, data.split.train.clone())?;
    let run = TrainingRun::prepare(data, network, config, &scaler)?;
    let (weights, summary) = run.execute(on_epoch)?;
    Ok(TrainedModel {
        network: network.clone(),
        weights,
        scaler,
        summary,
    })
}

/// Everything that stays the same over the epochs.
struct TrainingRun<'a> {
    network: &'a NetworkConfig,
    config: &'a TrainingConfig,
    assembler: BatchAssembler<'a>,
    train_index: WindowIndex,
    validation: ValidationSet,
    started: Instant,
    deadline: Option<Duration>,
}

/// What happened in one pass over the training windows.
struct Pass {
    train_loss: f64,
    windows: usize,
    out_of_time: bool,
}

impl<'a> TrainingRun<'a> {
    fn prepare(
        data: &'a TrainingData<'a>,
        network: &'a NetworkConfig,
        config: &'a TrainingConfig,
        scaler: &'a Scaler,
    ) -> Result<Self, ModelError> {
        let started = Instant::now();
        let train_index = WindowIndex::collect(data, data.split.train.clone());
        let validation_index = WindowIndex::collect(data, data.split.validation.clone());
        for (part, index, sessions) in [
            ("training", &train_index, &data.split.train),
            ("validation", &validation_index, &data.split.validation),
        ] {
            if index.windows().is_empty() {
                return Err(ModelError::NotEnoughData(format!(
                    "none of the {} {part} sessions has a complete window with a label",
                    sessions.len()
                )));
            }
        }
        let assembler = BatchAssembler {
            data,
            scaler,
            training_logits: train_index.total().map(|count| count.logit()),
        };
        Ok(Self {
            network,
            config,
            assembler,
            train_index,
            validation: ValidationSet::new(
                validation_index,
                config.validation_windows,
                config.seed,
            ),
            started,
            deadline: config
                .max_minutes
                .map(|minutes| Duration::from_secs_f64(minutes * 60.0)),
        })
    }

    fn execute(
        &self,
        on_epoch: &mut dyn FnMut(&EpochReport),
    ) -> Result<(Weights, TrainingSummary), ModelError> {
        let config = self.config;
        let initial = Weights::initial(self.network, &self.assembler.training_logits, config.seed);
        let mut learner = Learner::new(
            &initial,
            training_device(),
            config.learning_rate,
            Some(GRADIENT_NORM_LIMIT),
        );
        let mut sampling = stream(config.seed, Stream::Sampling);
        let mut dropout = stream(config.seed, Stream::Dropout);
        let mut order = self.train_index.windows().to_vec();
        let mut best = Best {
            weights: initial,
            epoch: 0,
            loss: f64::INFINITY,
        };
        let mut curve = Vec::new();
        let mut stop_reason = StopReason::MaxEpochs;
        for epoch in 1..=config.max_epochs {
            let n_windows = config.windows_per_epoch.unwrap_or(order.len());
            let sample = draw(&mut order, n_windows, &mut sampling);
            let pass = self.pass(&mut learner, sample, &mut dropout, epoch)?;
            let validation_loss = self
                .validation
                .loss(&self.assembler, &learner.for_inference());
            if !validation_loss.is_finite() {
                return Err(ModelError::Diverged { epoch });
            }
            let is_best = validation_loss < best.loss;
            if is_best {
                best = Best {
                    weights: learner.weights(),
                    epoch,
                    loss: validation_loss,
                };
            }
            let report = EpochReport {
                epoch,
                train_loss: pass.train_loss,
                validation_loss,
                windows: pass.windows,
                elapsed: self.started.elapsed(),
                best: is_best,
            };
            tracing::debug!(
                epoch,
                train_loss = report.train_loss,
                validation_loss,
                windows = report.windows,
                "epoch done"
            );
            on_epoch(&report);
            curve.push(report);
            if pass.out_of_time || self.is_out_of_time() {
                stop_reason = StopReason::TimeLimit;
                break;
            }
            if epoch - best.epoch >= config.patience {
                stop_reason = StopReason::EarlyStopping;
                break;
            }
        }
        let summary = self.summary(best.epoch, curve, stop_reason);
        Ok((best.weights, summary))
    }

    fn summary(
        &self,
        best_epoch: usize,
        curve: Vec<EpochReport>,
        stop_reason: StopReason,
    ) -> TrainingSummary {
        TrainingSummary {
            config: self.config.clone(),
            epochs_run: curve.len(),
            best_epoch,
            windows_seen: curve.iter().map(|report| report.windows).sum(),
            train_windows: self.train_index.windows().len(),
            validation_windows: self.validation.len(),
            base_rates: self.train_index.total().map(|count| count.share()),
            seconds: self.started.elapsed().as_secs_f64(),
            stop_reason,
            curve,
        }
    }

    fn is_out_of_time(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| self.started.elapsed() >= deadline)
    }

    /// Trains on every window of `sample` once, or until time is up; at least one batch.
    fn pass(
        &self,
        learner: &mut Learner,
        sample: &[WindowRef],
        dropout: &mut ChaCha8Rng,
        epoch: usize,
    ) -> Result<Pass, ModelError> {
        let mut loss_sum = 0.0;
        let mut windows = 0;
        let mut out_of_time = false;
        for refs in sample.chunks(self.config.batch_size) {
            let batch = self.assembler.assemble(&self.train_index, refs);
            let n_values = refs.len() * self.network.hidden_size;
            let mask = dropout_mask(n_values, self.network.dropout, dropout);
            let loss = f64::from(learner.step(batch, mask));
            if !loss.is_finite() {
                return Err(ModelError::Diverged { epoch });
            }
            loss_sum += loss * refs.len() as f64;
            windows += refs.len();
            if self.is_out_of_time() {
                out_of_time = windows < sample.len();
                break;
            }
        }
        Ok(Pass {
            train_loss: loss_sum / windows as f64,
            windows,
            out_of_time,
        })
    }
}

/// The weights that were best on the validation windows.
struct Best {
    weights: Weights,
    epoch: usize,
    loss: f64,
}

#[cfg(test)]
mod tests;
