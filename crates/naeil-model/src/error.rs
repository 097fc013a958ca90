//! What can go wrong while training a model or writing it down.

use naeil_domain::ports::ForecastError;
use naeil_features::FeatureError;

/// Why a model could not be trained, computed or written.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A setting makes no sense; the caller corrects it.
    #[error("invalid setting {key}: {reason}")]
    InvalidConfig {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The data hold too little to learn from; the caller needs more sessions or stocks.
    #[error("not enough data to train: {0}")]
    NotEnoughData(String),
    /// The loss is no longer a number; a lower learning rate helps.
    #[error("training diverged in epoch {epoch}: the loss is not finite, lower the learning rate")]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
    },
    /// Whoever watches the training stopped it; a checkpoint was written if there is a place for it.
    #[error("the training was stopped, it goes on from its last checkpoint")]
    Stopped,
    /// A checkpoint cannot be used; the caller removes it to begin anew.
    #[error("cannot go on from {path}: {problem}; remove it to begin anew")]
    Checkpoint {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Another training keeps its checkpoints in the folder; the caller waits, or takes another.
    #[error("another training runs in {path}, wait for it or take another folder")]
    FolderInUse {
        /// The folder.
        path: String,
    },
    /// The features refused the data.
    #[error("the features refuse the training data")]
    Features(#[from] FeatureError),
    /// The model refused its input.
    #[error("the model cannot forecast")]
    Forecast(#[from] ForecastError),
    /// Weights cannot be read or do not belong to the network.
    #[error("the weights are refused: {0}")]
    Weights(String),
    /// What was to be written down contradicts itself.
    #[error("the bundle's contents contradict each other: {0}")]
    Contents(String),
    /// There is something at the place where a bundle was to be written.
    #[error("{0} exists already, remove it or choose another directory")]
    Exists(String),
    /// A file cannot be written or read.
    #[error("cannot {doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
}
