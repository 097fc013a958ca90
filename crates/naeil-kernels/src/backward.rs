//! Back-propagation through time.
//!
//! Chunks of windows are independent of each other. In each, step by step from the last: gradients
//! at the gates, from them those at the hidden states before, and, collected over several steps,
//! their product with the inputs: the weight gradients. Chunks are summed in fixed groups, and
//! groups in order, so the result does not depend on the number of threads.

mod chunk;
mod product;
mod transposed;
mod workspace;

use crate::error::KernelError;
use crate::execution::Execution;
use crate::pack::{GATES, LANES, LstmShape, PackedLstm, check_length};
use crate::simd::dispatch;
use crate::tape::{ChunkTape, Tape};
use crate::team;

use chunk::ChunkPass;
pub(crate) use workspace::Workspace;
use workspace::{Group, padded_inputs};

/// Groups of chunks at most: each holds its own sums.
const GROUPS: usize = 8;

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
/// The tape's states stay as they are; its buffers serve as workspace.
///
/// # Shapes
/// - `windows`: `[n_windows, n_steps, F]`, those of the forward pass that filled `tape`
/// - `at_windows`: `[n_windows, n_steps, F]`, overwritten
///
/// # Errors
/// [`KernelError`] if a slice has another length than the tape says.
pub fn backward(
    execution: Execution,
    lstm: &PackedLstm,
    windows: &[f32],
    tape: &mut Tape,
    output_gradient: OutputGradient<'_>,
    at_windows: Option<&mut [f32]>,
) -> Result<LstmGradients, KernelError> {
    let shape = lstm.shape;
    let per_window = tape.n_steps * shape.input_size;
    check_length("windows", windows, tape.n_windows * per_window)?;
    let (given, given_per_window) = match output_gradient {
        OutputGradient::Last(given) => (given, shape.hidden_size),
        OutputGradient::Every(given) => (given, tape.n_steps * shape.hidden_size),
    };
    check_length("output_gradient", given, tape.n_windows * given_per_window)?;
    if let Some(at_windows) = &at_windows {
        check_length("at_windows", at_windows, windows.len())?;
    }
    let n_windows = tape.chunks.iter().map(|chunk| chunk.rows).sum();
    check_states(shape, tape, n_windows)?;

    let Workspace {
        hidden_weights,
        input_weights,
        groups,
    } = &mut tape.workspace;
    hidden_weights.fill(lstm, shape.input_size, shape.hidden_size);
    if at_windows.is_some() {
        input_weights.fill(lstm, 0, shape.input_size);
    }
    groups.resize_with(GROUPS.min(tape.chunks.len()), Group::default);
    let n_groups = groups.len();
    let parts = split(
        &tape.chunks,
        n_groups,
        (windows, per_window),
        (given, given_per_window),
        at_windows,
    );
    let tasks = groups.iter_mut().zip(parts).collect();
    team::for_each(execution.threads(), tasks, |(group, parts)| {
        group.clear_sums(shape);
        for part in parts {
            group.prepare(shape, part.chunk.rows);
            let pass = ChunkPass {
                shape,
                n_steps: tape.n_steps,
                windows: part.windows,
                tape: part.chunk,
                hidden_weights,
                input_weights,
                output_gradient: match output_gradient {
                    OutputGradient::Last(_) => OutputGradient::Last(part.output_gradient),
                    OutputGradient::Every(_) => OutputGradient::Every(part.output_gradient),
                },
                at_windows: part.at_windows,
                group,
            };
            // SAFETY: an `Execution` is only built for instructions that the processor has.
            unsafe { dispatch(execution.instructions(), pass) };
        }
    });
    Ok(sum(shape, groups, execution.threads()))
}

/// A chunk's part of the arguments.
struct Part<'a> {
    chunk: &'a ChunkTape,
    windows: &'a [f32],
    output_gradient: &'a [f32],
    at_windows: Option<&'a mut [f32]>,
}

/// Splits the arguments, given with their length per window, into the chunks of each group.
fn split<'a>(
    chunks: &'a [ChunkTape],
    n_groups: usize,
    (mut windows, per_window): (&'a [f32], usize),
    (mut given, given_per_window): (&'a [f32], usize),
    mut at_windows: Option<&'a mut [f32]>,
) -> Vec<Vec<Part<'a>>> {
    let mut groups: Vec<Vec<Part<'a>>> = Vec::new();
    groups.resize_with(n_groups, Vec::new);
    for (idx, chunk) in chunks.iter().enumerate() {
        let part = Part {
            chunk,
            windows: windows
                .split_off(..chunk.rows * per_window)
                .unwrap_or_default(),
            output_gradient: given
                .split_off(..chunk.rows * given_per_window)
                .unwrap_or_default(),
            at_windows: at_windows
                .as_mut()
                .and_then(|all| all.split_off_mut(..chunk.rows * per_window)),
        };
        groups[idx * n_groups / chunks.len()].push(part);
    }
    groups
}

/// Adds the groups up in order, laid out as the weights are; a gate is a task.
fn sum(shape: LstmShape, groups: &[Group], threads: usize) -> LstmGradients {
    let (f, h) = (shape.input_size, shape.hidden_size);
    let mut total = LstmGradients {
        weight_ih: vec![0.0; GATES * h * f],
        weight_hh: vec![0.0; GATES * h * h],
        bias: vec![0.0; GATES * h],
    };
    let tasks = total
        .weight_ih
        .chunks_mut(h * f)
        .zip(total.weight_hh.chunks_mut(h * h))
        .zip(total.bias.chunks_mut(h))
        .enumerate()
        .collect();
    team::for_each(threads, tasks, |(gate, ((weight_ih, weight_hh), bias))| {
        sum_gate(shape, groups, gate, [weight_ih, weight_hh, bias]);
    });
    total
}

/// Adds up a gate's part: `[H, F]`, `[H, H]` and `[H]`.
fn sum_gate(shape: LstmShape, groups: &[Group], gate: usize, total: [&mut [f32]; 3]) {
    let (f, h) = (shape.input_size, shape.hidden_size);
    let n_inputs = padded_inputs(shape);
    let [weight_ih, weight_hh, bias] = total;
    for block in 0..shape.blocks() {
        let first = block * LANES;
        for input in 0..=f + h {
            let at = ((block * n_inputs + input) * GATES + gate) * LANES;
            let mut lanes = [0.0_f32; LANES];
            for group in groups {
                let here = &group.weight_gradients[at..at + LANES];
                for (lane, here) in lanes.iter_mut().zip(here) {
                    *lane += here;
                }
            }
            let (places, columns, column) = match input.checked_sub(f) {
                None => (&mut *weight_ih, f, input),
                Some(k) if k < h => (&mut *weight_hh, h, k),
                Some(_) => (&mut *bias, 1, 0),
            };
            let units = places[first * columns..].chunks_exact_mut(columns);
            for (unit, value) in units.zip(lanes) {
                unit[column] = value;
            }
        }
    }
}

/// Checks that the tape is of a layer of this shape: the kernels read it unchecked.
fn check_states(shape: LstmShape, tape: &Tape, n_windows: usize) -> Result<(), KernelError> {
    let length = |what, expected, found| match expected == found {
        true => Ok(()),
        false => Err(KernelError::Length {
            what,
            expected,
            found,
        }),
    };
    length("the tape's chunks", tape.n_windows, n_windows)?;
    for chunk in &tape.chunks {
        let states = chunk.rows * shape.padded();
        let (gates, cells) = (states * GATES * tape.n_steps, states * (tape.n_steps + 1));
        length("the tape's gates", gates, chunk.gates.len())?;
        length("the tape's cells", cells, chunk.cells.len())?;
        length("the tape's hidden states", cells, chunk.hiddens.len())?;
    }
    Ok(())
}
