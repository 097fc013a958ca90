//! The small layers around an LSTM, for inference: linear, layer norm, GELU, softplus.
//!
//! Each works on one row at a time and sums in a fixed order, so a row's result does not depend on
//! the rows beside it. They are written so that the compiler vectorises them.

#[cfg(test)]
mod tests;

use crate::error::KernelError;
use crate::pack::{LANES, MAX_SIZE, check_length};

/// Added to a variance before its root is taken, as PyTorch does.
const NORM_EPSILON: f32 = 1e-5;

/// A linear layer `y = W x + b`, packed.
///
/// # Shapes
/// Blocks of 16 outputs, the last one filled up with zeros: `[blocks, n_inputs, 16]`.
#[derive(Debug, Clone)]
pub struct PackedLinear {
    n_inputs: usize,
    n_outputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl PackedLinear {
    /// Packs a layer.
    ///
    /// # Shapes
    /// - `weight`: `[n_outputs, n_inputs]`, as PyTorch has it
    /// - `bias`: `[n_outputs]`
    ///
    /// # Errors
    /// [`KernelError`] if a size is 0 or too large, or the lengths do not fit together.
    pub fn pack(n_inputs: usize, weight: &[f32], bias: &[f32]) -> Result<Self, KernelError> {
        let n_outputs = bias.len();
        let limit = MAX_SIZE * 2;
        for (what, found) in [("n_inputs", n_inputs), ("n_outputs", n_outputs)] {
            if !(1..=limit).contains(&found) {
                return Err(KernelError::Size { what, found, limit });
            }
        }
        check_length("weight", weight, n_outputs * n_inputs)?;
        let blocks = n_outputs.div_ceil(LANES);
        let mut weights = vec![0.0; blocks * n_inputs * LANES];
        for (output, row) in weight.chunks_exact(n_inputs).enumerate() {
            let (block, lane) = (output / LANES, output % LANES);
            for (input, &value) in row.iter().enumerate() {
                weights[(block * n_inputs + input) * LANES + lane] = value;
            }
        }
        let mut padded = bias.to_vec();
        padded.resize(blocks * LANES, 0.0);
        Ok(Self {
            n_inputs,
            n_outputs,
            weights,
            bias: padded,
        })
    }

    /// Outputs of the layer.
    pub fn n_outputs(&self) -> usize {
        self.n_outputs
    }

    /// Computes the layer for one row.
    ///
    /// # Shapes
    /// - `input`: `[n_inputs]`
    /// - `out`: `[n_outputs]`
    ///
    /// # Panics
    /// If a slice has another length.
    pub fn forward(&self, input: &[f32], out: &mut [f32]) {
        assert_eq!(input.len(), self.n_inputs, "inputs of the layer");
        assert_eq!(out.len(), self.n_outputs, "outputs of the layer");
        let blocks = self.weights.chunks_exact(self.n_inputs * LANES);
        let (biases, _) = self.bias.as_chunks::<LANES>();
        for ((weights, bias), out) in blocks.zip(biases).zip(out.chunks_mut(LANES)) {
            let mut sums = *bias;
            let (columns, _) = weights.as_chunks::<LANES>();
            for (x, column) in input.iter().zip(columns) {
                for (sum, weight) in sums.iter_mut().zip(column) {
                    *sum += x * weight;
                }
            }
            out.copy_from_slice(&sums[..out.len()]);
        }
    }
}

/// Standardises a row in place, then scales and shifts each value.
///
/// ```text
/// x = (x - mean(x)) / sqrt(variance(x) + 1e-5) * weight + bias        variance over n, not n - 1
/// ```
///
/// # Panics
/// If the slices differ in length or are empty.
///
/// # Source
/// Ba, Kiros and Hinton (2016), Layer Normalization.
pub fn layer_norm(row: &mut [f32], weight: &[f32], bias: &[f32]) {
    assert!(!row.is_empty(), "a row has values");
    assert_eq!(row.len(), weight.len(), "weights of the norm");
    assert_eq!(row.len(), bias.len(), "biases of the norm");
    let n = row.len() as f32;
    let mean = sum(row, |x| x) / n;
    let variance = sum(row, |x| (x - mean) * (x - mean)) / n;
    let scale = 1.0 / (variance + NORM_EPSILON).sqrt();
    for ((x, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
        *x = (*x - mean) * scale * weight + bias;
    }
}

/// Sums in 16 lanes and those in their order: one order whatever the compiler does.
fn sum(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0_f32; LANES];
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += term(x);
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += term(x);
    }
    lanes.iter().sum()
}

/// Applies `x Phi(x)`, Phi the normal distribution's, to every value.
///
/// # Source
/// Hendrycks and Gimpel (2016), Gaussian Error Linear Units.
pub fn gelu(values: &mut [f32]) {
    for x in values {
        *x = 0.5 * *x * (1.0 + erf(*x * std::f32::consts::FRAC_1_SQRT_2));
    }
}

/// `ln(1 + exp(x))`, for any x without overflow.
pub fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The error function, within 5e-7.
///
/// # Source
/// The rational minimax approximation of Eigen's `generic_fast_erf_float`; beyond 4 the function is
/// 1 in single precision.
fn erf(x: f32) -> f32 {
    const NUMERATOR: [f32; 7] = [
        -2.726_142_3e-10,
        2.770_681_5e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const DENOMINATOR: [f32; 5] = [
        -1.456_607_2e-5,
        -2.133_740_6e-4,
        -1.682_827e-3,
        -7.373_329e-3,
        -1.426_473_9e-2,
    ];
    let inside = x.clamp(-4.0, 4.0);
    let square = inside * inside;
    let polynomial = |terms: &[f32]| terms.iter().fold(0.0, |sum, term| sum * square + term);
    let value = inside * polynomial(&NUMERATOR) / polynomial(&DENOMINATOR);
    if inside == x { value } else { x.signum() }
}
