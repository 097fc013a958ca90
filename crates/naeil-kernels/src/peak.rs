//! What the processor can do at most: multiply-adds in registers, for benchmarks to compare with.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use crate::execution::Execution;
use crate::simd::{Kernel, Simd, dispatch};

/// Multiply-adds of a chain in one measurement: some milliseconds.
const ROUNDS: usize = 800_000;

/// Measurements, of which the best counts: a limit is what is reached when nothing interferes.
const MEASUREMENTS: usize = 8;

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
    // All threads begin a measurement together, so that none is alone on the machine.
    let together = Barrier::new(execution.threads());
    let measure_often = || -> [f64; MEASUREMENTS] {
        std::array::from_fn(|_| {
            together.wait();
            measure()
        })
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..execution.threads())
            .map(|_| scope.spawn(measure_often))
            .collect();
        let mut sums = measure_often();
        for other in others {
            let theirs = other.join().unwrap_or([f64::NAN; MEASUREMENTS]);
            for (sum, rate) in sums.iter_mut().zip(theirs) {
                *sum += rate;
            }
        }
        sums.into_iter().fold(f64::NAN, f64::max)
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
