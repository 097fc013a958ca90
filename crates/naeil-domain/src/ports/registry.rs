//! The model registry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::calibration::Calibration;
use crate::model::{Alias, ModelVersion};

/// Stores bundles as versions of one registered model and lets aliases point at them.
#[async_trait]
pub trait ModelRegistry: Send + Sync {
    /// Copies a bundle's directory in as a new version. The same bundle (by digest) registered
    /// again gives the version it already has.
    async fn register(
        &self,
        bundle_dir: &Path,
        tags: &BTreeMap<String, String>,
    ) -> Result<ModelVersion, RegistryError>;

    /// The version an alias points at, or `None` if it points nowhere.
    async fn by_alias(&self, alias: Alias) -> Result<Option<ModelVersion>, RegistryError>;

    /// Lets an alias point at a version, in one step that readers see whole or not at all.
    async fn set_alias(&self, alias: Alias, version: &str) -> Result<(), RegistryError>;

    /// Every version, oldest first.
    async fn versions(&self) -> Result<Vec<ModelVersion>, RegistryError>;

    /// Puts a calibration beside a version, in the place of any before it; readers see the old or the
    /// new one, whole.
    async fn publish_calibration(
        &self,
        version: &str,
        calibration: &Calibration,
    ) -> Result<(), RegistryError>;

    /// The calibration that stands beside a version, if one was published.
    async fn calibration(&self, version: &str) -> Result<Option<Calibration>, RegistryError>;

    /// A local directory with the version's bundle. The caller verifies its digests by loading it.
    async fn fetch(&self, version: &str) -> Result<PathBuf, RegistryError>;
}

/// What went wrong at the registry.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The registry cannot be reached or its disk cannot be read; a retry may help.
    #[error("the model registry is unavailable while {doing}")]
    Unavailable {
        /// What was being done.
        doing: String,
        /// The adapter's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is no such version.
    #[error("the registry has no version {0}")]
    UnknownVersion(String),
    /// What the registry holds or was given cannot be understood.
    #[error("the registry refuses: {0}")]
    Refused(String),
}
