//! The metrics, one file each.

pub mod auc;
pub mod base_rate;
pub mod beyond_factors;
pub mod brier;
pub mod classification;
pub mod deciles;
pub mod ic;
pub mod log_loss;
pub mod pooled_auc;
pub mod ranks;
pub mod reliability;

#[cfg(test)]
pub(crate) mod fixture;
