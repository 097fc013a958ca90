//! The LSTM: a recurrent cell with packed gates, run over a window.

use burn::module::{Module, Param};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};

use crate::weights::{GATES, Weights};

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
pub(crate) struct LstmCell {
    weight_ih: Param<Tensor<2>>,
    weight_hh: Param<Tensor<2>>,
    bias_ih: Param<Tensor<1>>,
    bias_hh: Param<Tensor<1>>,
}

impl LstmCell {
    /// Puts the LSTM's part of `weights` on `device`.
    pub(crate) fn from_weights(weights: &Weights, device: &Device) -> Self {
        let rows = GATES * weights.hidden_size;
        let matrix = |values: &[f32], columns: usize| {
            Param::from_data(TensorData::new(values.to_vec(), [rows, columns]), device)
        };
        let vector =
            |values: &[f32]| Param::from_data(TensorData::new(values.to_vec(), [rows]), device);
        Self {
            weight_ih: matrix(&weights.weight_ih, weights.input_size),
            weight_hh: matrix(&weights.weight_hh, weights.hidden_size),
            bias_ih: vector(&weights.bias_ih),
            bias_hh: vector(&weights.bias_hh),
        }
    }

    /// Copies the parameters into `weights`.
    pub(crate) fn copy_into(&self, weights: &mut Weights) {
        weights.weight_ih = values(self.weight_ih.val());
        weights.weight_hh = values(self.weight_hh.val());
        weights.bias_ih = values(self.bias_ih.val());
        weights.bias_hh = values(self.bias_hh.val());
    }

    /// Runs over every step from a state of zeros and returns the last hidden state.
    ///
    /// The batch is the inner dimension throughout: so the weights enter every product as they
    /// are stored, and a gate is a contiguous part of the result. The input carries no gradient,
    /// so taking a step out of it costs nothing in the backward pass. (A projection of all steps
    /// in one product would be tracked, and burn's backward of a slice adds a tensor of the full
    /// size: the whole would grow with the square of the steps.)
    ///
    /// # Shapes
    /// - `windows`: `[batch_size, seq_length, input_size]`
    /// - returns: `[batch_size, hidden_size]`
    pub(crate) fn forward(&self, windows: Tensor<3>) -> Tensor<2> {
        let [batch_size, seq_length, _] = windows.dims();
        let [_, hidden_size] = self.weight_hh.dims();
        let device = windows.device();
        let (weight_ih, weight_hh) = (self.weight_ih.val(), self.weight_hh.val());
        let bias = (self.bias_ih.val() + self.bias_hh.val()).unsqueeze_dim::<2>(1);
        // [seq_length, input_size, batch_size]
        let steps = windows.permute([1, 2, 0]);

        let mut hidden = Tensor::<2>::zeros([hidden_size, batch_size], &device);
        let mut cell = Tensor::<2>::zeros([hidden_size, batch_size], &device);
        for step_idx in 0..seq_length {
            let input = steps.clone().narrow(0, step_idx, 1).squeeze_dim::<2>(0);
            let gates =
                weight_ih.clone().matmul(input) + weight_hh.clone().matmul(hidden) + bias.clone();
            let gate = |idx: usize| gates.clone().narrow(0, idx * hidden_size, hidden_size);
            let admitted = sigmoid(gate(0)) * tanh(gate(2));
            cell = sigmoid(gate(1)) * cell + admitted;
            hidden = sigmoid(gate(3)) * tanh(cell.clone());
        }
        hidden.transpose()
    }
}

/// Hyperbolic tangent as `2 sigmoid(2x) - 1`.
///
/// burn computes both one value at a time on the CPU, and the library's `tanh` takes several times
/// as long as its `exp`. The difference is within f32 rounding of 1.
fn tanh(tensor: Tensor<2>) -> Tensor<2> {
    sigmoid(tensor.mul_scalar(2.0))
        .mul_scalar(2.0)
        .sub_scalar(1.0)
}

/// The dense layer from the last hidden state to one logit an output.
#[derive(Module, Debug)]
pub(crate) struct DenseLayer {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

impl DenseLayer {
    /// Puts the dense layer's part of `weights` on `device`.
    pub(crate) fn from_weights(weights: &Weights, device: &Device) -> Self {
        let shape = [weights.n_outputs, weights.hidden_size];
        Self {
            weight: Param::from_data(TensorData::new(weights.dense_weight.clone(), shape), device),
            bias: Param::from_data(
                TensorData::new(weights.dense_bias.clone(), [weights.n_outputs]),
                device,
            ),
        }
    }

    /// Copies the parameters into `weights`.
    pub(crate) fn copy_into(&self, weights: &mut Weights) {
        weights.dense_weight = values(self.weight.val());
        weights.dense_bias = values(self.bias.val());
    }

    /// Computes the logits.
    ///
    /// # Shapes
    /// - `hidden`: `[batch_size, hidden_size]`
    /// - returns: `[batch_size, n_outputs]`
    pub(crate) fn forward(&self, hidden: Tensor<2>) -> Tensor<2> {
        hidden.matmul(self.weight.val().transpose()) + self.bias.val().unsqueeze::<2>()
    }

    /// Inputs and outputs of the layer.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        let [n_outputs, hidden_size] = self.weight.dims();
        (hidden_size, n_outputs)
    }
}

/// The numbers of a tensor, row-major.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .into_data()
        .try_into_vec::<f32>()
        .expect("the network computes in f32")
}
