//! One training step: loss, gradients, clipping, Adam.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::log_sigmoid;
use burn::tensor::{Device, Tensor, TensorData};

use crate::data::Batch;
use crate::network::LstmNetwork;
use crate::weights::Weights;

/// Adam's divisor guard, PyTorch's and the paper's.
const ADAM_EPSILON: f32 = 1e-8;

/// Batches are computed in two halves from twice this size on; below, a thread costs more than it
/// saves.
const SMALLEST_HALF: usize = 8;

/// A network in training with its optimizer.
pub(crate) struct Learner {
    network: LstmNetwork,
    optimizer: ModuleOptimizer,
    device: Device,
    input_size: usize,
    learning_rate: f64,
    /// Greatest Euclidean norm of all gradients together.
    gradient_norm_limit: Option<f32>,
}

impl Learner {
    /// Starts training from `weights`.
    pub(crate) fn new(
        weights: &Weights,
        device: Device,
        learning_rate: f64,
        gradient_norm_limit: Option<f32>,
    ) -> Self {
        Self {
            network: LstmNetwork::from_weights(weights, &device),
            optimizer: AdamConfig::new().with_epsilon(ADAM_EPSILON).init(),
            device,
            input_size: weights.input_size,
            learning_rate,
            gradient_norm_limit,
        }
    }

    /// Takes one step of Adam on a batch and returns the loss before it.
    ///
    /// `dropout_mask` is `[batch_size, hidden_size]`, row-major.
    pub(crate) fn step(&mut self, batch: Batch, dropout_mask: Option<Vec<f32>>) -> f32 {
        let (loss, gradients) = self.gradients(batch, dropout_mask);
        let gradients = match self.gradient_norm_limit {
            Some(limit) => clip(&self.network, gradients, limit),
            None => gradients,
        };
        // The optimizer takes the module by value; a clone shares its tensors.
        self.network = self
            .optimizer
            .step(self.learning_rate, self.network.clone(), gradients);
        loss
    }

    /// The loss of a batch and its gradient at the present weights.
    ///
    /// A batch of some size is computed as two halves on two threads. burn deadlocks when two
    /// threads record operations on *one* set of parameters (its graph store locks the shared
    /// graph and the store in both orders), so each half has a fork: the same values and
    /// parameter ids, but a graph of its own. Halves and the order of their sum depend only on
    /// the batch, so the result does not depend on the machine's cores.
    pub(crate) fn gradients(
        &self,
        batch: Batch,
        dropout_mask: Option<Vec<f32>>,
    ) -> (f32, GradientsParams) {
        let [batch_size, _, _] = batch.shape;
        if batch_size < 2 * SMALLEST_HALF {
            return self.fork().gradients(batch, dropout_mask);
        }
        let n_front = batch_size / 2;
        let (front, back) = batch.split_at(n_front);
        let (front_mask, back_mask) = match dropout_mask {
            Some(mut mask) => {
                let back = mask.split_off(mask.len() / batch_size * n_front);
                (Some(mask), Some(back))
            }
            None => (None, None),
        };
        let (front_fork, back_fork) = (self.fork(), self.fork());
        let (front, back) = std::thread::scope(|scope| {
            let back = scope.spawn(move || back_fork.gradients(back, back_mask));
            let front = front_fork.gradients(front, front_mask);
            match back.join() {
                Ok(back) => (front, back),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        });
        (front.0 + back.0, sum(&self.network, front.1, back.1))
    }

    fn fork(&self) -> Fork {
        Fork {
            network: self.network.clone().fork(&self.device),
            device: self.device.clone(),
        }
    }

    /// A network without gradients, with the present weights.
    pub(crate) fn for_inference(&self) -> LstmNetwork {
        self.network.valid()
    }

    /// The present weights.
    pub(crate) fn weights(&self) -> Weights {
        self.for_inference().to_weights(self.input_size)
    }
}

/// A network whose recorded operations are separate from every other's.
struct Fork {
    network: LstmNetwork,
    device: Device,
}

impl Fork {
    /// The loss of a batch and its gradient, on the calling thread.
    fn gradients(self, batch: Batch, dropout_mask: Option<Vec<f32>>) -> (f32, GradientsParams) {
        let [batch_size, _, _] = batch.shape;
        let n_outputs = batch.up.len() / batch_size;
        let matrix = |values: Vec<f32>, columns: usize| {
            Tensor::<2>::from_data(TensorData::new(values, [batch_size, columns]), &self.device)
        };
        let windows =
            Tensor::<3>::from_data(TensorData::new(batch.windows, batch.shape), &self.device);
        let mask = dropout_mask.map(|mask| {
            let hidden_size = mask.len() / batch_size;
            matrix(mask, hidden_size)
        });
        let up = matrix(batch.up, n_outputs);
        let weight = matrix(batch.weight, n_outputs);
        let offset = matrix(batch.offset, n_outputs);

        let logits = self.network.forward(windows, mask) + offset;
        // -(y ln p + (1 - y) ln (1 - p)) with p = sigmoid(z) is (1 - y) z - ln p, as
        // ln (1 - p) = ln p - z; written so, no exponential overflows.
        let not_up = up.neg().add_scalar(1.0);
        let cross_entropy = not_up * logits.clone() - log_sigmoid(logits);
        let loss = (cross_entropy * weight).sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        (loss.into_scalar::<f32>(), gradients)
    }
}

/// Adds two sets of gradients.
fn sum(network: &LstmNetwork, a: GradientsParams, b: GradientsParams) -> GradientsParams {
    let mut sum = Sum { sum: a, other: b };
    network.visit(&mut sum);
    sum.sum
}

struct Sum {
    sum: GradientsParams,
    other: GradientsParams,
}

impl ModuleVisitor for Sum {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let (a, b) = (
            self.sum.remove::<D>(param.id),
            self.other.remove::<D>(param.id),
        );
        if let Some(total) = match (a, b) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        } {
            self.sum.register(param.id, total);
        }
    }
}

/// Scales all gradients together so that their common norm does not pass `limit`.
fn clip(network: &LstmNetwork, gradients: GradientsParams, limit: f32) -> GradientsParams {
    let mut norm = SquaredNorm {
        gradients: &gradients,
        sum: 0.0,
    };
    network.visit(&mut norm);
    let norm = norm.sum.sqrt();
    if norm <= f64::from(limit) {
        return gradients;
    }
    let mut scaling = Scaling {
        gradients,
        factor: f64::from(limit) / norm,
    };
    network.visit(&mut scaling);
    scaling.gradients
}

struct SquaredNorm<'a> {
    gradients: &'a GradientsParams,
    sum: f64,
}

impl ModuleVisitor for SquaredNorm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.sum += f64::from(gradient.square().sum().into_scalar::<f32>());
        }
    }
}

struct Scaling {
    gradients: GradientsParams,
    factor: f64,
}

impl ModuleVisitor for Scaling {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            self.gradients
                .register(param.id, gradient.mul_scalar(self.factor));
        }
    }
}

#[cfg(test)]
mod tests;
