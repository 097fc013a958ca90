//! Everything random in a training, from one seed.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::data::WindowRef;

/// The random streams of one seed, so that drawing more of one does not shift another.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Sampling = 1,
    Dropout = 2,
    Validation = 3,
}

/// The generator of one purpose.
pub(crate) fn stream(seed: u64, stream: Stream) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream as u64);
    rng
}

/// Draws `n` of `refs` without replacement, in random order.
pub(crate) fn draw<'r>(
    refs: &'r mut [WindowRef],
    n: usize,
    rng: &mut ChaCha8Rng,
) -> &'r [WindowRef] {
    let n = n.min(refs.len());
    let (drawn, _) = refs.partial_shuffle(rng, n);
    drawn
}

/// Draws the factors of a batch's last hidden states: 0 at the rate of `dropout`, and else what
/// keeps the mean. They come from our own generator, because burn's is one for the whole process:
/// a training beside this one would change the result.
pub(crate) fn dropout_mask(
    n_values: usize,
    dropout: f64,
    rng: &mut ChaCha8Rng,
) -> Option<Vec<f32>> {
    if dropout == 0.0 {
        return None;
    }
    let kept = (1.0 / (1.0 - dropout)) as f32;
    let draw = |_| if rng.random_bool(dropout) { 0.0 } else { kept };
    Some((0..n_values).map(draw).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropout_draws_zeros_at_its_rate_and_keeps_the_mean() {
        let mask = dropout_mask(24_000, 0.25, &mut stream(1, Stream::Dropout)).unwrap();
        let zeros = mask.iter().filter(|&&factor| factor == 0.0).count();
        let share = zeros as f64 / mask.len() as f64;
        // Standard error of 24,000 draws: sqrt(0.25 * 0.75 / 24,000) = 0.0028.
        assert!((share - 0.25).abs() < 0.012, "{share}");
        assert!(mask.iter().all(|&f| f == 0.0 || f == 4.0 / 3.0));
        assert_eq!(dropout_mask(4, 0.0, &mut stream(1, Stream::Dropout)), None);
    }

    #[test]
    fn a_sample_has_no_window_twice_and_other_purposes_draw_otherwise() {
        let all: Vec<WindowRef> = (0..100)
            .map(|i| WindowRef {
                session_idx: i,
                stock_idx: 0,
            })
            .collect();
        let sample = |purpose| {
            let mut order = all.clone();
            let drawn = draw(&mut order, 40, &mut stream(9, purpose)).to_vec();
            drawn.into_iter().map(|w| w.session_idx).collect::<Vec<_>>()
        };
        let first = sample(Stream::Sampling);
        let distinct: std::collections::BTreeSet<_> = first.iter().collect();
        assert_eq!(distinct.len(), 40);
        assert_eq!(first, sample(Stream::Sampling));
        assert_ne!(first, sample(Stream::Validation));

        let mut order = all.clone();
        assert_eq!(
            draw(&mut order, 500, &mut stream(9, Stream::Sampling)).len(),
            100
        );
    }
}
