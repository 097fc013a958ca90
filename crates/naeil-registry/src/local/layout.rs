//! Where everything lies.
//!
//! ```text
//! DIR/stock_prediction_lstm/
//!   lock                    held while a version is added
//!   staging/                work in progress; what a crash leaves here is never read
//!   versions/1/bundle/      the bundle, as it was registered
//!   versions/1/version.json digest, time and tags
//!   aliases/champion        a version number and a line end
//!   calibrations/1.json     the newest calibration of version 1
//! ```

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use naeil_domain::Alias;
use naeil_domain::model::REGISTERED_MODEL;
use naeil_domain::ports::RegistryError;

use crate::error::unavailable;

/// A version's number. Only digits ever become part of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct VersionNumber(u64);

impl VersionNumber {
    /// The number before any version exists.
    pub(crate) const NONE: Self = Self(0);

    /// Parses a version as this registry writes it: digits without a leading zero.
    pub(crate) fn parse(text: &str) -> Result<Self, RegistryError> {
        Self::from_text(text)
            .ok_or_else(|| RegistryError::UnknownVersion(text.chars().take(40).collect()))
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let digits_only = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        let countable = digits_only && text.len() <= 18;
        text.parse().ok().filter(|_| countable).map(Self)
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The paths of one registry.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    model_dir: PathBuf,
}

impl Layout {
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            model_dir: dir.join(REGISTERED_MODEL),
        }
    }

    /// Creates the directories.
    pub(crate) fn create(&self) -> Result<(), RegistryError> {
        for dir in [
            self.staging_dir(),
            self.versions_dir(),
            self.aliases_dir(),
            self.calibrations_dir(),
        ] {
            fs::create_dir_all(&dir).map_err(unavailable("creating", &dir))?;
        }
        Ok(())
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.model_dir.join("lock")
    }

    pub(crate) fn staging_dir(&self) -> PathBuf {
        self.model_dir.join("staging")
    }

    pub(crate) fn versions_dir(&self) -> PathBuf {
        self.model_dir.join("versions")
    }

    pub(crate) fn version_dir(&self, number: VersionNumber) -> PathBuf {
        self.versions_dir().join(number.to_string())
    }

    pub(crate) fn version_file(&self, number: VersionNumber) -> PathBuf {
        self.version_dir(number).join(VERSION_FILE)
    }

    pub(crate) fn bundle_dir(&self, number: VersionNumber) -> PathBuf {
        self.version_dir(number).join(BUNDLE_DIR)
    }

    pub(crate) fn aliases_dir(&self) -> PathBuf {
        self.model_dir.join("aliases")
    }

    pub(crate) fn calibrations_dir(&self) -> PathBuf {
        self.model_dir.join("calibrations")
    }

    pub(crate) fn calibration_file(&self, number: VersionNumber) -> PathBuf {
        self.calibrations_dir().join(format!("{number}.json"))
    }

    pub(crate) fn alias_file(&self, alias: Alias) -> PathBuf {
        self.aliases_dir().join(alias.as_str())
    }

    /// The numbers of all versions, ascending. Entries that are not numbers are not ours.
    pub(crate) fn version_numbers(&self) -> Result<Vec<VersionNumber>, RegistryError> {
        let dir = self.versions_dir();
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&dir).map_err(unavailable("listing", &dir))? {
            let entry = entry.map_err(unavailable("listing", &dir))?;
            numbers.extend(
                entry
                    .file_name()
                    .to_str()
                    .and_then(VersionNumber::from_text),
            );
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

/// The file beside a version's bundle.
pub(crate) const VERSION_FILE: &str = "version.json";

/// The directory of a version's bundle.
pub(crate) const BUNDLE_DIR: &str = "bundle";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_are_versions() {
        for good in ["1", "9", "10", "999999999999999999"] {
            assert_eq!(VersionNumber::parse(good).unwrap().to_string(), good);
        }
        let bad = [
            "",
            "0",
            "01",
            "+1",
            "-1",
            "1.0",
            " 1",
            "1/..",
            "../1",
            "v1",
            "١",
            "1000000000000000000",
        ];
        for text in bad {
            let error = VersionNumber::parse(text).unwrap_err();
            assert!(
                matches!(error, RegistryError::UnknownVersion(_)),
                "{text:?}"
            );
        }
    }
}
