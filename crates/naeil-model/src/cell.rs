//! The LSTM: layers with PyTorch's packed weights, run over a window.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::dense::{matrix, vector};
use crate::lstm_op::{lstm_every, lstm_last};
use crate::weights::NamedTensor;

/// One LSTM layer with PyTorch's packed weights, gates stacked i, f, g, o.
///
/// ```text
/// z = x W_ih^T + b_ih + h W_hh^T + b_hh        i, f, g, o = split(z, 4)
/// c = sigmoid(f) c + sigmoid(i) tanh(g)        h = sigmoid(o) tanh(c)
/// ```
///
/// # Source
/// Hochreiter and Schmidhuber (1997); forget gate from Gers et al. (2000).
#[derive(Module, Debug)]
pub(crate) struct LstmLayer {
    weight_ih: Param<Tensor<2>>,
    weight_hh: Param<Tensor<2>>,
    bias_ih: Param<Tensor<1>>,
    bias_hh: Param<Tensor<1>>,
}

impl LstmLayer {
    /// Puts the weights of a layer on `device`: `find` gives the tensor of a name.
    pub(crate) fn new<'w>(
        find: impl Fn(&str) -> &'w NamedTensor,
        layer: usize,
        device: &Device,
    ) -> Self {
        let matrix = |name| matrix(find(&format!("lstm.{name}_l{layer}")), device);
        let vector = |name| vector(find(&format!("lstm.{name}_l{layer}")), device);
        Self {
            weight_ih: matrix("weight_ih"),
            weight_hh: matrix("weight_hh"),
            bias_ih: vector("bias_ih"),
            bias_hh: vector("bias_hh"),
        }
    }

    fn last(&self, windows: Tensor<3>) -> Tensor<2> {
        lstm_last(
            windows,
            self.weight_ih.val(),
            self.weight_hh.val(),
            self.bias_ih.val() + self.bias_hh.val(),
        )
    }

    fn every(&self, windows: Tensor<3>) -> Tensor<3> {
        lstm_every(
            windows,
            self.weight_ih.val(),
            self.weight_hh.val(),
            self.bias_ih.val() + self.bias_hh.val(),
        )
    }
}

/// Runs layers one above the other, at least one, and returns the last hidden state of the uppermost.
///
/// # Shapes
/// - `windows`: `[batch_size, seq_length, input_size]`
/// - returns: `[batch_size, hidden_size]`
pub(crate) fn last_hidden(layers: &[LstmLayer], windows: Tensor<3>) -> Tensor<2> {
    let (uppermost, below) = layers
        .split_last()
        .expect("a network has at least one layer");
    let windows = below
        .iter()
        .fold(windows, |windows, layer| layer.every(windows));
    uppermost.last(windows)
}
