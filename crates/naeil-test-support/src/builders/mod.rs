//! Data for tests, with sensible defaults for whatever a test does not care about.
//!
//! # Panics
//! Every builder panics on text that cannot be what it is meant as: a test wrote it.

mod bars;
mod predictions;
mod stocks;

pub use bars::{bar, halted_bar, session, sessions};
pub use predictions::PredictionBuilder;
pub use stocks::{code, stock};
