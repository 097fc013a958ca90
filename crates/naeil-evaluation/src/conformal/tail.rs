//! One tail of the interval.

use std::collections::VecDeque;

use super::histogram::Histogram;

/// What a tail may be aimed at, as multiples of its target: a hundred wild sessions must neither
/// make intervals of no width nor of all widths.
const AIM_BOUNDS: (f64, f64) = (0.1, 4.0);

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
        self.scores.upper_quantile(self.aim)
    }

    /// Learns from a session for which `scale` was given.
    pub(super) fn learn(&mut self, scores: &[f64], scale: f64, rate: f64) {
        let missed = scores.iter().filter(|&&score| score > scale).count();
        let missed = missed as f64 / scores.len().max(1) as f64;
        let (least, most) = AIM_BOUNDS;
        self.aim = (self.aim + rate * (self.target - missed))
            .clamp(least * self.target, (most * self.target).min(0.5));
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
