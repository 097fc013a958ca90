//! What tests of several crates share: builders of data, fakes of ports, and one behaviour suite a
//! port that every adapter of it must pass.
//!
//! Start at [`suites`]. This crate is a dev-dependency only; it knows the vocabulary and the ports,
//! and no adapter.

pub mod builders;
pub mod fakes;
pub mod suites;
