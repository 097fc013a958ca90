//! What a forward pass leaves for the backward pass.

use crate::aligned::Aligned;
use crate::backward::Workspace;
use crate::pack::{GATES, LstmShape};

/// Windows that are computed together at most: few enough that a step's states stay in the cache.
pub(crate) const CHUNK: usize = 48;

/// Windows below which splitting a batch is not worth the weights read twice.
const UNDIVIDED: usize = 12;

/// Windows of each chunk of a recorded pass but the last.
///
/// Chunks depend on the size of the batch alone, so sums over them come out the same on any number
/// of threads. Their number is even, for the two threads that there are at least.
pub(crate) fn recorded_chunk(n_windows: usize) -> usize {
    let chunks = match n_windows {
        0..UNDIVIDED => 1,
        _ => n_windows.div_ceil(CHUNK).next_multiple_of(2),
    };
    n_windows.div_ceil(chunks).max(1)
}

/// The states of a forward pass; its buffers are used again by the next pass.
#[derive(Debug, Default)]
pub struct Tape {
    pub(crate) n_windows: usize,
    pub(crate) n_steps: usize,
    pub(crate) chunks: Vec<ChunkTape>,
    pub(crate) workspace: Workspace,
}

/// The states of one chunk's rows, units padded to whole blocks (Hp).
///
/// # Shapes
/// - `gates`: `[n_steps, rows, Hp / 16, 4, 16]`, after their activation, in the order i, f, g, o
/// - `cells`, `hiddens`: `[n_steps + 1, rows, Hp]`, the first of zeros
#[derive(Debug, Default)]
pub(crate) struct ChunkTape {
    pub(crate) rows: usize,
    pub(crate) gates: Aligned,
    pub(crate) cells: Aligned,
    pub(crate) hiddens: Aligned,
}

impl Tape {
    /// Makes room for a pass.
    pub(crate) fn prepare(&mut self, shape: LstmShape, n_windows: usize, n_steps: usize) {
        self.n_windows = n_windows;
        self.n_steps = n_steps;
        let rows = recorded_chunk(n_windows);
        self.chunks
            .resize_with(n_windows.div_ceil(rows), ChunkTape::default);
        for (idx, chunk) in self.chunks.iter_mut().enumerate() {
            chunk.rows = rows.min(n_windows - idx * rows);
            let states = chunk.rows * shape.padded();
            chunk.gates.resize(n_steps * states * GATES);
            chunk.cells.resize((n_steps + 1) * states);
            chunk.hiddens.resize((n_steps + 1) * states);
            chunk.cells[..states].fill(0.0);
            chunk.hiddens[..states].fill(0.0);
        }
    }
}
