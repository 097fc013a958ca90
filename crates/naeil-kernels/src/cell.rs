//! One step of the cell for a tile: some rows by one vector of units.
#![expect(
    clippy::needless_range_loop,
    reason = "indices below constants keep a tile's sums in registers"
)]

use crate::activation::{sigmoid, tanh};
use crate::pack::{GATES, LANES};
use crate::simd::Simd;

/// Where the values of a step lie. Pointers lead to a chunk's first row.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// Inputs of the step, rows `x_stride` apart, `n_x` of them.
    pub(crate) x: *const f32,
    pub(crate) x_stride: usize,
    pub(crate) n_x: usize,
    /// States before the step, `[rows, padded]`, of which `n_h` are read.
    pub(crate) h: *const f32,
    pub(crate) c: *const f32,
    pub(crate) n_h: usize,
    pub(crate) padded: usize,
    /// States after the step, `[rows, padded]`; `c_next` may be `c`.
    pub(crate) h_next: *mut f32,
    pub(crate) c_next: *mut f32,
    /// `[rows, blocks, 4, 16]`, or null where nobody asks for the gates.
    pub(crate) gates: *mut f32,
    /// `[n_x + n_h, 4, 16]` for every block, `weights_stride` apart.
    pub(crate) weights: *const f32,
    pub(crate) weights_stride: usize,
    /// What the sums start at, `[blocks, 4, 16]`: the same for all rows (`start_stride` 0) or rows
    /// `start_stride` apart.
    pub(crate) start: *const f32,
    pub(crate) start_stride: usize,
}

impl Step {
    /// Computes a block of units for all rows.
    ///
    /// # Safety
    /// The processor has the instructions of `V`; the pointers lead to as many values as said
    /// above, and nobody else writes what is read or touches what is written.
    #[inline(always)]
    pub(crate) unsafe fn run<V: Simd>(&self, rows: usize, block: usize) {
        let tiles = rows.div_ceil(V::TILE_ROWS);
        debug_assert!(V::TILE_ROWS <= 6);
        for part in 0..V::PER_BLOCK {
            let mut row = 0;
            for tile in 0..tiles {
                // Tiles of even size: small ones would wait for weights.
                let end = rows * (tile + 1) / tiles;
                // SAFETY: `end` is at most `rows` and a tile at most `TILE_ROWS` rows.
                unsafe {
                    match end - row {
                        1 => self.tile::<V, 1>(row, block, part),
                        2 => self.tile::<V, 2>(row, block, part),
                        3 if V::TILE_ROWS >= 3 => self.tile::<V, 3>(row, block, part),
                        4 if V::TILE_ROWS >= 4 => self.tile::<V, 4>(row, block, part),
                        5 if V::TILE_ROWS >= 5 => self.tile::<V, 5>(row, block, part),
                        _ if V::TILE_ROWS >= 6 => self.tile::<V, 6>(row, block, part),
                        _ => unreachable!(),
                    }
                }
                row = end;
            }
        }
    }

    /// Rows `row..row + R` of one vector of units.
    ///
    /// # Safety
    /// As for [`run`](Self::run).
    #[inline(always)]
    unsafe fn tile<V: Simd, const R: usize>(&self, row: usize, block: usize, part: usize) {
        // SAFETY: the caller promises that the pointers are good for the row and the block.
        unsafe {
            let unit = block * LANES + part * V::LANES;
            let weights = self
                .weights
                .add(block * self.weights_stride + part * V::LANES);
            let start = self
                .start
                .add(row * self.start_stride + block * GATES * LANES + part * V::LANES);
            let mut z = [[V::splat(0.0); GATES]; R];
            for r in 0..R {
                for gate in 0..GATES {
                    z[r][gate] = V::load(start.add(r * self.start_stride + gate * LANES));
                }
            }
            let x = self.x.add(row * self.x_stride);
            accumulate::<V, R>(&mut z, weights, x, self.x_stride, self.n_x);
            let weights = weights.add(self.n_x * GATES * LANES);
            let h = self.h.add(row * self.padded);
            accumulate::<V, R>(&mut z, weights, h, self.padded, self.n_h);
            for r in 0..R {
                let at = (row + r) * self.padded + unit;
                let c = V::load(self.c.add(at));
                let (gates, c, h) = activate(z[r], c);
                c.store(self.c_next.add(at));
                h.store(self.h_next.add(at));
                if !self.gates.is_null() {
                    let to = self
                        .gates
                        .add(((row + r) * self.padded + block * LANES) * GATES + part * V::LANES);
                    for gate in 0..GATES {
                        gates[gate].store(to.add(gate * LANES));
                    }
                }
            }
        }
    }
}

/// Adds `n` inputs times their weights to the sums of `R` rows.
///
/// Every sum is a single chain in the order of the inputs, whatever the tile: that is what makes a
/// window's result the same in every batch.
///
/// # Safety
/// The processor has the instructions of `V`; `n` inputs lie at `inputs` and every `stride` after
/// it, `n` times 64 weights at `weights`.
#[inline(always)]
pub(crate) unsafe fn accumulate<V: Simd, const R: usize>(
    z: &mut [[V; GATES]; R],
    mut weights: *const f32,
    mut inputs: *const f32,
    stride: usize,
    n: usize,
) {
    let mut sums = *z;
    for _ in 0..n {
        // SAFETY: the caller promises as many values.
        unsafe {
            let mut x = [V::splat(0.0); R];
            for r in 0..R {
                x[r] = V::splat(*inputs.add(r * stride));
            }
            // One weight at a time: with 16 registers there is no room for four.
            for gate in 0..GATES {
                let weight = V::load(weights.add(gate * LANES));
                for r in 0..R {
                    sums[r][gate] = x[r].fma(weight, sums[r][gate]);
                }
            }
            weights = weights.add(GATES * LANES);
            inputs = inputs.add(1);
        }
    }
    *z = sums;
}

/// The gates after their activation, the cell and the hidden state, from the gates' sums.
///
/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn activate<V: Simd>(z: [V; GATES], c: V) -> ([V; GATES], V, V) {
    // SAFETY: the caller's promise; no memory is touched.
    unsafe {
        let (i, f, g, o) = (sigmoid(z[0]), sigmoid(z[1]), tanh(z[2]), sigmoid(z[3]));
        let c = f.fma(c, i.mul(g));
        ([i, f, g, o], c, o.mul(tanh(c)))
    }
}
