//! The LSTM from burn's tensor operations: layers with packed gates, run over a window.

use burn::module::{Module, Param};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use crate::dense::{matrix, vector};
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
    pub(crate) weight_ih: Param<Tensor<2>>,
    pub(crate) weight_hh: Param<Tensor<2>>,
    pub(crate) bias_ih: Param<Tensor<1>>,
    pub(crate) bias_hh: Param<Tensor<1>>,
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

    /// Runs over every step from a state of zeros and returns the hidden state of each.
    ///
    /// The batch is the inner dimension throughout: so the weights enter every product as they
    /// are stored, and a gate is a contiguous part of the result. The steps are tensors of their
    /// own, because burn's backward of a slice adds a tensor of the full size: taken out of one
    /// tracked tensor, the whole would grow with the square of the steps.
    ///
    /// # Shapes
    /// - `steps`: `[input_size, batch_size]` each
    /// - returns: `[hidden_size, batch_size]` each
    pub(crate) fn run(&self, steps: &[Tensor<2>]) -> Vec<Tensor<2>> {
        let [_, hidden_size] = self.weight_hh.dims();
        let (weight_ih, weight_hh) = (self.weight_ih.val(), self.weight_hh.val());
        let bias = (self.bias_ih.val() + self.bias_hh.val()).unsqueeze_dim::<2>(1);
        let mut state: Option<(Tensor<2>, Tensor<2>)> = None;
        let mut hiddens = Vec::with_capacity(steps.len());
        for input in steps {
            let from_input = weight_ih.clone().matmul(input.clone()) + bias.clone();
            let gates = match &state {
                Some((hidden, _)) => from_input + weight_hh.clone().matmul(hidden.clone()),
                None => from_input,
            };
            let gate = |idx: usize| gates.clone().narrow(0, idx * hidden_size, hidden_size);
            let admitted = sigmoid(gate(0)) * tanh(gate(2));
            let cell = match state {
                Some((_, cell)) => sigmoid(gate(1)) * cell + admitted,
                None => admitted,
            };
            let hidden = sigmoid(gate(3)) * tanh(cell.clone());
            hiddens.push(hidden.clone());
            state = Some((hidden, cell));
        }
        hiddens
    }
}

/// Runs layers one above the other and returns the last hidden state of the uppermost.
///
/// # Shapes
/// - `windows`: `[batch_size, seq_length, input_size]`, without gradient
/// - returns: `[batch_size, hidden_size]`
pub(crate) fn last_hidden(layers: &[LstmLayer], windows: Tensor<3>) -> Tensor<2> {
    let [_, seq_length, _] = windows.dims();
    // [seq_length, input_size, batch_size]
    let by_step = windows.permute([1, 2, 0]);
    let mut steps: Vec<Tensor<2>> = (0..seq_length)
        .map(|step_idx| by_step.clone().narrow(0, step_idx, 1).squeeze_dim::<2>(0))
        .collect();
    for layer in layers {
        steps = layer.run(&steps);
    }
    steps
        .pop()
        .expect("a network has at least one step")
        .transpose()
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
