//! The part of the gates' sums that comes from the inputs, for all steps at once.
//!
//! A window alone does nothing but stream the weights out of the second-level cache, once a step.
//! Projecting the inputs of all steps first reads their weights once for several steps.
//!
//! Two threads that share the units of each step, so that each reads half of the weights, are
//! slower: waking the second takes as long as half of the window (some 50 us of 150), and then each
//! waits for the other 60 times.
#![expect(
    clippy::needless_range_loop,
    reason = "indices below constants keep a tile's sums in registers"
)]

use crate::aligned::Aligned;
use crate::cell::accumulate;
use crate::pack::{GATES, LANES, PackedLstm};
use crate::simd::Simd;

/// Biases plus weighted inputs, `[rows, blocks, 4, 16]`: what [`Step::start`](crate::cell::Step)
/// can begin with. Sums go on in the same order, so results are the same to the bit.
///
/// # Shapes
/// - `inputs`: `[rows, F]`
///
/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn project<V: Simd>(lstm: &PackedLstm, inputs: &[f32]) -> Aligned {
    let shape = lstm.shape;
    let rows = inputs.len() / shape.input_size;
    let out_stride = shape.padded() * GATES;
    let mut sums = Aligned::zeros(rows * out_stride);
    for block in 0..shape.blocks() {
        // SAFETY: the block is one of the layer's, and `sums` has room for all rows and blocks.
        unsafe {
            let projection = Projection {
                x: inputs.as_ptr(),
                n_x: shape.input_size,
                rows,
                weights: lstm.weights.as_ptr().add(block * lstm.block_len()),
                bias: lstm.bias.as_ptr().add(block * GATES * LANES),
                out: sums.as_mut_ptr().add(block * GATES * LANES),
                out_stride,
            };
            projection.run::<V>();
        }
    }
    sums
}

/// The projection to one block of units.
#[derive(Clone, Copy)]
struct Projection {
    /// `[rows, n_x]`
    x: *const f32,
    n_x: usize,
    rows: usize,
    /// `[n_x, 4, 16]` and `[4, 16]` of the block.
    weights: *const f32,
    bias: *const f32,
    /// `[4, 16]` for every row, `out_stride` apart.
    out: *mut f32,
    out_stride: usize,
}

impl Projection {
    /// Computes the block for all rows.
    ///
    /// # Safety
    /// The processor has the instructions of `V`; the pointers lead to as many values as said above.
    #[inline(always)]
    unsafe fn run<V: Simd>(&self) {
        for part in 0..V::PER_BLOCK {
            let mut row = 0;
            // SAFETY: the tiles stay below `rows`.
            unsafe {
                while row + V::TILE_ROWS <= self.rows {
                    match V::TILE_ROWS {
                        6 => self.tile::<V, 6>(row, part),
                        3 => self.tile::<V, 3>(row, part),
                        _ => self.tile::<V, 2>(row, part),
                    }
                    row += V::TILE_ROWS;
                }
                while row < self.rows {
                    self.tile::<V, 1>(row, part);
                    row += 1;
                }
            }
        }
    }

    /// # Safety
    /// As for [`run`](Self::run).
    #[inline(always)]
    unsafe fn tile<V: Simd, const R: usize>(&self, row: usize, part: usize) {
        // SAFETY: the caller promises that the pointers are good for the rows.
        unsafe {
            let mut z = [[V::splat(0.0); GATES]; R];
            for gate in 0..GATES {
                let bias = V::load(self.bias.add(gate * LANES + part * V::LANES));
                for r in 0..R {
                    z[r][gate] = bias;
                }
            }
            let x = self.x.add(row * self.n_x);
            let weights = self.weights.add(part * V::LANES);
            accumulate::<V, R>(&mut z, weights, x, self.n_x, self.n_x);
            for r in 0..R {
                let out = self.out.add((row + r) * self.out_stride + part * V::LANES);
                for gate in 0..GATES {
                    z[r][gate].store(out.add(gate * LANES));
                }
            }
        }
    }
}
