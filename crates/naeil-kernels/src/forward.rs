//! The forward pass: windows are shared out in chunks, each of which one thread computes.

mod chunk;

use crate::aligned::Aligned;
use crate::error::KernelError;
use crate::execution::Execution;
use crate::pack::{PackedLstm, check_length};
use crate::simd::dispatch;
use crate::tape::{CHUNK, Tape, recorded_chunk};
use crate::team;

use chunk::{Chunk, States};

/// Windows of a chunk at least: a single one would read as many weights as two, and take as long.
const LEAST: usize = 2;

/// Which hidden states a pass gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Those after the last step: `[n_windows, H]`.
    Last,
    /// Those after every step: `[n_windows, n_steps, H]`, the input of a layer above.
    Every,
}

/// Runs a layer over windows and writes hidden states to `out`.
///
/// # Shapes
/// - `windows`: `[n_windows, n_steps, F]`
/// - `out`: as [`Output`] says
///
/// # Errors
/// [`KernelError`] if a slice has another length than the sizes say.
pub fn forward(
    execution: Execution,
    lstm: &PackedLstm,
    windows: &[f32],
    n_steps: usize,
    output: Output,
    out: &mut [f32],
) -> Result<(), KernelError> {
    let batch = Batch::check(lstm, windows, n_steps, output, out)?;
    let chunk = batch.balanced_chunk(execution.threads());
    let tasks = windows
        .chunks(chunk * batch.window_len)
        .zip(out.chunks_mut(chunk * batch.per_window))
        .collect();
    team::for_each(execution.threads(), tasks, |(windows, out)| {
        let rows = windows.len() / batch.window_len;
        let chunk = Chunk {
            lstm,
            windows,
            rows,
            n_steps,
            output,
            out,
            states: States::Two(Aligned::zeros(3 * rows * lstm.shape.padded())),
        };
        // SAFETY: an `Execution` has only instructions that the processor has.
        unsafe { dispatch(execution.instructions(), chunk) }
    });
    Ok(())
}

/// As [`forward`], and keeps in `tape` what [`backward`](crate::backward) needs.
///
/// # Errors
/// [`KernelError`] if a slice has another length than the sizes say.
pub fn forward_training(
    execution: Execution,
    lstm: &PackedLstm,
    windows: &[f32],
    n_steps: usize,
    output: Output,
    out: &mut [f32],
    tape: &mut Tape,
) -> Result<(), KernelError> {
    let batch = Batch::check(lstm, windows, n_steps, output, out)?;
    tape.prepare(lstm.shape, batch.n_windows, n_steps);
    let chunk = recorded_chunk(batch.n_windows);
    let tasks = windows
        .chunks(chunk * batch.window_len)
        .zip(out.chunks_mut(chunk * batch.per_window))
        .zip(&mut tape.chunks)
        .collect();
    team::for_each(execution.threads(), tasks, |((windows, out), tape)| {
        let chunk = Chunk {
            lstm,
            windows,
            rows: tape.rows,
            n_steps,
            output,
            out,
            states: States::All(tape),
        };
        // SAFETY: an `Execution` has only instructions that the processor has.
        unsafe { dispatch(execution.instructions(), chunk) }
    });
    Ok(())
}

/// The sizes of a call, checked.
#[derive(Clone, Copy)]
struct Batch {
    n_windows: usize,
    window_len: usize,
    per_window: usize,
}

impl Batch {
    fn check(
        lstm: &PackedLstm,
        windows: &[f32],
        n_steps: usize,
        output: Output,
        out: &[f32],
    ) -> Result<Self, KernelError> {
        let shape = lstm.shape;
        // Nothing larger can be addressed, and the products below stay in range.
        let limit = isize::MAX as usize / size_of::<f32>() / shape.input_size.max(shape.padded());
        if !(1..=limit).contains(&n_steps) {
            return Err(KernelError::Size {
                what: "n_steps",
                found: n_steps,
                limit,
            });
        }
        let window_len = n_steps * shape.input_size;
        let n_windows = windows.len() / window_len;
        check_length("windows", windows, n_windows * window_len)?;
        let per_window = match output {
            Output::Last => shape.hidden_size,
            Output::Every => n_steps * shape.hidden_size,
        };
        check_length("out", out, n_windows.saturating_mul(per_window))?;
        Ok(Self {
            n_windows,
            window_len,
            per_window,
        })
    }

    /// Windows of a chunk, so that every thread gets about as many, none more than [`CHUNK`] and
    /// none fewer than [`LEAST`] if there are as many.
    fn balanced_chunk(self, threads: usize) -> usize {
        let threads = threads.min(self.n_windows / LEAST).max(1);
        let chunks = self.n_windows.div_ceil(CHUNK).next_multiple_of(threads);
        self.n_windows.div_ceil(chunks.max(1)).max(1)
    }
}
