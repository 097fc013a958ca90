//! Plain Rust: 4 lanes, which every processor of today has in one register.

use super::Simd;

const LANES: usize = 4;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Portable([f32; LANES]);

/// `[op(0), op(1), ...]` without a closure or a loop, so that nothing stands in the way of the
/// compiler's vectors.
macro_rules! lanes {
    (|$lane:ident| $value:expr) => {{
        Self([
            {
                let $lane = 0;
                $value
            },
            {
                let $lane = 1;
                $value
            },
            {
                let $lane = 2;
                $value
            },
            {
                let $lane = 3;
                $value
            },
        ])
    }};
}

impl Simd for Portable {
    const LANES: usize = LANES;
    const TILE_ROWS: usize = 2;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller promises that `LANES` values lie there; no alignment is assumed.
        Self(unsafe { from.cast::<[f32; LANES]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as for `load`.
        unsafe { to.cast::<[f32; LANES]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        lanes!(|lane| self.0[lane] + other.0[lane])
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        lanes!(|lane| self.0[lane] - other.0[lane])
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        lanes!(|lane| self.0[lane] * other.0[lane])
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        lanes!(|lane| self.0[lane] / other.0[lane])
    }

    // Two roundings: without the instruction, `f32::mul_add` is a slow call of the C library.
    #[inline(always)]
    unsafe fn fma(self, factor: Self, term: Self) -> Self {
        lanes!(|lane| self.0[lane] * factor.0[lane] + term.0[lane])
    }

    #[inline(always)]
    unsafe fn fnma(self, factor: Self, term: Self) -> Self {
        lanes!(|lane| term.0[lane] - self.0[lane] * factor.0[lane])
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        lanes!(|lane| if self.0[lane] < other.0[lane] {
            self.0[lane]
        } else {
            other.0[lane]
        })
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        lanes!(|lane| if self.0[lane] > other.0[lane] {
            self.0[lane]
        } else {
            other.0[lane]
        })
    }

    #[inline(always)]
    unsafe fn round(self) -> Self {
        // Adding 1.5 * 2^23 leaves no bits for a fraction; `f32::round_ties_even` would be a call.
        const SHIFT: f32 = 12_582_912.0;
        lanes!(|lane| (self.0[lane] + SHIFT) - SHIFT)
    }

    #[inline(always)]
    unsafe fn exp2_whole(self) -> Self {
        // The sum's low bits hold the biased exponent.
        const SHIFT: f32 = 12_582_912.0 + 127.0;
        lanes!(|lane| f32::from_bits((self.0[lane] + SHIFT).to_bits() << 23))
    }
}
