//! What is scored: a forecast and its outcome.

/// One forecast of one stock in one session, with the return that followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredRow {
    /// Which as-of session the row belongs to, on any axis that counts sessions one by one.
    pub session_idx: u32,
    /// The forecast: probability that the close at the horizon is higher.
    pub probability_up: f64,
    /// The outcome: simple return from the as-of close to the target close.
    pub forward_return: f64,
    /// Simple return of the as-of session itself, all that the last-move baseline sees.
    pub last_return: f64,
}

impl ScoredRow {
    /// Whether the close rose; an unchanged close did not.
    pub fn is_up(&self) -> bool {
        self.forward_return > 0.0
    }

    /// Whether the forecast calls the direction "up": a probability above one half.
    pub fn calls_up(&self) -> bool {
        self.probability_up > 0.5
    }

    /// Whether forecast and outcome can be scored at all.
    pub(crate) fn is_scorable(&self) -> bool {
        (0.0..=1.0).contains(&self.probability_up) && self.forward_return.is_finite()
    }
}
