//! The forward pass.

use crate::error::KernelError;
use crate::execution::Execution;
use crate::pack::{GATES, LANES, PackedLstm, check_length};
use crate::tape::{CHUNK, ChunkTape, Tape};

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
    let mut tape = Tape::default();
    forward_training(execution, lstm, windows, n_steps, output, out, &mut tape)
}

/// As [`forward`], and keeps in `tape` what [`backward`](crate::backward) needs.
///
/// # Errors
/// [`KernelError`] if a slice has another length than the sizes say.
pub fn forward_training(
    _execution: Execution,
    lstm: &PackedLstm,
    windows: &[f32],
    n_steps: usize,
    output: Output,
    out: &mut [f32],
    tape: &mut Tape,
) -> Result<(), KernelError> {
    let shape = lstm.shape;
    if n_steps == 0 {
        return Err(KernelError::Size {
            what: "n_steps",
            found: 0,
            limit: usize::MAX,
        });
    }
    let window_len = n_steps * shape.input_size;
    let n_windows = windows.len() / window_len;
    check_length("windows", windows, n_windows * window_len)?;
    let per_window = match output {
        Output::Last => shape.hidden_size,
        Output::Every => n_steps * shape.hidden_size,
    };
    check_length("out", out, n_windows * per_window)?;
    tape.prepare(shape, n_windows, n_steps);
    for (idx, chunk) in tape.chunks.iter_mut().enumerate() {
        let first = idx * CHUNK;
        let windows = &windows[first * window_len..(first + chunk.rows) * window_len];
        forward_chunk(lstm, windows, n_steps, chunk);
        let padded = shape.padded();
        let steps = match output {
            Output::Last => n_steps..n_steps + 1,
            Output::Every => 1..n_steps + 1,
        };
        for row in 0..chunk.rows {
            let place = &mut out[(first + row) * per_window..(first + row + 1) * per_window];
            for (place, step) in place.chunks_exact_mut(shape.hidden_size).zip(steps.clone()) {
                let at = (step * chunk.rows + row) * padded;
                place.copy_from_slice(&chunk.hiddens[at..at + shape.hidden_size]);
            }
        }
    }
    Ok(())
}

fn forward_chunk(lstm: &PackedLstm, windows: &[f32], n_steps: usize, chunk: &mut ChunkTape) {
    let shape = lstm.shape;
    let (rows, padded, f) = (chunk.rows, shape.padded(), shape.input_size);
    let n_inputs = f + shape.hidden_size;
    let sigmoid = |z: f32| 1.0 / (1.0 + (-z).exp());
    for step in 0..n_steps {
        for row in 0..rows {
            let x = &windows[(row * n_steps + step) * f..(row * n_steps + step + 1) * f];
            for block in 0..shape.blocks() {
                let mut z = [0.0_f32; GATES * LANES];
                z.copy_from_slice(&lstm.bias[block * GATES * LANES..(block + 1) * GATES * LANES]);
                let before = (step * rows + row) * padded;
                let h = &chunk.hiddens[before..before + shape.hidden_size];
                for (k, input) in x.iter().chain(h).enumerate() {
                    let at = (block * n_inputs + k) * GATES * LANES;
                    for (z, w) in z.iter_mut().zip(&lstm.weights[at..at + GATES * LANES]) {
                        *z += input * w;
                    }
                }
                for lane in 0..LANES {
                    let unit = block * LANES + lane;
                    let (i, o) = (sigmoid(z[lane]), sigmoid(z[3 * LANES + lane]));
                    let (f, g) = (sigmoid(z[LANES + lane]), z[2 * LANES + lane].tanh());
                    let c = f * chunk.cells[before + unit] + i * g;
                    let after = ((step + 1) * rows + row) * padded + unit;
                    chunk.cells[after] = c;
                    chunk.hiddens[after] = o * c.tanh();
                    let gates = ((step * rows + row) * shape.blocks() + block) * GATES * LANES;
                    for (gate, value) in [i, f, g, o].into_iter().enumerate() {
                        chunk.gates[gates + gate * LANES + lane] = value;
                    }
                }
            }
        }
    }
}
