//! The arithmetic of an LSTM layer on plain slices: weights packed once, forward, and
//! back-propagation through time.
//!
//! Start at [`PackedLstm::pack`], then [`forward`] for inference, or [`forward_training`] and
//! [`backward`] for training. Every result depends only on the arguments: not on the number of
//! threads, and for a window not on the windows beside it. This crate knows no burn, no file and
//! no other crate of ours, and it is the only one with `unsafe` code.
//!
//! ```text
//! z = x_t W_ih^T + b + h W_hh^T                i, f, g, o = split(z, 4)
//! c = sigmoid(f) c + sigmoid(i) tanh(g)        h = sigmoid(o) tanh(c)      h, c start at 0
//! ```
//!
//! # Source
//! Hochreiter and Schmidhuber (1997); forget gate from Gers et al. (2000); gates stacked i, f, g, o
//! as in PyTorch.
#![warn(missing_docs)]

mod activation;
mod aligned;
mod backward;
mod cell;
mod dense;
mod error;
mod execution;
mod forward;
mod pack;
mod peak;
mod projection;
mod simd;
mod tape;
mod team;

pub use backward::{LstmGradients, OutputGradient, backward};
pub use dense::{PackedLinear, gelu, layer_norm, softplus};
pub use error::KernelError;
pub use execution::{Execution, Instructions};
pub use forward::{Output, forward, forward_training};
pub use pack::{LstmShape, LstmWeights, PackedLstm};
pub use peak::fma_peak;
pub use tape::Tape;
