//! A tile of a matrix product, held in registers.

use crate::simd::Simd;

/// Values between two entries of a panel: 4 gates of a block, or 64 columns.
pub(super) const PANEL: usize = 64;

/// Vectors of a tile's row.
pub(super) const TILE_VECTORS: usize = 4;

/// Where the factors of a tile lie: `out[r][v] = sum over k of left[r, k] * panel[k][v]`.
#[derive(Clone, Copy)]
pub(super) struct Product {
    /// Terms of a sum.
    pub(super) len: usize,
    /// The left factor; row `r`, term `k` at `r * left_row + k * left_term`.
    pub(super) left: *const f32,
    pub(super) left_row: usize,
    pub(super) left_term: usize,
    /// The right factor; vector `v`, term `k` at `k * PANEL + v * vector`.
    pub(super) panel: *const f32,
    pub(super) vector: usize,
    /// The result; row `r`, vector `v` at `r * out_row + v * vector`.
    pub(super) out: *mut f32,
    pub(super) out_row: usize,
    /// Whether the product is added to what stands there.
    pub(super) adds: bool,
}

/// Computes a tile of `rows` rows (1 to 6) and `N` vectors (1 to 4).
///
/// # Safety
/// The processor has the instructions of `V`; every place that `product` names lies within its
/// buffer, `V::LANES` values long for vectors; `out` overlaps neither factor.
#[inline(always)]
pub(super) unsafe fn tile<V: Simd, const N: usize>(rows: usize, product: Product) {
    // SAFETY: the caller's promise, handed on.
    unsafe {
        match rows {
            1 => rows_1::<V, N>(product),
            2 => rows_2::<V, N>(product),
            3 => rows_3::<V, N>(product),
            4 => rows_4::<V, N>(product),
            5 => rows_5::<V, N>(product),
            _ => rows_6::<V, N>(product),
        }
    }
}

/// Rows are named variables and vectors constant indices: accumulators in an array that a loop
/// indexes are spilled to the stack in every term.
macro_rules! tile_of_rows {
    ($name:ident: $($row:ident $factor:ident $place:ident $idx:literal),*) => {
        #[inline(always)]
        unsafe fn $name<V: Simd, const N: usize>(product: Product) {
            let Product { len, left, left_row, left_term, panel, vector, out, out_row, adds } = product;
            // SAFETY: the promise of `tile`.
            unsafe {
                $(
                    let mut $row = if adds {
                        load::<V, N>(out.add($idx * out_row), vector)
                    } else {
                        [V::splat(0.0); TILE_VECTORS]
                    };
                )*
                // Nothing in the loop is checked for overflow, not even in a dev build.
                let (mut panel, mut left) = (panel, left);
                $(let $place = $idx * left_row;)*
                let vectors = [vector, 2 * vector, 3 * vector];
                for _ in 0..len {
                    $(let $factor = V::splat(*left.wrapping_add($place));)*
                    let right = V::load(panel);
                    $($row[0] = $factor.fma(right, $row[0]);)*
                    if N > 1 {
                        let right = V::load(panel.wrapping_add(vectors[0]));
                        $($row[1] = $factor.fma(right, $row[1]);)*
                    }
                    if N > 2 {
                        let right = V::load(panel.wrapping_add(vectors[1]));
                        $($row[2] = $factor.fma(right, $row[2]);)*
                    }
                    if N > 3 {
                        let right = V::load(panel.wrapping_add(vectors[2]));
                        $($row[3] = $factor.fma(right, $row[3]);)*
                    }
                    panel = panel.wrapping_add(PANEL);
                    left = left.wrapping_add(left_term);
                }
                $(store::<V, N>($row, out.add($idx * out_row), vector);)*
            }
        }
    };
}

tile_of_rows!(rows_1: a a_factor a_place 0);
tile_of_rows!(rows_2: a a_factor a_place 0, b b_factor b_place 1);
tile_of_rows!(rows_3: a a_factor a_place 0, b b_factor b_place 1, c c_factor c_place 2);
tile_of_rows!(rows_4: a a_factor a_place 0, b b_factor b_place 1, c c_factor c_place 2, d d_factor d_place 3);
tile_of_rows!(rows_5: a a_factor a_place 0, b b_factor b_place 1, c c_factor c_place 2, d d_factor d_place 3, e e_factor e_place 4);
tile_of_rows!(rows_6: a a_factor a_place 0, b b_factor b_place 1, c c_factor c_place 2, d d_factor d_place 3, e e_factor e_place 4, f f_factor f_place 5);

#[inline(always)]
unsafe fn load<V: Simd, const N: usize>(from: *const f32, vector: usize) -> [V; TILE_VECTORS] {
    // SAFETY: the promise of `tile`: N vectors lie there.
    unsafe {
        let mut row = [V::splat(0.0); TILE_VECTORS];
        row[0] = V::load(from);
        if N > 1 {
            row[1] = V::load(from.add(vector));
        }
        if N > 2 {
            row[2] = V::load(from.add(2 * vector));
        }
        if N > 3 {
            row[3] = V::load(from.add(3 * vector));
        }
        row
    }
}

#[inline(always)]
unsafe fn store<V: Simd, const N: usize>(row: [V; TILE_VECTORS], to: *mut f32, vector: usize) {
    // SAFETY: the promise of `tile`: N vectors fit there.
    unsafe {
        row[0].store(to);
        if N > 1 {
            row[1].store(to.add(vector));
        }
        if N > 2 {
            row[2].store(to.add(2 * vector));
        }
        if N > 3 {
            row[3].store(to.add(3 * vector));
        }
    }
}
