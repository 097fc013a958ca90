//! One training step: loss, gradients, clipping, AdamW.

#[cfg(test)]
mod tests;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{
    AdamW, AdamWConfig, AdamWState, AdaptiveMomentumState, GradientsParams, Optimizer,
};
use burn::tensor::{Device, Tensor, TensorData};

use crate::batch::Batch;
use crate::dense::values;
use crate::device::{inference_device, training_device};
use crate::error::ModelError;
use crate::loss::loss;
use crate::network::{DropoutMasks, LstmNetwork};
use crate::network_config::NetworkConfig;
use crate::weights::{NamedTensor, RETURN_SCALE, Weights};

/// Adam's divisor guard, PyTorch's and the paper's.
const ADAM_EPSILON: f32 = 1e-8;

/// Greatest Euclidean norm of a step's gradients: of the trunk with its heads, and of the quantiles'
/// layers apart from them, so that neither's loss weakens the other's step.
const GRADIENT_NORM_LIMIT: f64 = 1.0;

/// Everything a training consists of at one moment, as plain numbers: the next step depends on
/// nothing else.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LearnerState {
    pub(crate) weights: Weights,
    /// One entry a parameter, in the order of the weights.
    pub(crate) moments: Vec<Moments>,
    /// Steps taken.
    pub(crate) n_steps: usize,
}

/// Adam's running means of one parameter's gradient and of its square.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moments {
    pub(crate) first: Vec<f32>,
    pub(crate) second: Vec<f32>,
}

impl LearnerState {
    /// Before the first step.
    pub(crate) fn new(weights: Weights) -> Self {
        let zeros = |tensor: &NamedTensor| Moments {
            first: vec![0.0; tensor.values.len()],
            second: vec![0.0; tensor.values.len()],
        };
        Self {
            moments: weights.parameters().map(zeros).collect(),
            weights,
            n_steps: 0,
        }
    }
}

/// What is dropped in a step, row-major.
///
/// # Shapes
/// `[batch_size, hidden_size]` and `[batch_size, wide_size]`
pub(crate) struct DropoutFactors {
    pub(crate) hidden: Vec<f32>,
    pub(crate) wide: Vec<f32>,
}

/// A network in training.
pub(crate) struct Learner<'a> {
    network: &'a NetworkConfig,
    optimizer: AdamW,
    state: LearnerState,
    device: Device,
}

impl<'a> Learner<'a> {
    /// Goes on from a state.
    pub(crate) fn new(network: &'a NetworkConfig, weight_decay: f64, state: LearnerState) -> Self {
        Self {
            network,
            optimizer: AdamWConfig::new()
                .with_epsilon(ADAM_EPSILON)
                .with_weight_decay(weight_decay as f32)
                .build(),
            state,
            device: training_device(),
        }
    }

    /// The present state.
    pub(crate) fn state(&self) -> &LearnerState {
        &self.state
    }

    /// A network without gradients, with the present weights.
    pub(crate) fn for_inference(&self) -> LstmNetwork {
        LstmNetwork::from_weights(self.network, &self.state.weights, &inference_device())
    }

    /// Takes one step on a batch and returns the loss before it.
    ///
    /// # Errors
    /// [`ModelError::Weights`] if a weight is no longer finite.
    pub(crate) fn step(
        &mut self,
        batch: &Batch,
        dropout: Option<DropoutFactors>,
        learning_rate: f64,
    ) -> Result<f32, ModelError> {
        let (loss, mut gradients) = self.gradients(batch, dropout);
        let names: Vec<&str> = (self.state.weights.parameters())
            .map(|tensor| tensor.name.as_str())
            .collect();
        for of_quantiles in [false, true] {
            let group = (gradients.iter_mut().zip(&names))
                .filter(|(_, name)| name.starts_with("quantile") == of_quantiles);
            clip(group.map(|(gradient, _)| gradient).collect());
        }
        self.update(learning_rate, gradients)?;
        Ok(loss)
    }

    /// The loss of a batch and its gradient at the present weights, one entry a parameter.
    ///
    /// The network is put together anew for each step, with an autodiff graph of its own: nothing of
    /// one step is left for the next but the numbers in the state.
    pub(crate) fn gradients(
        &self,
        batch: &Batch,
        dropout: Option<DropoutFactors>,
    ) -> (f32, Vec<Vec<f32>>) {
        let network = LstmNetwork::from_weights(self.network, &self.state.weights, &self.device);
        let n_windows = batch.windows.n_windows;
        let matrix = |values: Vec<f32>| {
            let shape = [n_windows, values.len() / n_windows];
            Tensor::<2>::from_data(TensorData::new(values, shape), &self.device)
        };
        let shape = [
            n_windows,
            self.network.seq_length,
            self.network.sequence_columns.len(),
        ];
        let sequence = TensorData::new(batch.windows.sequence.clone(), shape);
        let masks = dropout.map(|factors| DropoutMasks {
            hidden: matrix(factors.hidden),
            wide: matrix(factors.wide),
        });
        let outputs = network.forward(
            Tensor::<3>::from_data(sequence, &self.device),
            matrix(batch.windows.wide.clone()),
            masks,
        );
        let loss = loss(outputs, batch, &self.device);
        let mut gradients = GradientValues {
            gradients: GradientsParams::from_grads(loss.backward(), &network),
            values: Vec::new(),
        };
        network.visit(&mut gradients);
        (loss.into_scalar::<f32>(), gradients.values)
    }

    /// One step of AdamW on every parameter.
    fn update(&mut self, learning_rate: f64, gradients: Vec<Vec<f32>>) -> Result<(), ModelError> {
        let LearnerState {
            weights,
            moments,
            n_steps,
        } = &self.state;
        let mut parameters = weights.parameters().zip(moments).zip(gradients);
        let n_steps = *n_steps;
        let mut updated_moments = Vec::with_capacity(moments.len());
        let updated = Weights::assemble(self.network, |part| {
            if part.name == RETURN_SCALE {
                return Ok(weights.values(RETURN_SCALE).to_vec());
            }
            let ((tensor, moments), gradient) = parameters
                .next()
                .expect("there is a gradient for every parameter");
            // AdamW works on each number alone, so the shape does not matter.
            let (values, moments) = adam_w(
                &self.optimizer,
                learning_rate,
                n_steps,
                &tensor.values,
                moments,
                gradient,
            );
            updated_moments.push(moments);
            Ok(values)
        })?;
        drop(parameters);
        self.state = LearnerState {
            weights: updated,
            moments: updated_moments,
            n_steps: n_steps + 1,
        };
        Ok(())
    }
}

/// One step of burn's AdamW on the numbers of one parameter.
pub(crate) fn adam_w(
    optimizer: &AdamW,
    learning_rate: f64,
    n_steps: usize,
    weights: &[f32],
    moments: &Moments,
    gradient: Vec<f32>,
) -> (Vec<f32>, Moments) {
    let device = inference_device();
    let row = |values: Vec<f32>| {
        let n = values.len();
        Tensor::<1>::from_data(TensorData::new(values, [n]), &device)
    };
    let before = (n_steps > 0).then(|| AdamWState {
        momentum: AdaptiveMomentumState {
            time: n_steps,
            moment_1: row(moments.first.clone()),
            moment_2: row(moments.second.clone()),
            max_moment_2: None,
        },
    });
    let (weights, after) =
        optimizer.step(learning_rate, row(weights.to_vec()), row(gradient), before);
    let AdamWState { momentum } = after.expect("AdamW keeps a state");
    let moments = Moments {
        first: values(momentum.moment_1),
        second: values(momentum.moment_2),
    };
    (values(weights), moments)
}

/// Scales gradients together so that their common norm does not pass the limit.
fn clip(gradients: Vec<&mut Vec<f32>>) {
    let squares = gradients.iter().flat_map(|gradient| gradient.iter());
    let norm = squares.map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt();
    if norm <= GRADIENT_NORM_LIMIT {
        return;
    }
    let factor = (GRADIENT_NORM_LIMIT / norm) as f32;
    for gradient in gradients {
        gradient.iter_mut().for_each(|g| *g *= factor);
    }
}

/// The gradients of every parameter, in the order of the network's fields; 0 where none arrived.
struct GradientValues {
    gradients: GradientsParams,
    values: Vec<Vec<f32>>,
}

impl ModuleVisitor for GradientValues {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.values
            .push(match self.gradients.remove::<D>(param.id) {
                Some(gradient) => values(gradient),
                None => vec![0.0; param.val().shape().num_elements()],
            });
    }
}
