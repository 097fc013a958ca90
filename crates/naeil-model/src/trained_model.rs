//! The result of a training.

use naeil_features::Scaler;

use crate::config::TrainingSummary;
use crate::inference::LstmForecaster;
use crate::network_config::NetworkConfig;
use crate::weights::Weights;

/// A trained model: weights, scaler and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedModel {
    pub(crate) network: NetworkConfig,
    pub(crate) weights: Weights,
    pub(crate) scaler: Scaler,
    pub(crate) summary: TrainingSummary,
}

impl TrainedModel {
    /// The shape of its network.
    pub fn network(&self) -> &NetworkConfig {
        &self.network
    }

    /// The scaler fitted on the training window.
    pub fn scaler(&self) -> &Scaler {
        &self.scaler
    }

    /// What its training used and how it went.
    pub fn summary(&self) -> &TrainingSummary {
        &self.summary
    }

    /// The model ready to forecast; it takes unscaled windows.
    pub fn forecaster(&self) -> LstmForecaster {
        LstmForecaster::new(&self.weights, self.scaler.clone(), self.network.clone())
    }
}
