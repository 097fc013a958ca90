//! The prediction cache: answers are remembered until they grow old.
//!
//! The entry type is [`InProcessCache`], which implements `naeil_domain::ports::PredictionCache`.
//! This crate does not know how an answer is made, when it grows old, or what time it is: the
//! caller says.

mod in_process;

pub use in_process::InProcessCache;
