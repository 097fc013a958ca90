//! The model registry: where bundles become versions of the registered model and aliases such as
//! `champion` point at them.
//!
//! The entry type is [`LocalRegistry`], a directory that several processes may use at once; it
//! implements `naeil_domain::ports::ModelRegistry`. This crate knows a bundle only as a directory
//! with a `manifest.json` whose digest names it: what a network is, what the files mean and which
//! version deserves an alias are not its business.

mod calibration_file;
mod error;
mod local;

pub use local::LocalRegistry;
pub use naeil_domain::ports::RegistryError;
