//! The validation loss: what decides which epoch is kept.

use rayon::prelude::*;

use naeil_domain::Horizon;

use crate::data::{BatchAssembler, WindowIndex, WindowRef};
use crate::device::inference_device;
use crate::inference::logits;
use crate::network::LstmNetwork;
use crate::sampling::{Stream, draw, stream};

/// Windows computed at a time, in parallel.
const CHUNK: usize = 64;

/// The windows that judge an epoch, the same for every epoch.
pub(crate) struct ValidationSet {
    index: WindowIndex,
    refs: Vec<WindowRef>,
}

impl ValidationSet {
    /// All windows of `index`, or `n_windows` of them drawn with the seed.
    pub(crate) fn new(index: WindowIndex, n_windows: Option<usize>, seed: u64) -> Self {
        let mut refs = index.windows().to_vec();
        if let Some(n) = n_windows {
            refs = draw(&mut refs, n, &mut stream(seed, Stream::Validation)).to_vec();
        }
        Self { index, refs }
    }

    /// How many windows there are.
    pub(crate) fn len(&self) -> usize {
        self.refs.len()
    }

    /// The loss on the validation windows, in f64 on the host: per horizon the mean over its
    /// labels, summed over the horizons.
    pub(crate) fn loss(&self, assembler: &BatchAssembler<'_>, network: &LstmNetwork) -> f64 {
        let parts: Vec<[LossSum; Horizon::COUNT]> = self
            .refs
            .par_chunks(CHUNK)
            .map(|refs| self.sums(assembler, network, refs))
            .collect();
        let mut totals = [LossSum::default(); Horizon::COUNT];
        // Added in the order of the windows, whichever thread was first.
        for part in parts {
            for (total, part) in totals.iter_mut().zip(part) {
                total.sum += part.sum;
                total.n += part.n;
            }
        }
        totals
            .iter()
            .filter(|t| t.n > 0)
            .map(|t| t.sum / t.n as f64)
            .sum()
    }

    fn sums(
        &self,
        assembler: &BatchAssembler<'_>,
        network: &LstmNetwork,
        refs: &[WindowRef],
    ) -> [LossSum; Horizon::COUNT] {
        let batch = assembler.assemble(&self.index, refs);
        let [_, seq_length, input_size] = batch.shape;
        let device = inference_device();
        let logits = logits(network, batch.windows, [seq_length, input_size], &device);
        let mut sums = [LossSum::default(); Horizon::COUNT];
        let labels = batch.up.iter().zip(&batch.weight).zip(&batch.offset);
        for (at, (logit, ((&up, &weight), &offset))) in logits.iter().zip(labels).enumerate() {
            if weight > 0.0 {
                let sum = &mut sums[at % Horizon::COUNT];
                sum.sum += cross_entropy(f64::from(logit + offset), up > 0.5);
                sum.n += 1;
            }
        }
        sums
    }
}

/// A loss summed over the labels of one horizon.
#[derive(Debug, Clone, Copy, Default)]
struct LossSum {
    sum: f64,
    n: usize,
}

/// Binary cross-entropy of a logit, without overflow: `ln(1 + e^-z)` for a rise, `ln(1 + e^z)`
/// else.
fn cross_entropy(logit: f64, up: bool) -> f64 {
    let against = if up { -logit } else { logit };
    against.max(0.0) + (-against.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_is_that_of_the_textbook_and_does_not_overflow() {
        // -ln sigmoid(0) = ln 2; -ln sigmoid(2) = ln(1 + e^-2) = 0.126928.
        assert!((cross_entropy(0.0, true) - std::f64::consts::LN_2).abs() < 1e-12);
        assert!((cross_entropy(2.0, true) - 0.126_928).abs() < 1e-6);
        assert!((cross_entropy(2.0, false) - 2.126_928).abs() < 1e-6);
        assert_eq!(cross_entropy(1e6, false), 1e6);
        assert_eq!(cross_entropy(1e6, true), 0.0);
    }
}
