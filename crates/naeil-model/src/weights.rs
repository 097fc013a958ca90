//! The network's weights as plain numbers, in PyTorch's names and layout.
//!
//! Files, checkpoints, kernels and burn's parameters all meet in [`Weights`], so whatever computes
//! the network can be replaced without a change of format.

mod layout;
#[cfg(test)]
mod tests;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use naeil_domain::Horizon;

use crate::error::ModelError;
use crate::network_config::NetworkConfig;

use layout::Start;
pub(crate) use layout::{TensorLayout, layout};

/// Gates of an LSTM: input, forget, cell, output, in PyTorch's order.
pub(crate) const GATES: usize = 4;

/// The tensor that is no parameter: what a return is divided by before its quantiles are learned,
/// one value a horizon.
pub(crate) const RETURN_SCALE: &str = "return_scale";

/// What is added to the forget gate at the start, so that a fresh cell remembers.
const FORGET_BIAS: f32 = 1.0;

/// The weights of one network (one member of an ensemble), in the order of [`layout`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    tensors: Vec<NamedTensor>,
}

/// One tensor with its name and shape, row-major.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NamedTensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Weights {
    /// Draws the weights that training starts from.
    ///
    /// Layers are uniform within one over the root of their inputs, as PyTorch has them; the forget
    /// gate's bias is raised by one; output layers are near zero and their biases 0, so the first
    /// forecast knows nothing.
    pub(crate) fn initial(
        network: &NetworkConfig,
        return_scale: [f32; Horizon::COUNT],
        seed: u64,
    ) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let draw = |TensorLayout { name, shape, start }| {
            let n: usize = shape.iter().product();
            let mut uniform =
                |range: f32| (0..n).map(|_| rng.random_range(-range..range)).collect();
            let values: Vec<f32> = match start {
                Start::Uniform(range) => uniform(range),
                Start::RaisedForget(range) => {
                    let mut bias: Vec<f32> = uniform(range);
                    let hidden_size = n / GATES;
                    for bias in &mut bias[hidden_size..2 * hidden_size] {
                        *bias += FORGET_BIAS;
                    }
                    bias
                }
                Start::Constant(value) => vec![value; n],
                Start::ReturnScale => return_scale.to_vec(),
            };
            NamedTensor {
                name,
                shape,
                values,
            }
        };
        Self {
            tensors: layout(network).into_iter().map(draw).collect(),
        }
    }

    /// Puts weights together from `find`, which is asked for the values of each tensor.
    ///
    /// # Errors
    /// Whatever `find` returns, and [`ModelError::Weights`] if a value is not finite, a length is
    /// another, or a return scale is not positive.
    pub(crate) fn assemble(
        network: &NetworkConfig,
        mut find: impl FnMut(&TensorLayout) -> Result<Vec<f32>, ModelError>,
    ) -> Result<Self, ModelError> {
        let mut tensors = Vec::new();
        for part in layout(network) {
            let values = find(&part)?;
            let TensorLayout { name, shape, .. } = part;
            if values.len() != shape.iter().product::<usize>() {
                return Err(ModelError::Weights(format!(
                    "{name} has {} values, its shape is {shape:?}",
                    values.len()
                )));
            }
            if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                return Err(ModelError::Weights(format!(
                    "{name} holds a value that is not finite at position {at}"
                )));
            }
            if name == RETURN_SCALE && values.iter().any(|&scale| scale <= 0.0) {
                return Err(ModelError::Weights(format!("{name} is not above 0")));
            }
            tensors.push(NamedTensor {
                name,
                shape,
                values,
            });
        }
        Ok(Self { tensors })
    }

    /// Every tensor, in the order of [`layout`].
    pub(crate) fn tensors(&self) -> &[NamedTensor] {
        &self.tensors
    }

    /// Every tensor that is trained, in the order of [`layout`].
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &NamedTensor> {
        let tensors = self.tensors.iter();
        tensors.filter(|tensor| tensor.name != RETURN_SCALE)
    }

    /// The tensor of this name.
    ///
    /// # Panics
    /// If the network has none of this name: names are constants of this crate.
    pub(crate) fn tensor(&self, name: &str) -> &NamedTensor {
        self.tensors
            .iter()
            .find(|tensor| tensor.name == name)
            .unwrap_or_else(|| panic!("the layout has no tensor '{name}'"))
    }

    /// The numbers of the tensor of this name, row-major.
    ///
    /// # Panics
    /// If the network has none of this name: names are constants of this crate.
    pub(crate) fn values(&self, name: &str) -> &[f32] {
        &self.tensor(name).values
    }

    /// What a return was divided by in training, per horizon.
    pub(crate) fn return_scale(&self) -> [f32; Horizon::COUNT] {
        let values = self.values(RETURN_SCALE);
        std::array::from_fn(|horizon_idx| values[horizon_idx])
    }
}
