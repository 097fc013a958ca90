//! What a forward pass leaves for the backward pass.

use crate::aligned::Aligned;
use crate::pack::{GATES, LstmShape};

/// Windows that are computed together: few enough that a step's states stay in the cache. Chunks
/// depend on the batch alone, so sums over them come out the same on any number of threads.
pub(crate) const CHUNK: usize = 48;

/// The states of a forward pass; its buffers are used again by the next pass.
#[derive(Debug, Default)]
pub struct Tape {
    pub(crate) n_windows: usize,
    pub(crate) n_steps: usize,
    pub(crate) chunks: Vec<ChunkTape>,
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
        self.chunks
            .resize_with(n_windows.div_ceil(CHUNK), ChunkTape::default);
        for (idx, chunk) in self.chunks.iter_mut().enumerate() {
            chunk.rows = CHUNK.min(n_windows - idx * CHUNK);
            let states = chunk.rows * shape.padded();
            chunk.gates.resize(n_steps * states * GATES);
            chunk.cells.resize((n_steps + 1) * states);
            chunk.hiddens.resize((n_steps + 1) * states);
            chunk.cells[..states].fill(0.0);
            chunk.hiddens[..states].fill(0.0);
        }
    }
}
