//! All steps of one chunk of windows.

use crate::aligned::Aligned;
use crate::cell::Step;
use crate::pack::{GATES, LANES, PackedLstm};
use crate::projection::project;
use crate::simd::{Kernel, Simd};
use crate::tape::ChunkTape;

use super::Output;

/// Steps of a single window up to which its inputs are projected first; their sums take memory.
const PROJECTED_STEPS: usize = 1024;

/// The states of a chunk.
pub(super) enum States<'a> {
    /// Hidden states before and after the present step, and cells: `[3, rows, padded]`, of zeros.
    Two(Aligned),
    /// Those of all steps.
    All(&'a mut ChunkTape),
}

/// The whole pass of some rows.
pub(super) struct Chunk<'a> {
    pub(super) lstm: &'a PackedLstm,
    /// `[rows, n_steps, F]`
    pub(super) windows: &'a [f32],
    pub(super) rows: usize,
    pub(super) n_steps: usize,
    pub(super) output: Output,
    pub(super) out: &'a mut [f32],
    pub(super) states: States<'a>,
}

impl Kernel for Chunk<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Simd>(mut self) {
        let (lstm, rows, n_steps) = (self.lstm, self.rows, self.n_steps);
        let shape = lstm.shape;
        let len = rows * shape.padded();
        assert_eq!(self.windows.len(), rows * n_steps * shape.input_size);
        // Pointers to the states before the first step, and how far the next ones are.
        let (h, c, gates, c_ahead, gates_ahead) = match &mut self.states {
            States::Two(states) => {
                assert_eq!(states.len(), 3 * len);
                let h = states.as_mut_ptr();
                // SAFETY: within the buffer, just checked.
                (h, unsafe { h.add(2 * len) }, std::ptr::null_mut(), 0, 0)
            }
            States::All(tape) => {
                assert_eq!(tape.gates.len(), n_steps * len * GATES);
                assert_eq!(tape.cells.len(), (n_steps + 1) * len);
                assert_eq!(tape.hiddens.len(), (n_steps + 1) * len);
                let (h, c) = (tape.hiddens.as_mut_ptr(), tape.cells.as_mut_ptr());
                (h, c, tape.gates.as_mut_ptr(), len, len * GATES)
            }
        };
        let sums = match rows == 1 && n_steps <= PROJECTED_STEPS {
            // SAFETY: the processor has the instructions of `V`.
            true => Some(unsafe { project::<V>(lstm, self.windows) }),
            false => None,
        };
        for step in 0..n_steps {
            // SAFETY: inputs, gates and states of all steps lie within slices whose lengths were
            // checked above, or, with two states, within the three parts of the buffer; `lstm`
            // and `sums` are as long as the shape says by construction. Buffers are borrowed by `self` alone.
            unsafe {
                let (h, h_next) = if gates.is_null() {
                    (h.add(step % 2 * len), h.add((step + 1) % 2 * len))
                } else {
                    (h.add(step * len), h.add((step + 1) * len))
                };
                let cells = c.add(step * c_ahead);
                let (n_x, start, start_stride) = match &sums {
                    Some(sums) => {
                        let per_step = shape.padded() * GATES;
                        (0, sums.as_ptr().add(step * per_step), n_steps * per_step)
                    }
                    None => (shape.input_size, lstm.bias.as_ptr(), 0),
                };
                // Weights of the inputs come first; those of projected ones are skipped.
                let skipped = (shape.input_size - n_x) * GATES * LANES;
                let place = Step {
                    x: self.windows.as_ptr().add(step * shape.input_size),
                    x_stride: n_steps * shape.input_size,
                    n_x,
                    h,
                    c: cells,
                    n_h: shape.hidden_size,
                    padded: shape.padded(),
                    h_next,
                    c_next: cells.add(c_ahead),
                    gates: gates.wrapping_add(step * gates_ahead),
                    weights: lstm.weights.as_ptr().add(skipped),
                    weights_stride: lstm.block_len(),
                    start,
                    start_stride,
                };
                // Back and forth: the block read last is read first while it is still near.
                let last = shape.blocks() - 1;
                for idx in 0..=last {
                    let block = if step.is_multiple_of(2) {
                        idx
                    } else {
                        last - idx
                    };
                    place.run::<V>(rows, block);
                }
                let after = std::slice::from_raw_parts(h_next, len);
                self.write_out(step, after);
            }
        }
    }
}

impl Chunk<'_> {
    /// Copies the states after a step to where they are wanted.
    #[inline(always)]
    fn write_out(&mut self, step: usize, after: &[f32]) {
        let shape = self.lstm.shape;
        let (h, padded) = (shape.hidden_size, shape.padded());
        let (stride, at) = match self.output {
            Output::Last if step + 1 == self.n_steps => (h, 0),
            Output::Last => return,
            Output::Every => (self.n_steps * h, step * h),
        };
        for row in 0..self.rows {
            let to = row * stride + at;
            self.out[to..to + h].copy_from_slice(&after[row * padded..row * padded + h]);
        }
    }
}
