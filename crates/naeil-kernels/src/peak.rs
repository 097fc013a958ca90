//! What the processor can do at most: multiply-adds in registers, for benchmarks to compare with.

use std::hint::black_box;
use std::time::Instant;

use crate::execution::Execution;
use crate::simd::{Kernel, Simd, dispatch};

/// Rounds of a measurement: some milliseconds.
const ROUNDS: usize = 4_000_000;

/// Chains of multiply-adds that do not wait for each other: more than latency times throughput of
/// any processor.
const CHAINS: usize = 12;

/// Measures multiply-adds in registers on every thread of `execution` at once.
///
/// # Units
/// GFLOP/s, a multiply-add counting two.
pub fn fma_peak(execution: Execution) -> f64 {
    let measure = || {
        let started = Instant::now();
        // SAFETY: an `Execution` holds only instructions that the processor has.
        let lanes = unsafe { dispatch(execution.instructions(), Chains(black_box(0.5))) };
        (ROUNDS * CHAINS * lanes * 2) as f64 / started.elapsed().as_secs_f64() / 1e9
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..execution.threads())
            .map(|_| scope.spawn(measure))
            .collect();
        let own = measure();
        let theirs = others
            .into_iter()
            .map(|other| other.join().unwrap_or(f64::NAN));
        own + theirs.sum::<f64>()
    })
}

/// Independent chains of multiply-adds from a value that the compiler does not know.
struct Chains(f32);

impl Kernel for Chains {
    /// Lanes of a vector.
    type Output = usize;

    #[inline(always)]
    unsafe fn run<V: Simd>(self) -> usize {
        // SAFETY: the caller promises the instructions; the store is of `LANES` <= 16 values.
        unsafe {
            let (factor, term) = (V::splat(self.0), V::splat(self.0 * 0.5));
            let mut chains = [term; CHAINS];
            for _ in 0..ROUNDS {
                for chain in &mut chains {
                    *chain = chain.fma(factor, term);
                }
            }
            let mut kept = [0.0_f32; 16];
            for chain in chains {
                chain.store(kept.as_mut_ptr());
                black_box(&kept);
            }
            V::LANES
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_a_number() {
        let peak = fma_peak(Execution::detect());
        assert!(peak.is_finite() && peak > 0.1, "{peak}");
        eprintln!("{peak:.0} GFLOP/s");
    }
}
