//! Configuration: defaults < file < environment, resolved once.
//!
//! The only place where the program reads settings. Each area is a struct whose field docs state
//! meaning, unit, default and variable; the schema and the example file are generated from them.

mod areas;
mod bundle;
mod document;
mod error;
mod resolve;
mod secret;
mod sources;
mod store_url;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use areas::{AuthConfig, Config, LogFormat, PolicyChoice, RetrainConfig};
pub(crate) use document::{example, schema};
pub(crate) use error::ConfigError;
pub(crate) use resolve::{ResolvedConfig, resolve};
pub(crate) use secret::Secret;
pub(crate) use sources::{DatabaseSourceConfig, KrxSourceConfig};
pub(crate) use store_url::StoreUrl;

impl Config {
    /// The store's address: the configured one, or a SQLite file in the data directory.
    pub(crate) fn store_url(&self) -> StoreUrl {
        self.store.url.clone().unwrap_or_else(|| {
            StoreUrl::new(format!(
                "sqlite://{}?mode=rwc",
                self.data_dir.join("naeil.db").display()
            ))
        })
    }

    /// The local registry's folder.
    pub(crate) fn registry_dir(&self) -> PathBuf {
        self.registry
            .dir
            .clone()
            .unwrap_or_else(|| self.data_dir.join("registry"))
    }

    /// Where retrains keep their run directories.
    pub(crate) fn runs_dir(&self) -> PathBuf {
        self.data_dir.join("runs")
    }

    /// Makes the data directory, readable by its owner alone.
    ///
    /// # Errors
    /// [`ConfigError::DataDir`] if it cannot be made.
    pub(crate) fn create_data_dir(&self) -> Result<(), ConfigError> {
        create_private_dir(&self.data_dir).map_err(|source| ConfigError::DataDir {
            path: self.data_dir.clone(),
            source,
        })
    }
}

/// The variables of the environment that are text.
///
/// # Errors
/// [`ConfigError::NotText`] for one of ours that is not: a setting is never dropped in silence.
pub(crate) fn environment() -> Result<BTreeMap<String, String>, ConfigError> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter_map(|(name, value)| match value.into_string() {
            Ok(value) => Some(Ok((name, value))),
            Err(_) if name.starts_with(resolve::PREFIX) => {
                Some(Err(ConfigError::NotText { variable: name }))
            }
            Err(_) => None,
        })
        .collect()
}

fn create_private_dir(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(test)]
mod tests;
