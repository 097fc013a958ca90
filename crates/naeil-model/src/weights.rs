//! The network's weights as plain numbers, in PyTorch's packed layout.
//!
//! Files, snapshots of the best epoch and burn's parameters all meet in [`Weights`], so whatever
//! computes the network can be replaced without a change of format.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::error::ModelError;
use crate::network_config::NetworkConfig;

/// Gates of an LSTM: input, forget, cell, output, in PyTorch's order.
pub(crate) const GATES: usize = 4;

/// What is added to the forget gate at the start, so that a fresh cell remembers.
const FORGET_BIAS: f32 = 1.0;

/// Half-width of the dense layer's first weights: small, so that training starts at the base rate.
const DENSE_RANGE: f32 = 0.01;

/// Every weight of the network.
///
/// # Shapes
/// With F inputs, H hidden units and O outputs, row-major, gates stacked i, f, g, o:
/// - `weight_ih`: `[4H, F]`, `weight_hh`: `[4H, H]`, `bias_ih` and `bias_hh`: `[4H]`
/// - `dense_weight`: `[O, H]`, `dense_bias`: `[O]`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    pub(crate) input_size: usize,
    pub(crate) hidden_size: usize,
    pub(crate) n_outputs: usize,
    pub(crate) weight_ih: Vec<f32>,
    pub(crate) weight_hh: Vec<f32>,
    pub(crate) bias_ih: Vec<f32>,
    pub(crate) bias_hh: Vec<f32>,
    pub(crate) dense_weight: Vec<f32>,
    pub(crate) dense_bias: Vec<f32>,
}

/// One tensor of [`Weights`] with its name and shape.
pub(crate) struct NamedTensor<'a> {
    pub(crate) name: &'static str,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: &'a [f32],
}

/// The names of the tensors, in the order of [`Weights::tensors`].
pub(crate) const TENSOR_NAMES: [&str; 6] = [
    "lstm.weight_ih",
    "lstm.weight_hh",
    "lstm.bias_ih",
    "lstm.bias_hh",
    "dense.weight",
    "dense.bias",
];

impl Weights {
    /// Draws the weights that training starts from.
    ///
    /// Recurrent weights are uniform in `±1/sqrt(H)`; the forget gate's bias is raised by one; the
    /// dense layer is near zero with its bias at `output_logits`, so the first forecast is the
    /// base rate of each output.
    pub(crate) fn initial(network: &NetworkConfig, output_logits: &[f64], seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (input_size, hidden_size) = (network.input_size, network.hidden_size);
        let gate_rows = GATES * hidden_size;
        let range = 1.0 / (hidden_size as f32).sqrt();
        let mut uniform = |n: usize, range: f32| -> Vec<f32> {
            (0..n).map(|_| rng.random_range(-range..range)).collect()
        };
        let mut weights = Self {
            input_size,
            hidden_size,
            n_outputs: output_logits.len(),
            weight_ih: uniform(gate_rows * input_size, range),
            weight_hh: uniform(gate_rows * hidden_size, range),
            bias_ih: uniform(gate_rows, range),
            bias_hh: uniform(gate_rows, range),
            dense_weight: uniform(output_logits.len() * hidden_size, DENSE_RANGE),
            dense_bias: output_logits.iter().map(|&logit| logit as f32).collect(),
        };
        for bias in &mut weights.bias_ih[hidden_size..2 * hidden_size] {
            *bias += FORGET_BIAS;
        }
        weights
    }

    /// Every tensor with its name and shape.
    pub(crate) fn tensors(&self) -> [NamedTensor<'_>; 6] {
        let rows = GATES * self.hidden_size;
        let shapes = [
            vec![rows, self.input_size],
            vec![rows, self.hidden_size],
            vec![rows],
            vec![rows],
            vec![self.n_outputs, self.hidden_size],
            vec![self.n_outputs],
        ];
        let values: [&[f32]; 6] = [
            &self.weight_ih,
            &self.weight_hh,
            &self.bias_ih,
            &self.bias_hh,
            &self.dense_weight,
            &self.dense_bias,
        ];
        let mut parts = shapes.into_iter().zip(values);
        TENSOR_NAMES.map(|name| {
            let (shape, values) = parts.next().expect("there are six shapes for six names");
            NamedTensor {
                name,
                shape,
                values,
            }
        })
    }

    /// Checks that the weights are finite and belong to `network`.
    pub(crate) fn check(
        &self,
        network: &NetworkConfig,
        n_outputs: usize,
    ) -> Result<(), ModelError> {
        let found = (self.input_size, self.hidden_size, self.n_outputs);
        let expected = (network.input_size, network.hidden_size, n_outputs);
        if found != expected {
            return Err(ModelError::Weights(format!(
                "the weights are of a network with (inputs, hidden, outputs) {found:?} where {expected:?} is meant"
            )));
        }
        for tensor in self.tensors() {
            if let Some(at) = tensor.values.iter().position(|value| !value.is_finite()) {
                return Err(ModelError::Weights(format!(
                    "{} holds a value that is not finite at position {at}",
                    tensor.name
                )));
            }
        }
        Ok(())
    }
}
