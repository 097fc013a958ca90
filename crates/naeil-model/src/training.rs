//! Training: from a feature panel with labels to a model.

mod member;
mod plan;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::path::Path;

use crate::checkpoint::{Checkpoint, CheckpointFile};
use crate::config::TrainingConfig;
use crate::data::TrainingData;
use crate::error::ModelError;
use crate::network_config::NetworkConfig;
use crate::progress::Progress;
use crate::summary::{StopReason, TrainingSummary};
use crate::trained_model::TrainedModel;
use member::MemberRun;
use plan::Plan;

/// Trains an ensemble on the training sessions and judges every epoch by the validation sessions.
///
/// A step is one session with a random part of its stocks; an epoch is every session once, in random
/// order, so a quiet session counts as much as a busy one. The market is taken out of the labels:
/// the relative output learns where a return stands among its session's, and the direction output
/// learns whether it rose once the session's share of rises is known. At inference nothing of that is
/// known or needed: the direction is that of a session as good as the training's on average.
///
/// The same data, settings, seed and build give the same weights to the byte whatever the number of
/// threads, unless `max_minutes` cuts the training. With a directory for `checkpoints` a training
/// that was killed goes on where the last checkpoint was, and ends with the same weights; the
/// checkpoint stays when the training is done, and a second call then returns at once. The directory
/// is of one training.
///
/// `on_progress` is called after every step; to break stops the training, with a checkpoint if there
/// is a place for it.
///
/// # Errors
/// [`ModelError::InvalidConfig`], [`ModelError::NotEnoughData`] if no training or validation window
/// has a label, [`ModelError::Features`] if no scaler can be fitted, [`ModelError::Diverged`],
/// [`ModelError::Stopped`], and [`ModelError::Checkpoint`] or [`ModelError::Io`] if checkpoints
/// cannot be used.
///
/// # Source
/// AdamW: Loshchilov and Hutter (2019); dropout: Srivastava et al. (2014).
pub fn train(
    data: &TrainingData<'_>,
    network: &NetworkConfig,
    config: &TrainingConfig,
    checkpoints: Option<&Path>,
    on_progress: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<TrainedModel, ModelError> {
    config.validate()?;
    network.validate()?;
    network.check_fits(data.panel.spec())?;
    let plan = Plan::prepare(data, network, config)?;
    let file = checkpoints
        .map(|dir| CheckpointFile::new(dir, plan.fingerprint(), network))
        .transpose()?;
    let mut done = match &file {
        Some(file) => file.read()?.unwrap_or_default(),
        None => Checkpoint::default(),
    };
    while done.finished.len() < config.seeds && !out_of_time(&done) {
        MemberRun::new(&plan, file.as_ref(), &mut done).run(on_progress)?;
    }
    let (members, weights) = done.finished.into_iter().unzip();
    Ok(TrainedModel {
        network: network.clone(),
        members: weights,
        scaler: plan.scaler.clone(),
        summary: TrainingSummary {
            members,
            ..plan.summary()
        },
    })
}

fn out_of_time(done: &Checkpoint) -> bool {
    let last = done.finished.last();
    last.is_some_and(|(summary, _)| summary.stop_reason == StopReason::TimeLimit)
}
