//! Everything random in a training, from one seed and a place in it.

#[cfg(test)]
mod tests;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What is drawn. Each purpose has a generator of its own at every place, so drawing more of one
/// does not shift another, and a training that goes on from a checkpoint needs no generator's state.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Draw {
    /// The order of the sessions in an epoch, counted from 0.
    Sessions(usize),
    /// The stocks of a step, counted over the whole training.
    Stocks(usize),
    /// The dropout of a step.
    Dropout(usize),
    /// The windows of a validation session.
    Validation(usize),
}

/// The generator of one purpose at one place.
pub(crate) fn generator(seed: u64, draw: Draw) -> ChaCha8Rng {
    let (purpose, place) = match draw {
        Draw::Sessions(epoch) => (1_u64, epoch),
        Draw::Stocks(step) => (2, step),
        Draw::Dropout(step) => (3, step),
        Draw::Validation(session) => (4, session),
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(purpose << 56 | place as u64);
    rng
}

/// The numbers below `n` in random order.
pub(crate) fn shuffled(n: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(rng);
    order
}

/// A share of the numbers below `n`, at least two of them if there are, ascending.
pub(crate) fn drawn(n: usize, share: f64, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let n_drawn = ((share * n as f64).round() as usize).max(2).min(n);
    let (drawn, _) = order.partial_shuffle(rng, n_drawn);
    drawn.sort_unstable();
    drawn.to_vec()
}

/// Draws the factors of dropout: 0 at its rate, and else what keeps the mean. They come from our own
/// generator, because burn's is one for the whole process: a training beside this one would change
/// the result.
pub(crate) fn dropout_factors(n: usize, dropout: f64, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let kept = (1.0 / (1.0 - dropout)) as f32;
    let draw = |_| if rng.random_bool(dropout) { 0.0 } else { kept };
    (0..n).map(draw).collect()
}
