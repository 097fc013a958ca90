//! What happens to a stock beside trading: listing, delisting, halts and splits.

use std::ops::Range;

use rand::{Rng, RngExt};

/// Share of stocks that are listed after the first session.
const LISTED_LATER: f64 = 0.06;
/// Share of the others that are delisted before the last session.
const DELISTED: f64 = 0.04;
/// Share of stocks that split once.
const SPLITS: f64 = 0.10;
/// New shares for one, each as likely as it occurs here.
const SPLIT_RATIOS: [f64; 5] = [2.0, 5.0, 5.0, 5.0, 10.0];
/// Sessions for which trading rests before a split takes effect.
const HALTED_BEFORE_SPLIT: usize = 3;
/// Probability that a halt begins in a session, its longest usual length, and how many are long.
const HALT_START: f64 = 0.000_6;
const USUAL_HALT: Range<usize> = 1..6;
const LONG_HALT: Range<usize> = 15..40;
const LONG_HALT_SHARE: f64 = 0.05;

/// How a halted session's bar spells open, high and low; both occur in recorded data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HaltSpelling {
    /// As 0.
    Zeros,
    /// As the close.
    RepeatedClose,
}

/// The planned life of one stock, in session indices.
#[derive(Debug, Clone)]
pub(crate) struct LifePlan {
    /// Sessions with a bar.
    pub(crate) listed: Range<usize>,
    halts: Vec<(Range<usize>, HaltSpelling)>,
    /// First session after the split, and how many shares each became.
    split: Option<(usize, f64)>,
}

impl LifePlan {
    /// A stock that is listed throughout and never interrupted.
    pub(crate) fn uneventful(n_sessions: usize) -> Self {
        Self {
            listed: 0..n_sessions,
            halts: Vec::new(),
            split: None,
        }
    }

    /// Draws a life; nothing in it depends on prices, so nothing in it predicts them.
    pub(crate) fn draw(n_sessions: usize, rng: &mut impl Rng) -> Self {
        let listed = draw_listed(n_sessions, rng);
        let split = rng
            .random_bool(SPLITS)
            .then(|| draw_split(&listed, rng))
            .flatten();
        let mut halts: Vec<(Range<usize>, HaltSpelling)> = Vec::new();
        if let Some((session, _)) = split {
            halts.push((session - HALTED_BEFORE_SPLIT..session, draw_spelling(rng)));
        }
        for session in listed.clone().skip(1) {
            if !rng.random_bool(HALT_START) {
                continue;
            }
            let halt = session..(session + draw_halt_length(rng)).min(listed.end);
            let spelling = draw_spelling(rng);
            // A split takes effect in a session that trades, and halts do not merge.
            let is_free = |taken: &Range<usize>| halt.end < taken.start || taken.end < halt.start;
            if halts.iter().all(|(taken, _)| is_free(taken)) {
                halts.push((halt, spelling));
            }
        }
        Self {
            listed,
            halts,
            split,
        }
    }

    /// How the session's bar spells a halt, if the stock is halted in it.
    pub(crate) fn halt_at(&self, session_idx: usize) -> Option<HaltSpelling> {
        self.halts
            .iter()
            .find(|(halt, _)| halt.contains(&session_idx))
            .map(|&(_, spelling)| spelling)
    }

    /// How many shares one became at the session's opening, if the stock splits then.
    pub(crate) fn split_at(&self, session_idx: usize) -> Option<f64> {
        self.split
            .filter(|&(session, _)| session == session_idx)
            .map(|(_, ratio)| ratio)
    }
}

fn draw_listed(n_sessions: usize, rng: &mut impl Rng) -> Range<usize> {
    let within = |from: f64, to: f64, rng: &mut _| -> usize {
        let at = |share: f64| (share * n_sessions as f64) as usize;
        RngExt::random_range(rng, at(from)..at(to))
    };
    if rng.random_bool(LISTED_LATER) {
        within(0.10, 0.80, rng)..n_sessions
    } else if rng.random_bool(DELISTED) {
        0..within(0.30, 0.95, rng)
    } else {
        0..n_sessions
    }
}

fn draw_split(listed: &Range<usize>, rng: &mut impl Rng) -> Option<(usize, f64)> {
    let earliest = listed.start + HALTED_BEFORE_SPLIT + 1;
    let session = (earliest < listed.end).then(|| rng.random_range(earliest..listed.end))?;
    Some((
        session,
        SPLIT_RATIOS[rng.random_range(0..SPLIT_RATIOS.len())],
    ))
}

fn draw_halt_length(rng: &mut impl Rng) -> usize {
    if rng.random_bool(LONG_HALT_SHARE) {
        rng.random_range(LONG_HALT)
    } else {
        rng.random_range(USUAL_HALT)
    }
}

fn draw_spelling(rng: &mut impl Rng) -> HaltSpelling {
    if rng.random_bool(0.5) {
        HaltSpelling::Zeros
    } else {
        HaltSpelling::RepeatedClose
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn plans_are_consistent() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let plans: Vec<LifePlan> = (0..2_000).map(|_| LifePlan::draw(500, &mut rng)).collect();
        for plan in &plans {
            assert!(!plan.listed.is_empty() && plan.listed.end <= 500);
            assert_eq!(
                plan.halt_at(plan.listed.start),
                None,
                "the first bar trades"
            );
            if let Some((session, ratio)) = plan.split {
                assert!(plan.listed.contains(&session));
                assert_eq!(
                    plan.halt_at(session),
                    None,
                    "a split's first session trades"
                );
                assert!(plan.halt_at(session - 1).is_some());
                assert_eq!(plan.split_at(session), Some(ratio));
                assert_eq!(plan.split_at(session - 1), None);
            }
        }
        let share = |is: fn(&LifePlan) -> bool| plans.iter().filter(|p| is(p)).count();
        // Binomial counts of 2,000, each bound six standard deviations wide: 120 +/- 64 listings,
        // 75 +/- 52 delistings, 200 +/- 81 splits.
        assert!((56..184).contains(&share(|p| p.listed.start > 0)));
        assert!((23..127).contains(&share(|p| p.listed.end < 500)));
        assert!((119..281).contains(&share(|p| p.split.is_some())));
    }
}
