//! The LSTM of naeil: training, inference, and the bundle that carries it to a server.
//!
//! Start at [`train`] to make a model, at [`write_bundle`] to write it down and at
//! [`BundleLoader`] to serve it. This is the only crate that names burn. It knows nothing of
//! databases, registries or HTTP, reads no configuration, and its wire forms are its own: domain
//! types are not serialisable.
#![warn(missing_docs)]

mod bundle;
mod cell;
mod checkpoint;
mod config;
mod data;
mod device;
mod error;
mod inference;
mod learner;
mod lstm_op;
mod network;
mod network_config;
mod sampling;
#[cfg(test)]
mod test_data;
#[cfg(test)]
mod test_market;
mod trained_model;
mod training;
mod validation;
mod weight_file;
mod weights;

pub use bundle::{BundleContents, BundleLoader, write_bundle};
pub use checkpoint::ModelFiles;
pub use config::{EpochReport, StopReason, TrainingConfig, TrainingSummary};
pub use data::TrainingData;
pub use error::ModelError;
pub use inference::LstmForecaster;
pub use network_config::NetworkConfig;
pub use trained_model::TrainedModel;
pub use training::train;
