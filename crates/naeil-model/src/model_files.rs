//! A trained model as the bytes of two files: what training leaves behind until there is a bundle.

use serde::{Deserialize, Serialize};

use naeil_features::Scaler;

use crate::error::ModelError;
use crate::network_config::NetworkConfig;
use crate::summary::TrainingSummary;
use crate::trained_model::TrainedModel;
use crate::weight_file;

/// The contents of the two files that a trained model is carried in from training to its bundle.
/// Whoever carries them sees to their digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFiles {
    /// A safetensors file with the weights, as in the bundle.
    pub weights: Vec<u8>,
    /// A JSON file with network, scaler and the summary of the training.
    pub training: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrainingWire {
    network: NetworkConfig,
    scaler: Scaler,
    summary: TrainingSummary,
}

impl TrainedModel {
    /// Writes the model down.
    ///
    /// # Errors
    /// [`ModelError::Weights`] or [`ModelError::Contents`] if it cannot be put into its formats.
    pub fn to_files(&self) -> Result<ModelFiles, ModelError> {
        let wire = TrainingWire {
            network: self.network.clone(),
            scaler: self.scaler.clone(),
            summary: self.summary.clone(),
        };
        let mut training = serde_json::to_vec_pretty(&wire)
            .map_err(|error| ModelError::Contents(format!("the training: {error}")))?;
        training.push(b'\n');
        Ok(ModelFiles {
            weights: weight_file::to_bytes(&self.members)?,
            training,
        })
    }

    /// Reads what [`Self::to_files`] wrote.
    ///
    /// # Errors
    /// [`ModelError::Contents`], [`ModelError::InvalidConfig`] or [`ModelError::Weights`] if the
    /// files are unreadable or do not belong together.
    pub fn from_files(files: &ModelFiles) -> Result<Self, ModelError> {
        let TrainingWire {
            network,
            scaler,
            summary,
        } = serde_json::from_slice(&files.training)
            .map_err(|error| ModelError::Contents(format!("the training: {error}")))?;
        network.validate()?;
        if scaler.n_columns() != network.n_columns {
            return Err(ModelError::Contents(format!(
                "the scaler has {} columns, the network takes {}",
                scaler.n_columns(),
                network.n_columns
            )));
        }
        let members = weight_file::from_bytes(&files.weights, &network)?;
        if members.len() != summary.members.len() {
            return Err(ModelError::Contents(format!(
                "the weights are of {} members, the training of {}",
                members.len(),
                summary.members.len()
            )));
        }
        Ok(Self {
            network,
            members,
            scaler,
            summary,
        })
    }
}

#[cfg(test)]
mod tests;
