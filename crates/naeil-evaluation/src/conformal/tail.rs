//! One tail of the interval.

use std::collections::VecDeque;

use super::histogram::Histogram;

/// What a tail's scale may be aimed at, as multiples of its target: a hundred wild sessions must
/// neither make intervals of no width nor of all widths.
const AIM_BOUNDS: (f64, f64) = (0.1, 4.0);

/// How far the aim itself may stray from its target. Misses come in bursts, above all where labels
/// overlap: a fall that lasts 20 sessions is missed for 20 more before it is known. An aim that
/// forgot what lies beyond the bounds above would make up for the quiet sessions and never for the
/// bursts, and miss too often for ever. Beyond a quarter it does forget: at the default rate and
/// level that much is made up for in 500 sessions without a miss.
const MEMORY: f64 = 0.25;

/// A tail: scores of a rolling window, and the share of them that is to exceed the scale.
#[derive(Debug, Clone)]
pub(super) struct Tail {
    target: f64,
    aim: f64,
    window: usize,
    scores: Histogram,
    sessions: VecDeque<Vec<u16>>,
}

impl Tail {
    pub(super) fn new(target: f64, window: usize) -> Self {
        Self {
            target,
            aim: target,
            window,
            scores: Histogram::new(),
            sessions: VecDeque::new(),
        }
    }

    /// The scale; `None` without a score.
    pub(super) fn scale(&self) -> Option<f64> {
        let (least, most) = AIM_BOUNDS;
        let aim = self
            .aim
            .clamp(least * self.target, (most * self.target).min(0.5));
        self.scores.upper_quantile(aim)
    }

    /// Learns from a session for which `scale` was given.
    pub(super) fn learn(&mut self, scores: &[f64], scale: f64, rate: f64) {
        let missed = scores.iter().filter(|&&score| score > scale).count();
        let missed = missed as f64 / scores.len().max(1) as f64;
        self.aim = (self.aim + rate * (self.target - missed))
            .clamp(self.target - MEMORY, self.target + MEMORY);
        let places: Vec<u16> = scores
            .iter()
            .map(|&score| Histogram::place(score))
            .collect();
        self.scores.add(&places);
        self.sessions.push_back(places);
        while self.sessions.len() > self.window {
            if let Some(oldest) = self.sessions.pop_front() {
                self.scores.remove(&oldest);
            }
        }
    }
}
