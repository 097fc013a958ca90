//! The network: an LSTM over the window, dropout on its last state, one logit a horizon.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use naeil_features::FeatureSpec;

use crate::cell::{DenseLayer, LstmCell};
use crate::error::ModelError;
use crate::weights::Weights;

/// Nothing larger is trained or loaded: a manifest may not ask for unbounded memory.
const MAX_SIZE: usize = 4096;

/// The shape of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Columns of a window.
    pub input_size: usize,
    /// Units of the LSTM; the seed's 128.
    pub hidden_size: usize,
    /// Share of the last hidden state that is dropped in training, 0 up to but not 1; the seed's
    /// 0.2.
    pub dropout: f64,
    /// Sessions in a window.
    pub seq_length: usize,
}

impl NetworkConfig {
    /// The seed's network for windows of `spec`.
    pub fn for_spec(spec: &FeatureSpec) -> Self {
        Self {
            input_size: spec.n_columns(),
            hidden_size: 128,
            dropout: 0.2,
            seq_length: spec.lookback(),
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`ModelError::InvalidConfig`] naming the first key that is wrong.
    pub fn validate(&self) -> Result<(), ModelError> {
        let sizes = [
            ("input_size", self.input_size),
            ("hidden_size", self.hidden_size),
            ("seq_length", self.seq_length),
        ];
        for (key, size) in sizes {
            if !(1..=MAX_SIZE).contains(&size) {
                return Err(ModelError::InvalidConfig {
                    key,
                    reason: format!("{size} is not between 1 and {MAX_SIZE}"),
                });
            }
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(ModelError::InvalidConfig {
                key: "dropout",
                reason: format!("{} is not a share from 0 up to but not 1", self.dropout),
            });
        }
        Ok(())
    }

    /// Checks that the network takes the windows of `spec`.
    pub(crate) fn check_fits(&self, spec: &FeatureSpec) -> Result<(), ModelError> {
        for (key, found, expected) in [
            ("input_size", self.input_size, spec.n_columns()),
            ("seq_length", self.seq_length, spec.lookback()),
        ] {
            if found != expected {
                return Err(ModelError::InvalidConfig {
                    key,
                    reason: format!("{found} does not fit the feature spec, which has {expected}"),
                });
            }
        }
        Ok(())
    }

    /// The network in a few words, for people.
    pub fn summary(&self) -> String {
        format!(
            "LSTM {} -> {}, {} steps",
            self.input_size, self.hidden_size, self.seq_length
        )
    }
}

/// The network with its weights on a device.
#[derive(Module, Debug)]
pub(crate) struct LstmNetwork {
    lstm: LstmCell,
    dense: DenseLayer,
}

impl LstmNetwork {
    /// Puts the weights on a device.
    pub(crate) fn from_weights(weights: &Weights, device: &Device) -> Self {
        Self {
            lstm: LstmCell::from_weights(weights, device),
            dense: DenseLayer::from_weights(weights, device),
        }
    }

    /// Copies the weights off the device.
    pub(crate) fn to_weights(&self, input_size: usize) -> Weights {
        let (hidden_size, n_outputs) = self.dense.sizes();
        let mut weights = Weights {
            input_size,
            hidden_size,
            n_outputs,
            weight_ih: Vec::new(),
            weight_hh: Vec::new(),
            bias_ih: Vec::new(),
            bias_hh: Vec::new(),
            dense_weight: Vec::new(),
            dense_bias: Vec::new(),
        };
        self.lstm.copy_into(&mut weights);
        self.dense.copy_into(&mut weights);
        weights
    }

    /// Computes one logit an output for every window.
    ///
    /// # Shapes
    /// - `windows`: `[batch_size, seq_length, input_size]`, scaled
    /// - `dropout_mask`: `[batch_size, hidden_size]`, 0 or `1 / (1 - dropout)`; none in inference
    /// - returns: `[batch_size, n_outputs]`
    pub(crate) fn forward(&self, windows: Tensor<3>, dropout_mask: Option<Tensor<2>>) -> Tensor<2> {
        let hidden = self.lstm.forward(windows);
        let hidden = match dropout_mask {
            Some(mask) => hidden * mask,
            None => hidden,
        };
        self.dense.forward(hidden)
    }
}

#[cfg(test)]
mod tests;
