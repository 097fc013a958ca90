//! Forecasters that a network has to beat: single untrained factors, linear models and gradient
//! boosting, trained and judged on the very rows that the network is.
//!
//! This crate knows no network, no file and no clock.
#![warn(missing_docs)]
