//! The LSTM of naeil: training, inference, and the bundle that carries it to a server.
//!
//! Start at [`train`] to make a model, at [`write_bundle`] to write it down and at
//! [`BundleLoader`] to serve it. This is the only crate that names burn. It knows nothing of
//! databases, registries or HTTP, reads no configuration, and its wire forms are its own: domain
//! types are not serialisable.
#![warn(missing_docs)]

mod batch;
mod bundle;
mod cell;
mod checkpoint;
mod config;
mod curve_plot;
mod data;
mod dense;
mod device;
mod error;
mod inference;
mod learner;
mod loss;
mod lstm_op;
mod model_files;
mod network;
mod network_config;
mod progress;
mod ranking;
mod sampling;
mod scaling;
mod schedule;
mod summary;
mod targets;
#[cfg(test)]
mod test_data;
#[cfg(test)]
mod test_market;
mod trained_model;
mod training;
mod validation;
mod weight_file;
mod weights;

#[doc(hidden)]
pub use bundle::fuzzing;
pub use bundle::{
    Binned, BundleContents, BundleLoader, CardSections, CoverageRow, DirectionShares, InvalidKey,
    LeakageCheck, MAX_BINS, Reference, ReliabilityRow, ReliabilityTable, ScoreKind, SigningKey,
    TrustedKey, write_bundle,
};
pub use config::{Selection, TrainingConfig};
pub use curve_plot::training_curves;
pub use data::TrainingData;
pub use error::ModelError;
pub use inference::LstmForecaster;
pub use model_files::ModelFiles;
pub use network_config::NetworkConfig;
pub use progress::Progress;
pub use summary::{EpochReport, MemberSummary, StopReason, TrainingSummary, ValidationReport};
pub use trained_model::TrainedModel;
pub use training::train;
