//! Back-propagation through the steps of one chunk.

use crate::activation::tanh;
use crate::pack::{GATES, LANES, LstmShape};
use crate::simd::{Kernel, Simd};
use crate::tape::ChunkTape;

use super::OutputGradient;
use super::product::{PANEL, Product, TILE_VECTORS, tile};
use super::transposed::Transposed;
use super::workspace::{Group, collected_steps, padded_inputs};

/// Rows of a tile of a product with the transposed weights.
const MOST_ROWS: usize = 6;

/// Back-propagation through a chunk; adds to the sums of `group`.
///
/// The slices are those of the chunk's rows; `group` was prepared for it.
pub(super) struct ChunkPass<'a> {
    pub(super) shape: LstmShape,
    pub(super) n_steps: usize,
    pub(super) windows: &'a [f32],
    pub(super) tape: &'a ChunkTape,
    pub(super) hidden_weights: &'a Transposed,
    pub(super) input_weights: &'a Transposed,
    pub(super) output_gradient: OutputGradient<'a>,
    pub(super) at_windows: Option<&'a mut [f32]>,
    pub(super) group: &'a mut Group,
}

impl Kernel for ChunkPass<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Simd>(mut self) {
        let rows = self.tape.rows;
        let (padded, f) = (self.shape.padded(), self.shape.input_size);
        let capacity = collected_steps(rows) * rows;
        let mut collected = 0;
        for step in (0..self.n_steps).rev() {
            self.add_output_gradient(step);
            // SAFETY: the processor has the instructions of `V`, and the buffers have the lengths
            // that `Group::prepare` and `Tape::prepare` say; fewer than `capacity` are collected.
            unsafe { self.at_gates::<V>(step, collected, capacity) };
            self.collect_inputs::<V>(step, collected, capacity);
            collected += rows;
            if step > 0 {
                let out = self.group.at_hidden.as_mut_ptr();
                // SAFETY: as above; `out` is `[rows, padded]`, the weights those of H columns.
                unsafe { self.at_columns::<V>(self.hidden_weights, out, padded) };
            }
            if self.at_windows.is_some() {
                let padded = f.next_multiple_of(LANES);
                let out = self.group.at_inputs.as_mut_ptr();
                // SAFETY: as above; `out` is `[rows, padded]`, the weights those of F columns.
                unsafe { self.at_columns::<V>(self.input_weights, out, padded) };
                self.write_at_windows(step);
            }
            if collected == capacity || step == 0 {
                // SAFETY: as above; at most `capacity` are collected.
                unsafe { self.add_weight_gradients::<V>(collected, capacity) };
                collected = 0;
            }
        }
    }
}

impl ChunkPass<'_> {
    /// Adds what the loss says of this step's hidden states.
    #[inline(always)]
    fn add_output_gradient(&mut self, step: usize) {
        let (h, padded) = (self.shape.hidden_size, self.shape.padded());
        let (given, per_row, first) = match self.output_gradient {
            OutputGradient::Last(_) if step + 1 < self.n_steps => return,
            OutputGradient::Last(given) => (given, h, 0),
            OutputGradient::Every(given) => (given, self.n_steps * h, step * h),
        };
        for (at_hidden, given) in self
            .group
            .at_hidden
            .chunks_exact_mut(padded)
            .zip(given.chunks_exact(per_row))
        {
            for (at_hidden, given) in at_hidden.iter_mut().zip(&given[first..first + h]) {
                *at_hidden += given;
            }
        }
    }

    /// From gradients at hidden states and cells to those at the gates before their activation.
    ///
    /// ```text
    /// dc += dh o (1 - tanh(c)^2)      di = dc g i (1 - i)           dg = dc i (1 - g^2)
    ///                                 df = dc c_before f (1 - f)    do = dh tanh(c) o (1 - o)
    /// dc_before = dc f
    /// ```
    #[inline(always)]
    unsafe fn at_gates<V: Simd>(&mut self, step: usize, collected: usize, capacity: usize) {
        let (rows, blocks, padded) = (self.tape.rows, self.shape.blocks(), self.shape.padded());
        let gates = self.tape.gates.as_ptr();
        let cells = self.tape.cells.as_ptr();
        let at_hidden = self.group.at_hidden.as_ptr();
        let at_cell = self.group.at_cell.as_mut_ptr();
        let at_gates = self.group.at_gates.as_mut_ptr();
        let collected_gates = self.group.collected_gates.as_mut_ptr();
        for row in 0..rows {
            let state = step * rows + row;
            for unit in (0..padded).step_by(V::LANES) {
                let (block, lane) = (unit / LANES, unit % LANES);
                // SAFETY: `unit + V::LANES` is at most `padded`, `row` below `rows`, `step` below
                // `n_steps`, `collected + row` below `capacity`: the places lie in the buffers.
                unsafe {
                    let one = V::splat(1.0);
                    let activated = gates.add((state * blocks + block) * PANEL + lane);
                    let i = V::load(activated);
                    let f = V::load(activated.add(LANES));
                    let g = V::load(activated.add(2 * LANES));
                    let o = V::load(activated.add(3 * LANES));
                    let before = V::load(cells.add(state * padded + unit));
                    let tanh_c = tanh(V::load(cells.add((state + rows) * padded + unit)));
                    let dh = V::load(at_hidden.add(row * padded + unit));
                    let at_cell = at_cell.add(row * padded + unit);
                    let dc = dh.mul(o).fma(tanh_c.fnma(tanh_c, one), V::load(at_cell));
                    dc.mul(f).store(at_cell);
                    let di = dc.mul(g).mul(i.fnma(i, i));
                    let df = dc.mul(before).mul(f.fnma(f, f));
                    let dg = dc.mul(i).mul(g.fnma(g, one));
                    let do_ = dh.mul(tanh_c).mul(o.fnma(o, o));
                    let place = at_gates.add((row * blocks + block) * PANEL + lane);
                    let collect = (block * capacity + collected + row) * PANEL + lane;
                    let collect = collected_gates.add(collect);
                    di.store(place);
                    df.store(place.add(LANES));
                    dg.store(place.add(2 * LANES));
                    do_.store(place.add(3 * LANES));
                    di.store(collect);
                    df.store(collect.add(LANES));
                    dg.store(collect.add(2 * LANES));
                    do_.store(collect.add(3 * LANES));
                }
            }
        }
    }

    /// Keeps the inputs of this step's gates, a tile's beside each other.
    #[inline(always)]
    fn collect_inputs<V: Simd>(&mut self, step: usize, collected: usize, capacity: usize) {
        let (rows, padded) = (self.tape.rows, self.shape.padded());
        let (f, h) = (self.shape.input_size, self.shape.hidden_size);
        let group = &mut *self.group;
        for row in 0..rows {
            let x = (row * self.n_steps + step) * f;
            let before = (step * rows + row) * padded;
            group.input_row[..f].copy_from_slice(&self.windows[x..x + f]);
            group.input_row[f..f + h].copy_from_slice(&self.tape.hiddens[before..before + h]);
            let tiles = group.input_row.len() / V::TILE_ROWS;
            assert!(group.collected_inputs.len() >= tiles * capacity * V::TILE_ROWS);
            assert!(collected + row < capacity);
            for tile in 0..tiles {
                // SAFETY: `tiles` tiles lie in the row, and as many times `capacity` in the buffer.
                // (A copy of a length that the compiler knows; a slice's would be a call.)
                unsafe {
                    let from = group.input_row.as_ptr().add(tile * V::TILE_ROWS);
                    let place = (tile * capacity + collected + row) * V::TILE_ROWS;
                    let to = group.collected_inputs.as_mut_ptr().add(place);
                    std::ptr::copy_nonoverlapping(from, to, V::TILE_ROWS);
                }
            }
        }
    }

    /// Gradients at some of the inputs of this step's gates, to `out`: `[rows, padded]`.
    #[inline(always)]
    unsafe fn at_columns<V: Simd>(&self, weights: &Transposed, out: *mut f32, padded: usize) {
        let rows = self.tape.rows;
        let n_gates = self.shape.padded() * GATES;
        // As many rows in each tile as in the others: a small last tile would run at half speed.
        let n_tiles = rows.div_ceil(V::TILE_ROWS.min(MOST_ROWS));
        for column in (0..padded).step_by(TILE_VECTORS * V::LANES) {
            let vectors = TILE_VECTORS.min((padded - column) / V::LANES);
            let panel = column / PANEL * n_gates * PANEL + column % PANEL;
            for tile_idx in 0..n_tiles {
                let first = tile_idx * rows / n_tiles;
                let n_rows = (tile_idx + 1) * rows / n_tiles - first;
                // SAFETY: rows `first..first + n_rows` and `vectors` vectors from `column` on lie
                // within `[rows, padded]` of `out` and the panel; `at_gates` is `[rows, n_gates]`.
                unsafe {
                    let product = Product {
                        len: n_gates,
                        left: self.group.at_gates.as_ptr().add(first * n_gates),
                        left_row: n_gates,
                        left_term: 1,
                        panel: weights.values.as_ptr().add(panel),
                        vector: V::LANES,
                        out: out.add(first * padded + column),
                        out_row: padded,
                        adds: false,
                    };
                    match vectors {
                        1 => tile::<V, 1>(n_rows, product),
                        2 => tile::<V, 2>(n_rows, product),
                        3 => tile::<V, 3>(n_rows, product),
                        _ => tile::<V, 4>(n_rows, product),
                    }
                }
            }
        }
    }

    /// Copies the gradients at this step's inputs to their places.
    #[inline(always)]
    fn write_at_windows(&mut self, step: usize) {
        let f = self.shape.input_size;
        let Some(at_windows) = self.at_windows.as_deref_mut() else {
            return;
        };
        for (at_window, at_inputs) in at_windows
            .chunks_exact_mut(self.n_steps * f)
            .zip(self.group.at_inputs.chunks_exact(f.next_multiple_of(LANES)))
        {
            at_window[step * f..(step + 1) * f].copy_from_slice(&at_inputs[..f]);
        }
    }

    /// Adds the product of what was collected to the weight gradients.
    #[inline(always)]
    unsafe fn add_weight_gradients<V: Simd>(&mut self, collected: usize, capacity: usize) {
        let n_inputs = padded_inputs(self.shape);
        let sums = self.group.weight_gradients.as_mut_ptr();
        for block in 0..self.shape.blocks() {
            for input in (0..n_inputs).step_by(V::TILE_ROWS) {
                for lane in (0..LANES).step_by(V::LANES) {
                    // SAFETY: a tile's inputs divide `n_inputs`, `collected` is at most
                    // `capacity`, and a vector from `lane` on ends within its gate.
                    unsafe {
                        let gates = self.group.collected_gates.as_ptr();
                        let inputs = self.group.collected_inputs.as_ptr();
                        let product = Product {
                            len: collected,
                            left: inputs.add(input * capacity),
                            left_row: 1,
                            left_term: V::TILE_ROWS,
                            panel: gates.add(block * capacity * PANEL + lane),
                            vector: LANES,
                            out: sums.add((block * n_inputs + input) * PANEL + lane),
                            out_row: PANEL,
                            adds: true,
                        };
                        tile::<V, TILE_VECTORS>(V::TILE_ROWS, product);
                    }
                }
            }
        }
    }
}
