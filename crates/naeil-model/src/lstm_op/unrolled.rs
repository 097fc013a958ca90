//! The layer unrolled in burn's tensor operations: for backends without the fused kernel, and the
//! oracle of its tests.

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use super::Operands;

/// The hidden states after the last step, `[batch_size, H]`.
pub(super) fn last(operands: Operands) -> Tensor<2> {
    let mut hiddens = unroll(operands);
    hiddens.pop().expect("a window has steps").transpose()
}

/// The hidden states after every step, `[batch_size, seq_length, H]`.
pub(super) fn every(operands: Operands) -> Tensor<3> {
    let hiddens = unroll(operands);
    let steps = hiddens.into_iter().map(Tensor::transpose).collect();
    Tensor::stack(steps, 1)
}

/// Runs over every step from a state of zeros; one `[H, batch_size]` a step.
///
/// The batch is the inner dimension throughout: so the weights enter every product as they are
/// stored, and a gate is a contiguous part of the result. Where the windows carry no gradient,
/// taking a step out of them costs nothing in the backward pass. (A projection of all steps in one
/// product would be tracked, and burn's backward of a slice adds a tensor of the full size: the
/// whole would grow with the square of the steps.)
fn unroll(operands: Operands) -> Vec<Tensor<2>> {
    let Operands {
        windows,
        weight_ih,
        weight_hh,
        bias,
    } = operands;
    let [batch_size, seq_length, _] = windows.dims();
    let [_, hidden_size] = weight_hh.dims();
    let device: Device = windows.device();
    let bias = bias.unsqueeze_dim::<2>(1);
    // [seq_length, F, batch_size]
    let steps = windows.permute([1, 2, 0]);
    let mut hidden = Tensor::<2>::zeros([hidden_size, batch_size], &device);
    let mut cell = Tensor::<2>::zeros([hidden_size, batch_size], &device);
    (0..seq_length)
        .map(|step_idx| {
            let input = steps.clone().narrow(0, step_idx, 1).squeeze_dim::<2>(0);
            let gates = weight_ih.clone().matmul(input)
                + weight_hh.clone().matmul(hidden.clone())
                + bias.clone();
            let gate = |idx: usize| gates.clone().narrow(0, idx * hidden_size, hidden_size);
            let admitted = sigmoid(gate(0)) * tanh(gate(2));
            cell = sigmoid(gate(1)) * cell.clone() + admitted;
            hidden = sigmoid(gate(3)) * tanh(cell.clone());
            hidden.clone()
        })
        .collect()
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
