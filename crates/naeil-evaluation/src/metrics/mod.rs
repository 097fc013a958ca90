//! The metrics, one file each.

pub mod auc;
pub mod brier;
pub mod classification;
pub mod ic;
pub mod log_loss;
pub mod newey_west;
pub mod ranks;

#[cfg(test)]
pub(crate) mod fixture;
