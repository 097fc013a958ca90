//! The buffers of a backward pass, used again by the next one.

use crate::aligned::Aligned;
use crate::pack::{GATES, LANES, LstmShape};

use super::transposed::Transposed;

/// Inputs of a tile of weight gradients; every instruction set's tile divides it.
const INPUTS: usize = 6;

/// Rows whose gradients at the gates are collected before they go into the weight gradients: a
/// block of them stays in the first cache.
const COLLECTED_ROWS: usize = 96;

/// Everything that a backward pass needs beside the tape.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    pub(super) hidden_weights: Transposed,
    pub(super) input_weights: Transposed,
    pub(super) groups: Vec<Group>,
}

/// What one thread at a time works with: the sums of some chunks, and scratch.
///
/// # Shapes
/// Units padded to whole blocks (Hp), inputs (F, H and a one for the bias) to a multiple of 6 (K).
/// - `weight_gradients`: `[blocks, K, 4, 16]`
/// - `at_hidden`, `at_cell`: `[rows, Hp]`
/// - `at_gates`: `[rows, blocks, 4, 16]`, of one step
/// - `at_inputs`: `[rows, Fp]`, F padded to whole blocks, of one step
/// - `collected_gates`: `[blocks, collected rows, 4, 16]`
/// - `collected_inputs`: `[K / tile, collected rows, tile]`
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(super) weight_gradients: Aligned,
    pub(super) at_hidden: Aligned,
    pub(super) at_cell: Aligned,
    pub(super) at_gates: Aligned,
    pub(super) at_inputs: Aligned,
    pub(super) collected_gates: Aligned,
    pub(super) collected_inputs: Aligned,
    pub(super) input_row: Aligned,
}

/// Inputs of a gate and the one of the bias, padded.
pub(super) fn padded_inputs(shape: LstmShape) -> usize {
    (shape.input_size + shape.hidden_size + 1).next_multiple_of(INPUTS)
}

/// Steps that are collected of a chunk of so many rows.
pub(super) fn collected_steps(rows: usize) -> usize {
    (COLLECTED_ROWS / rows).max(1)
}

impl Group {
    /// Starts new sums.
    pub(super) fn clear_sums(&mut self, shape: LstmShape) {
        let len = shape.blocks() * padded_inputs(shape) * GATES * LANES;
        self.weight_gradients.resize(len);
        self.weight_gradients.fill(0.0);
    }

    /// Makes room for a chunk.
    pub(super) fn prepare(&mut self, shape: LstmShape, rows: usize) {
        let (padded, n_inputs) = (shape.padded(), padded_inputs(shape));
        let collected = rows * collected_steps(rows);
        for (buffer, len) in [
            (&mut self.at_hidden, rows * padded),
            (&mut self.at_cell, rows * padded),
            (&mut self.at_gates, rows * padded * GATES),
            (
                &mut self.at_inputs,
                rows * shape.input_size.next_multiple_of(LANES),
            ),
            (&mut self.collected_gates, collected * padded * GATES),
            (&mut self.collected_inputs, collected * n_inputs),
            (&mut self.input_row, n_inputs),
        ] {
            buffer.resize(len);
        }
        self.at_hidden.fill(0.0);
        self.at_cell.fill(0.0);
        self.input_row.fill(0.0);
        self.input_row[shape.input_size + shape.hidden_size] = 1.0;
    }
}
