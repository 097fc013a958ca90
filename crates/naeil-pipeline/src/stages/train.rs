//! Stage 3: trains the network.

use chrono::{DateTime, Utc};
use naeil_model::{ModelFiles, NetworkConfig, TrainedModel, TrainingData, TrainingSummary};

use crate::context::StageContext;
use crate::dataset::Dataset;
use crate::error::StageError;
use crate::manifest::StageManifest;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

const WEIGHTS_FILE: &str = "weights.safetensors";
/// Network, scaler and the summary of the training with its curve.
const MODEL_FILE: &str = "model.json";

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

/// Trains on the training window, keeps the epoch that is best on the validation window, and
/// writes weights, scaler and curve.
///
/// # Errors
/// [`StageError::Model`] if there is too little to learn from or the training diverges, or what
/// features and disk say.
pub async fn run(context: &StageContext) -> Result<TrainingSummary, StageError> {
    context.compute(train).await
}

fn train(context: &StageContext) -> Result<TrainingSummary, StageError> {
    let mut folder = context.begin(Stage::Train)?;
    let dataset = Dataset::load(&mut folder)?;
    let size = context.config.network;
    let network = NetworkConfig {
        hidden_size: size.hidden_size,
        dropout: size.dropout,
        ..NetworkConfig::for_spec(dataset.panel.spec())
    };
    let data = TrainingData {
        panel: &dataset.panel,
        labels: &dataset.labels,
        split: &dataset.split,
        stock_idxs: Some(dataset.universe()),
    };
    let config = &context.config.training;
    let model = naeil_model::train(&data, &network, config, &mut |report| {
        context.progress.epoch(report);
    })?;
    DraftModel::write(&model, &folder)?;
    folder.finish()?;
    let summary = model.summary();
    context.progress.note(&format!(
        "{}: {} windows, epochs run: {}, {:.1} s, epoch {} kept ({})",
        network.summary(),
        summary.windows_seen,
        summary.epochs_run,
        summary.seconds,
        summary.best_epoch,
        summary.stop_reason.as_str()
    ));
    Ok(summary.clone())
}
