//! One LSTM layer as a single operation of burn's autodiff.
//!
//! On the flex backend a layer is computed by naeil-kernels, forward and backward, and burn sees
//! one node with four parents; on any other backend it is unrolled in burn's tensor operations.
//! Both give PyTorch's LSTM: gates stacked i, f, g, o, states of zeros at the start.
//!
//! Two threads must not run autodiff on clones of one model: burn 0.22.1 can deadlock there. The
//! kernels use the threads of rayon's pool inside the operation instead.

mod flex;
mod tape_pool;
mod unrolled;

use burn::tensor::Tensor;
use naeil_kernels::Output;

/// Computes the hidden states after the last step.
///
/// # Shapes
/// - `windows`: `[batch_size, seq_length, F]`; given a gradient only if it carries one
/// - `weight_ih`: `[4H, F]`, `weight_hh`: `[4H, H]`, `bias`: `[4H]` (PyTorch's two biases summed)
/// - returns: `[batch_size, H]`
///
/// # Panics
/// As burn's own operations do, if shapes contradict each other.
pub(crate) fn lstm_last(
    windows: Tensor<3>,
    weight_ih: Tensor<2>,
    weight_hh: Tensor<2>,
    bias: Tensor<1>,
) -> Tensor<2> {
    let operands = Operands {
        windows,
        weight_ih,
        weight_hh,
        bias,
    };
    operands.check();
    match flex::run(&operands, Output::Last) {
        Some(hidden) => hidden,
        None => unrolled::last(operands),
    }
}

/// Computes the hidden states after every step: the windows of a layer above.
///
/// # Shapes
/// As [`lstm_last`]; returns `[batch_size, seq_length, H]`.
///
/// # Panics
/// As [`lstm_last`].
pub(crate) fn lstm_every(
    windows: Tensor<3>,
    weight_ih: Tensor<2>,
    weight_hh: Tensor<2>,
    bias: Tensor<1>,
) -> Tensor<3> {
    let operands = Operands {
        windows,
        weight_ih,
        weight_hh,
        bias,
    };
    operands.check();
    match flex::run(&operands, Output::Every) {
        Some(hiddens) => hiddens,
        None => unrolled::every(operands),
    }
}

/// What a layer computes with.
struct Operands {
    windows: Tensor<3>,
    weight_ih: Tensor<2>,
    weight_hh: Tensor<2>,
    bias: Tensor<1>,
}

impl Operands {
    fn check(&self) {
        let [_, _, input_size] = self.windows.dims();
        let [_, hidden_size] = self.weight_hh.dims();
        let rows = 4 * hidden_size;
        assert!(
            self.weight_ih.dims() == [rows, input_size]
                && self.weight_hh.dims() == [rows, hidden_size]
                && self.bias.dims() == [rows],
            "an LSTM over windows {:?} cannot have weights {:?} and {:?} with a bias {:?}",
            self.windows.dims(),
            self.weight_ih.dims(),
            self.weight_hh.dims(),
            self.bias.dims(),
        );
    }
}

#[cfg(test)]
mod tests;
