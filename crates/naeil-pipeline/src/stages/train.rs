//! Stage 3: trains the network.

use chrono::{DateTime, SecondsFormat, Utc};
use naeil_model::{NetworkConfig, TrainedModel, TrainingData, TrainingSummary};
use serde::{Deserialize, Serialize};

use crate::context::StageContext;
use crate::dataset::Dataset;
use crate::error::StageError;
use crate::stage::Stage;

/// Name of the file with what the training used and its curve.
pub(crate) const TRAINING_FILE: &str = "training.json";

/// What the training used, how it went, and when it ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrainingFile {
    /// RFC 3339.
    trained_at: String,
    /// The network in a few words.
    network: String,
    summary: TrainingSummary,
}

impl TrainingFile {
    /// When the training ended; an error says what is written there instead.
    pub(crate) fn trained_at(&self) -> Result<DateTime<Utc>, String> {
        DateTime::parse_from_rfc3339(&self.trained_at)
            .map(|time| time.to_utc())
            .map_err(|error| format!("trained_at is '{}': {error}", self.trained_at))
    }
}

/// Trains on the training window, keeps the epoch that is best on the validation window, and
/// writes the curve.
///
/// # Errors
/// [`StageError::Model`] if there is too little to learn from or the training diverges, or what
/// features and disk say.
pub async fn run(context: &StageContext) -> Result<TrainedModel, StageError> {
    context.compute(train).await
}

fn train(context: &StageContext) -> Result<TrainedModel, StageError> {
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
    };
    let config = &context.config.training;
    let model = naeil_model::train(&data, &network, config, &mut |report| {
        context.progress.epoch(report);
    })?;
    let summary = model.summary();
    let file = TrainingFile {
        trained_at: folder.now().to_rfc3339_opts(SecondsFormat::Secs, true),
        network: network.summary(),
        summary: summary.clone(),
    };
    folder.write_json(TRAINING_FILE, &file)?;
    folder.finish()?;
    context.progress.note(&format!(
        "{}: {} windows in {} epochs, {:.1} s, epoch {} kept ({})",
        file.network,
        summary.windows_seen,
        summary.epochs_run,
        summary.seconds,
        summary.best_epoch,
        summary.stop_reason.as_str()
    ));
    Ok(model)
}
