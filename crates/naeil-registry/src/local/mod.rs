//! The registry as a directory on a local disk.

mod alias;
mod bounded;
mod calibration;
mod copy;
mod layout;
mod register;
mod version_file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use naeil_domain::ports::{ModelRegistry, RegistryError};
use naeil_domain::{Alias, Calibration, ModelVersion};

use layout::{Layout, VersionNumber};

/// A model registry in a directory; a cheap handle, any number of which, in any number of
/// processes, may use the same directory.
///
/// Versions are complete before they appear and never change afterwards; an alias is replaced in
/// one step. Readers therefore need no lock and never see half of anything.
#[derive(Debug, Clone)]
pub struct LocalRegistry {
    layout: Layout,
}

impl LocalRegistry {
    /// Opens the registry in `dir`, creating what is missing.
    ///
    /// # Errors
    /// [`RegistryError::Unavailable`] if the directories cannot be created.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, RegistryError> {
        let layout = Layout::new(dir.as_ref());
        layout.create()?;
        Ok(Self { layout })
    }

    /// Runs file work where it may block.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Layout) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let layout = self.layout.clone();
        tokio::task::spawn_blocking(move || work(&layout))
            .await
            .unwrap_or_else(|source| {
                Err(RegistryError::Unavailable {
                    doing: "waiting for file work to end".to_owned(),
                    source: Box::new(source),
                })
            })
    }
}

#[async_trait]
impl ModelRegistry for LocalRegistry {
    async fn register(
        &self,
        bundle_dir: &Path,
        tags: &BTreeMap<String, String>,
    ) -> Result<ModelVersion, RegistryError> {
        let bundle_dir = bundle_dir.to_owned();
        let tags = tags.clone();
        self.on_disk(move |layout| register::register(layout, &bundle_dir, tags))
            .await
    }

    async fn by_alias(&self, alias: Alias) -> Result<Option<ModelVersion>, RegistryError> {
        self.on_disk(move |layout| {
            alias::read(layout, alias)?
                .map(|number| {
                    version_file::read(layout, number).map_err(|error| match error {
                        RegistryError::UnknownVersion(version) => crate::error::refused(
                            &layout.alias_file(alias),
                            format!("points at version {version}, which is not there; set it anew"),
                        ),
                        other => other,
                    })
                })
                .transpose()
        })
        .await
    }

    async fn set_alias(&self, alias: Alias, version: &str) -> Result<(), RegistryError> {
        let number = VersionNumber::parse(version)?;
        self.on_disk(move |layout| {
            version_file::read(layout, number)?;
            alias::write(layout, alias, number)
        })
        .await
    }

    async fn versions(&self) -> Result<Vec<ModelVersion>, RegistryError> {
        self.on_disk(version_file::read_all).await
    }

    async fn publish_calibration(
        &self,
        version: &str,
        calibration: &Calibration,
    ) -> Result<(), RegistryError> {
        let number = VersionNumber::parse(version)?;
        let calibration = *calibration;
        self.on_disk(move |layout| {
            version_file::read(layout, number)?;
            calibration::write(layout, number, &calibration)
        })
        .await
    }

    async fn calibration(&self, version: &str) -> Result<Option<Calibration>, RegistryError> {
        let number = VersionNumber::parse(version)?;
        self.on_disk(move |layout| {
            version_file::read(layout, number)?;
            calibration::read(layout, number)
        })
        .await
    }

    async fn fetch(&self, version: &str) -> Result<PathBuf, RegistryError> {
        let number = VersionNumber::parse(version)?;
        self.on_disk(move |layout| {
            version_file::read(layout, number)?;
            Ok(layout.bundle_dir(number))
        })
        .await
    }
}

#[cfg(test)]
mod tests;
