//! Back-propagation through time.

use crate::error::KernelError;
use crate::execution::Execution;
use crate::pack::{GATES, LANES, PackedLstm, check_length};
use crate::tape::{CHUNK, ChunkTape, Tape};

/// The gradient of the loss at the hidden states that a forward pass gave.
#[derive(Debug, Clone, Copy)]
pub enum OutputGradient<'a> {
    /// At those after the last step: `[n_windows, H]`.
    Last(&'a [f32]),
    /// At those after every step: `[n_windows, n_steps, H]`.
    Every(&'a [f32]),
}

/// Gradients of the loss at a layer's weights, laid out as [`LstmWeights`](crate::LstmWeights).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LstmGradients {
    /// `[4H, F]`
    pub weight_ih: Vec<f32>,
    /// `[4H, H]`
    pub weight_hh: Vec<f32>,
    /// `[4H]`
    pub bias: Vec<f32>,
}

/// Computes the gradients at the weights, and at the windows where `at_windows` is given.
///
/// # Shapes
/// - `windows`: `[n_windows, n_steps, F]`, those of the forward pass that filled `tape`
/// - `at_windows`: `[n_windows, n_steps, F]`, overwritten
///
/// # Errors
/// [`KernelError`] if a slice has another length than the tape says.
pub fn backward(
    _execution: Execution,
    lstm: &PackedLstm,
    windows: &[f32],
    tape: &Tape,
    output_gradient: OutputGradient<'_>,
    mut at_windows: Option<&mut [f32]>,
) -> Result<LstmGradients, KernelError> {
    let shape = lstm.shape;
    let (f, h) = (shape.input_size, shape.hidden_size);
    let window_len = tape.n_steps * f;
    check_length("windows", windows, tape.n_windows * window_len)?;
    let (given, per_window) = match output_gradient {
        OutputGradient::Last(given) => (given, h),
        OutputGradient::Every(given) => (given, tape.n_steps * h),
    };
    check_length("output_gradient", given, tape.n_windows * per_window)?;
    if let Some(at_windows) = &at_windows {
        check_length("at_windows", at_windows, windows.len())?;
    }
    let mut sum = LstmGradients {
        weight_ih: vec![0.0; GATES * h * f],
        weight_hh: vec![0.0; GATES * h * h],
        bias: vec![0.0; GATES * h],
    };
    for (idx, chunk) in tape.chunks.iter().enumerate() {
        let of = |len: usize| idx * CHUNK * len..(idx * CHUNK + chunk.rows) * len;
        backward_chunk(
            lstm,
            &windows[of(window_len)],
            tape.n_steps,
            chunk,
            match output_gradient {
                OutputGradient::Last(given) => OutputGradient::Last(&given[of(per_window)]),
                OutputGradient::Every(given) => OutputGradient::Every(&given[of(per_window)]),
            },
            at_windows
                .as_deref_mut()
                .map(|all| &mut all[of(window_len)]),
            &mut sum,
        );
    }
    Ok(sum)
}

fn backward_chunk(
    lstm: &PackedLstm,
    windows: &[f32],
    n_steps: usize,
    chunk: &ChunkTape,
    output_gradient: OutputGradient<'_>,
    mut at_windows: Option<&mut [f32]>,
    sum: &mut LstmGradients,
) {
    let shape = lstm.shape;
    let (rows, padded) = (chunk.rows, shape.padded());
    let (f, h) = (shape.input_size, shape.hidden_size);
    let n_inputs = f + h;
    for row in 0..rows {
        let (mut dh, mut dc) = (vec![0.0_f32; h], vec![0.0_f32; h]);
        for step in (0..n_steps).rev() {
            match output_gradient {
                OutputGradient::Last(given) if step + 1 == n_steps => {
                    dh.copy_from_slice(&given[row * h..(row + 1) * h]);
                }
                OutputGradient::Last(_) => {}
                OutputGradient::Every(given) => {
                    let at = (row * n_steps + step) * h;
                    for (dh, given) in dh.iter_mut().zip(&given[at..at + h]) {
                        *dh += given;
                    }
                }
            }
            let before = (step * rows + row) * padded;
            let after = ((step + 1) * rows + row) * padded;
            let mut dz = vec![0.0_f32; GATES * h];
            for unit in 0..h {
                let (block, lane) = (unit / LANES, unit % LANES);
                let at = ((step * rows + row) * shape.blocks() + block) * GATES * LANES + lane;
                let gate = |idx: usize| chunk.gates[at + idx * LANES];
                let (i, fg, g, o) = (gate(0), gate(1), gate(2), gate(3));
                let tanh_c = chunk.cells[after + unit].tanh();
                let dc_here = dc[unit] + dh[unit] * o * (1.0 - tanh_c * tanh_c);
                dz[unit] = dc_here * g * i * (1.0 - i);
                dz[h + unit] = dc_here * chunk.cells[before + unit] * fg * (1.0 - fg);
                dz[2 * h + unit] = dc_here * i * (1.0 - g * g);
                dz[3 * h + unit] = dh[unit] * tanh_c * o * (1.0 - o);
                dc[unit] = dc_here * fg;
            }
            let x = &windows[(row * n_steps + step) * f..(row * n_steps + step + 1) * f];
            let h_before = &chunk.hiddens[before..before + h];
            dh.fill(0.0);
            for (z_idx, &dz) in dz.iter().enumerate() {
                let (gate, unit) = (z_idx / h, z_idx % h);
                let (block, lane) = (unit / LANES, unit % LANES);
                sum.bias[z_idx] += dz;
                for (k, x) in x.iter().enumerate() {
                    sum.weight_ih[z_idx * f + k] += dz * x;
                }
                let weight =
                    |k: usize| lstm.weights[((block * n_inputs + k) * GATES + gate) * LANES + lane];
                for k in 0..h {
                    sum.weight_hh[z_idx * h + k] += dz * h_before[k];
                    dh[k] += dz * weight(f + k);
                }
                if let Some(at_windows) = &mut at_windows {
                    let at = (row * n_steps + step) * f;
                    for k in 0..f {
                        let slot = &mut at_windows[at + k];
                        *slot = if z_idx == 0 { 0.0 } else { *slot } + dz * weight(k);
                    }
                }
            }
        }
    }
}
