//! Vectors of `f32`, written once for every instruction set.
//!
//! A kernel is a [`Kernel`]: one body, generic over [`Simd`], that [`dispatch`] compiles once for
//! each instruction set. Body and operations are `#[inline(always)]`, so that all of it lands in the
//! one function that carries the `target_feature`; what is called from there without being inlined
//! would be compiled without the instructions (correct, but slow). That includes closures.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

use crate::execution::Instructions;
use crate::pack::LANES as BLOCK;

/// A vector of [`LANES`](Self::LANES) values of `f32`.
///
/// # Safety
/// Everything here requires that the processor has the instructions of the implementation;
/// `load` and `store` also that `LANES` values lie at the address (of any alignment).
pub(crate) trait Simd: Copy {
    /// Values in a vector; divides the 16 units of a block.
    const LANES: usize;
    /// Vectors in a block of units.
    const PER_BLOCK: usize = BLOCK / Self::LANES;
    /// Rows of a tile of 4 gates whose accumulators fit in the registers.
    const TILE_ROWS: usize;

    /// The same value in every lane.
    unsafe fn splat(value: f32) -> Self;
    /// Reads `LANES` values.
    unsafe fn load(from: *const f32) -> Self;
    /// Writes `LANES` values.
    unsafe fn store(self, to: *mut f32);
    /// `self + other`
    unsafe fn add(self, other: Self) -> Self;
    /// `self - other`
    unsafe fn sub(self, other: Self) -> Self;
    /// `self * other`
    unsafe fn mul(self, other: Self) -> Self;
    /// `self / other`
    unsafe fn div(self, other: Self) -> Self;
    /// `self * factor + term`, rounded once where the processor can.
    unsafe fn fma(self, factor: Self, term: Self) -> Self;
    /// `term - self * factor`, rounded once where the processor can.
    unsafe fn fnma(self, factor: Self, term: Self) -> Self;
    /// The smaller; `other` where either is not a number.
    unsafe fn min(self, other: Self) -> Self;
    /// The larger; `other` where either is not a number.
    unsafe fn max(self, other: Self) -> Self;
    /// The nearest whole number, for magnitudes below 2^22.
    unsafe fn round(self) -> Self;
    /// 2 to the power of `self`, for whole numbers of -126 to 127.
    unsafe fn exp2_whole(self) -> Self;
}

/// A body that is compiled for every instruction set.
pub(crate) trait Kernel {
    /// What it gives.
    type Output;

    /// The body; implementations are `#[inline(always)]`.
    ///
    /// # Safety
    /// The processor has the instructions of `V`.
    unsafe fn run<V: Simd>(self) -> Self::Output;
}

/// Runs a kernel with the instructions asked for.
///
/// # Safety
/// The processor has them, as [`Execution`](crate::Execution) makes sure when it is built.
pub(crate) unsafe fn dispatch<K: Kernel>(instructions: Instructions, kernel: K) -> K::Output {
    match instructions {
        // SAFETY: the caller promises that the processor has AVX-512F.
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => unsafe { avx512::run(kernel) },
        // SAFETY: the caller promises that the processor has AVX2 and FMA.
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => unsafe { avx2::run(kernel) },
        // SAFETY: plain Rust runs on every processor.
        _ => unsafe { kernel.run::<portable::Portable>() },
    }
}
