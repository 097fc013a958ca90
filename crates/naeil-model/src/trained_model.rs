//! The result of a training.

use naeil_features::Scaler;

use crate::inference::LstmForecaster;
use crate::network_config::NetworkConfig;
use crate::summary::TrainingSummary;
use crate::weights::Weights;

/// A trained model: the weights of every member, the scaler they share and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedModel {
    pub(crate) network: NetworkConfig,
    pub(crate) members: Vec<Weights>,
    pub(crate) scaler: Scaler,
    pub(crate) summary: TrainingSummary,
}

impl TrainedModel {
    /// The shape of its networks.
    pub fn network(&self) -> &NetworkConfig {
        &self.network
    }

    /// How many networks answer together.
    pub fn n_members(&self) -> usize {
        self.members.len()
    }

    /// One member as a model of its own, if there is such a member.
    pub fn member(&self, member_idx: usize) -> Option<Self> {
        let weights = self.members.get(member_idx)?;
        let mut summary = self.summary.clone();
        summary.members = vec![self.summary.members.get(member_idx)?.clone()];
        Some(Self {
            network: self.network.clone(),
            members: vec![weights.clone()],
            scaler: self.scaler.clone(),
            summary,
        })
    }

    /// The scaler fitted on the training sessions.
    pub fn scaler(&self) -> &Scaler {
        &self.scaler
    }

    /// What its training used and how it went.
    pub fn summary(&self) -> &TrainingSummary {
        &self.summary
    }

    /// The model ready to forecast; it takes unscaled windows.
    pub fn forecaster(&self) -> LstmForecaster {
        LstmForecaster::new(&self.members, &self.scaler, &self.network)
            .expect("the parts of a trained model belong together")
    }
}
