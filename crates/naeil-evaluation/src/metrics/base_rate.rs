//! Probabilities given the session's own base rate.

use crate::metrics::log_loss::PROBABILITY_FLOOR;

/// Shifts the probabilities of one session, by one number on the logit scale, so that their mean is
/// the session's own share of rises; `None` where all rows or none rose, which no finite shift gives.
///
/// ```text
/// p' = sigmoid(logit p + d),   d such that   sum p' = number of rises
/// ```
///
/// The session's base rate is the market's and is known only afterwards; what is left is what the
/// forecaster says of its stocks: by how much one is likelier to rise than another. An error of `p'`
/// is the forecaster's own, whatever constant its calibration adds.
///
/// Probabilities are clipped like those of the log loss before their logit is taken.
pub fn given_base_rate(probabilities: &[f64], n_rises: usize) -> Option<Vec<f64>> {
    if n_rises == 0 || n_rises >= probabilities.len() {
        return None;
    }
    let logits: Vec<f64> = probabilities
        .iter()
        .map(|p| logit(p.clamp(PROBABILITY_FLOOR, 1.0 - PROBABILITY_FLOOR)))
        .collect();
    let rises = n_rises as f64;
    let base = logit(rises / probabilities.len() as f64);
    // At these shifts no probability is above, or none below, the base rate.
    let (min, max) = logits
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), &z| {
            (min.min(z), max.max(z))
        });
    let (mut low, mut high) = (base - max, base - min);
    let mut shift = (low + high) / 2.0;
    let mut shifted = vec![0.0; logits.len()];
    // Newton's steps, halving the bracket where one leaves it: a few in practice.
    for _ in 0..MAX_STEPS {
        let (mut sum, mut slope) = (0.0, 0.0);
        for (p, z) in shifted.iter_mut().zip(&logits) {
            *p = sigmoid(z + shift);
            sum += *p;
            slope += *p * (1.0 - *p);
        }
        let excess = sum - rises;
        if excess.abs() <= TOLERANCE * rises {
            break;
        }
        if excess > 0.0 {
            high = shift;
        } else {
            low = shift;
        }
        let step = shift - excess / slope;
        shift = if step > low && step < high {
            step
        } else {
            (low + high) / 2.0
        };
    }
    Some(shifted)
}

const MAX_STEPS: usize = 200;
/// Relative to the number of rises.
const TOLERANCE: f64 = 1e-13;

fn logit(p: f64) -> f64 {
    p.ln() - (-p).ln_1p()
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

#[cfg(test)]
mod tests;
