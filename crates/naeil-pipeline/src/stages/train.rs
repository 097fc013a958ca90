//! Stage 3: trains the network.

use std::fs;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use naeil_model::{
    ModelFiles, Progress as TrainingProgress, TrainedModel, TrainingData, TrainingSummary,
};

use crate::context::StageContext;
use crate::dataset::Dataset;
use crate::error::StageError;
use crate::manifest::StageManifest;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

const WEIGHTS_FILE: &str = "weights.safetensors";
/// Network, scaler and the summary of the training with its curve.
const MODEL_FILE: &str = "model.json";

/// Where a training that was killed goes on; removed once the model is written down.
const CHECKPOINT_DIR: &str = "checkpoints";

/// The model that the train stage left, as a later stage reads it.
pub(crate) struct DraftModel {
    pub(crate) model: TrainedModel,
    pub(crate) trained_at: DateTime<Utc>,
}

impl DraftModel {
    pub(crate) fn read(folder: &mut StageFolder) -> Result<Self, StageError> {
        let files = ModelFiles {
            weights: folder.read(Stage::Train, WEIGHTS_FILE)?,
            training: folder.read(Stage::Train, MODEL_FILE)?,
        };
        let finished = StageManifest::read(folder.run(), Stage::Train)?.finished;
        let trained_at = DateTime::parse_from_rfc3339(&finished).map_err(|error| {
            let train = folder.run().stage_path(Stage::Train);
            StageError::damaged(&train.join(StageManifest::FILE), error)
        })?;
        Ok(Self {
            model: TrainedModel::from_files(&files)?,
            trained_at: trained_at.to_utc(),
        })
    }

    fn write(model: &TrainedModel, folder: &StageFolder) -> Result<(), StageError> {
        let ModelFiles { weights, training } = model.to_files()?;
        folder.write(WEIGHTS_FILE, &weights)?;
        folder.write(MODEL_FILE, &training)
    }
}

/// Trains on the training window, judging every epoch by the validation window, and writes weights,
/// scaler and curves. A stage that was killed goes on from its last checkpoint when it is run again in
/// the same run directory, and ends with the same weights.
///
/// # Errors
/// [`StageError::Model`] if there is too little to learn from or the training diverges, or what
/// features and disk say.
pub async fn run(context: &StageContext) -> Result<TrainingSummary, StageError> {
    context.compute(train).await
}

fn train(context: &StageContext) -> Result<TrainingSummary, StageError> {
    let mut folder = context.begin_or_resume(Stage::Train)?;
    let dataset = Dataset::load(&mut folder)?;
    let network = context.config.network.network(dataset.panel.spec());
    let config = &context.config.training;
    let checkpoints = folder.path(CHECKPOINT_DIR);
    let io = |doing| StageError::io(doing, &checkpoints);
    fs::create_dir_all(&checkpoints).map_err(io("make the folder"))?;
    let mut on_progress = |progress: &TrainingProgress<'_>| {
        context.progress.training(progress);
        if let Some(report) = progress.epoch_report {
            context.progress.epoch(report);
        }
        ControlFlow::Continue(())
    };
    let at = Some(checkpoints.as_path());
    let model = naeil_model::train(
        &training_data(&dataset),
        &network,
        config,
        at,
        &mut on_progress,
    )?;
    DraftModel::write(&model, &folder)?;
    fs::remove_dir_all(&checkpoints).map_err(io("remove"))?;
    folder.finish()?;
    let summary = model.summary();
    context.progress.note(&format!(
        "{}; members: {}, windows: {}, {:.1} s",
        network.summary(),
        summary.members.len(),
        summary.windows_seen(),
        summary.seconds(),
    ));
    Ok(summary.clone())
}

fn training_data(dataset: &Dataset) -> TrainingData<'_> {
    TrainingData {
        stock_idxs: Some(dataset.universe()),
        ..TrainingData::of_split(&dataset.panel, &dataset.labels, &dataset.split)
    }
}

#[cfg(test)]
mod tests;
