//! Behaviour suites: what a port promises, written once and run against every adapter.

pub mod bars;
pub mod cache;
pub mod history;
pub mod ledger;
pub mod prediction_log;
pub mod registry;
