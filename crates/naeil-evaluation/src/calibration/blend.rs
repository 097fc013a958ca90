//! Weights of members by their running score.
//!
//! Exponentially weighted aggregation (Cesa-Bianchi and Lugosi, "Prediction, Learning, and Games",
//! 2006, chapter 2) of logits. The log loss is convex in the logit, so in every session the blend's
//! loss is at most the weighted mean of the members', and never above the worst member's.

/// The running scores of the members.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunningScores {
    /// Remembered log loss of each member, in nats a row, summed over sessions.
    loss: Vec<f64>,
    sessions: usize,
}

impl RunningScores {
    pub(crate) fn new(n_members: usize) -> Self {
        Self {
            loss: vec![0.0; n_members],
            sessions: 0,
        }
    }

    /// Adds a session's mean losses, after forgetting a little of what stands.
    pub(crate) fn add(&mut self, losses: impl Iterator<Item = f64>, memory: f64) {
        for (sum, loss) in self.loss.iter_mut().zip(losses) {
            *sum = memory * *sum + loss;
        }
        self.sessions += 1;
    }

    /// Sessions scored.
    pub(crate) fn sessions(&self) -> usize {
        self.sessions
    }

    /// Remembered loss of each member above the best one's, in nats.
    pub(crate) fn excess(&self) -> Vec<f64> {
        let best = self.loss.iter().copied().fold(f64::INFINITY, f64::min);
        self.loss.iter().map(|loss| loss - best).collect()
    }

    /// `w_i = exp(-rate L_i) / sum_j exp(-rate L_j)`.
    pub(crate) fn weights(&self, rate: f64) -> Vec<f64> {
        let mut weights: Vec<f64> = self
            .excess()
            .into_iter()
            .map(|excess| (-rate * excess).exp())
            .collect();
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_worked_by_hand() {
        let mut scores = RunningScores::new(2);
        assert_eq!(scores.weights(1.0), [0.5, 0.5]);
        scores.add([0.7, 0.6].into_iter(), 0.5);
        scores.add([0.6, 0.7].into_iter(), 0.5);
        // Remembered: 0.35 + 0.6 = 0.95 and 0.3 + 0.7 = 1.0; e^-0.05 = 0.951229.
        let weights = scores.weights(1.0);
        assert!((weights[0] - 1.0 / 1.951_229_424).abs() < 1e-9);
        assert!((weights[0] + weights[1] - 1.0).abs() < 1e-15);
        assert_eq!(scores.weights(0.0), [0.5, 0.5]);
        assert_eq!(scores.sessions(), 2);
    }
}
