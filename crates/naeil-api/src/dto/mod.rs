//! What requests and replies look like on the wire.

pub mod batch;
pub mod health;
pub mod model;
pub mod prediction;
pub mod problem;
pub mod words;

/// Rounds to six decimals: more digits than that of a probability or a score say nothing.
pub(crate) fn six_decimals(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
