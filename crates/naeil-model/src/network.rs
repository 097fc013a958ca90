//! The network: an LSTM over the window, dropout on its last state, one logit a horizon.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::cell::{DenseLayer, LstmCell};
use crate::weights::Weights;

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
