//! `version.json`: what is known of a version beside its bundle.

use std::collections::BTreeMap;
use std::io;

use chrono::{DateTime, SecondsFormat, Utc};
use naeil_domain::ports::RegistryError;
use naeil_domain::{Digest, ModelVersion};
use serde::{Deserialize, Serialize};

use super::bounded;
use super::layout::{Layout, VersionNumber};
use crate::error::{refused, unavailable};

/// The layout of the file that this version of the code writes and reads.
const SCHEMA_VERSION: u32 = 1;

/// The file's contents; the version's number is the name of its directory.
#[derive(Debug, Serialize, Deserialize)]
struct VersionFile {
    schema_version: u32,
    digest: String,
    registered_at: String,
    tags: BTreeMap<String, String>,
}

/// The text of a new version's file.
pub(crate) fn render(
    digest: Digest,
    registered_at: DateTime<Utc>,
    tags: BTreeMap<String, String>,
) -> String {
    let file = VersionFile {
        schema_version: SCHEMA_VERSION,
        digest: digest.to_string(),
        registered_at: registered_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        tags,
    };
    let mut text = serde_json::to_string_pretty(&file).expect("texts and numbers become JSON");
    text.push('\n');
    text
}

/// Reads one version.
///
/// # Errors
/// [`RegistryError::UnknownVersion`] if there is no such directory, [`RegistryError::Refused`]
/// naming the file if it is not what [`render`] writes.
pub(crate) fn read(layout: &Layout, number: VersionNumber) -> Result<ModelVersion, RegistryError> {
    let path = layout.version_file(number);
    let text = match bounded::read_text(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(if layout.version_dir(number).exists() {
                refused(&path, "missing although its version is there")
            } else {
                RegistryError::UnknownVersion(number.to_string())
            });
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(refused(&path, error));
        }
        Err(error) => return Err(unavailable("reading", &path)(error)),
    };
    parse(number, &text).map_err(|why| refused(&path, why))
}

/// Reads every version, oldest first.
pub(crate) fn read_all(layout: &Layout) -> Result<Vec<ModelVersion>, RegistryError> {
    layout
        .version_numbers()?
        .into_iter()
        .map(|number| read(layout, number))
        .collect()
}

fn parse(number: VersionNumber, text: &str) -> Result<ModelVersion, String> {
    let file: VersionFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if file.schema_version != SCHEMA_VERSION {
        return Err(format!(
            "schema_version {} is not {SCHEMA_VERSION}, which this program reads",
            file.schema_version
        ));
    }
    let registered_at = DateTime::parse_from_rfc3339(&file.registered_at)
        .map_err(|error| format!("registered_at '{}': {error}", file.registered_at))?;
    Ok(ModelVersion {
        version: number.to_string(),
        digest: Digest::parse(&file.digest).map_err(|error| error.to_string())?,
        registered_at: registered_at.to_utc(),
        tags: file.tags,
    })
}
