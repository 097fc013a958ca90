//! Aliases: small files that hold a version number.

use std::fs;
use std::io;

use naeil_domain::Alias;
use naeil_domain::ports::RegistryError;

use super::bounded;
use super::copy::{sync_dir, write_synced};
use super::layout::{Layout, VersionNumber};
use crate::error::{refused, unavailable};

/// The version an alias points at, if it points anywhere.
pub(crate) fn read(layout: &Layout, alias: Alias) -> Result<Option<VersionNumber>, RegistryError> {
    let path = layout.alias_file(alias);
    let text = match bounded::read_text(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(refused(&path, error));
        }
        Err(error) => return Err(unavailable("reading", &path)(error)),
    };
    let shown: String = text.trim_end().chars().take(40).collect();
    VersionNumber::from_text(text.trim_end())
        .map(Some)
        .ok_or_else(|| refused(&path, format!("'{shown}' is not a version number")))
}

/// Lets an alias point at a version. The new file replaces the old one in one step, so a reader
/// finds one of the two, whole.
pub(crate) fn write(
    layout: &Layout,
    alias: Alias,
    number: VersionNumber,
) -> Result<(), RegistryError> {
    let staging = layout.staging_dir();
    let aside = tempfile::tempdir_in(&staging).map_err(unavailable("staging in", &staging))?;
    let new_file = aside.path().join(alias.as_str());
    write_synced(&new_file, format!("{number}\n").as_bytes())?;
    let path = layout.alias_file(alias);
    fs::rename(&new_file, &path).map_err(unavailable("replacing", &path))?;
    sync_dir(&layout.aliases_dir())
}
