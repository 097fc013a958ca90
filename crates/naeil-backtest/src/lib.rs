//! Walk-forward evaluation: folds and seeds as resumable tasks, baselines beside the network, leakage
//! checks, and the report.
//!
//! This crate knows no database, no registry and no clock.
#![warn(missing_docs)]
