//! One file a role of the program.

pub(crate) mod calibrate;
pub(crate) mod config;
pub(crate) mod data;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod documents;
pub(crate) mod evaluate;
pub(crate) mod fetch;
pub(crate) mod import;
pub(crate) mod key;
mod layouts;
pub(crate) mod ledger;
pub(crate) mod predict;
pub(crate) mod retrain;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod token;
