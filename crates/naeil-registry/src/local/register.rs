//! Adding a version.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use chrono::Utc;
use naeil_domain::ports::RegistryError;
use naeil_domain::{Digest, ModelVersion};

use super::bounded;
use super::copy::{copy_synced, sync_dir, write_synced};
use super::layout::{BUNDLE_DIR, Layout, VERSION_FILE, VersionNumber};
use super::version_file;
use crate::error::{refused, unavailable};

/// The file whose digest names a bundle.
const MANIFEST: &str = "manifest.json";

/// Copies a bundle in as the next version, or finds the version that it already is.
///
/// The version is built aside and renamed into place, so it appears whole or not at all.
pub(crate) fn register(
    layout: &Layout,
    bundle_dir: &Path,
    tags: BTreeMap<String, String>,
) -> Result<ModelVersion, RegistryError> {
    let digest = manifest_digest(bundle_dir)?;
    let _writing = lock(layout)?;
    if let Some(known) = version_file::read_all(layout)?
        .into_iter()
        .find(|version| version.digest == digest)
    {
        return Ok(known);
    }

    let staging = layout.staging_dir();
    let aside = tempfile::tempdir_in(&staging).map_err(unavailable("staging in", &staging))?;
    // A temporary directory is its owner's alone; a directory made within it is not.
    let new_dir = aside.path().join("version");
    fs::create_dir(&new_dir).map_err(unavailable("creating", &new_dir))?;
    let new_bundle = new_dir.join(BUNDLE_DIR);
    copy_synced(bundle_dir, &new_bundle)?;
    if manifest_digest(&new_bundle)? != digest {
        return Err(refused(
            bundle_dir,
            "the bundle changed while it was copied, register it again",
        ));
    }
    let text = version_file::render(digest, Utc::now(), tags);
    write_synced(&new_dir.join(VERSION_FILE), text.as_bytes())?;
    sync_dir(&new_dir)?;

    let number = move_into_place(layout, &new_dir)?;
    version_file::read(layout, number)
}

/// Waits until no other process adds a version; the lock goes with the process if it dies.
///
/// It makes "the same bundle, the same version" hold between processes. Distinct numbers do not
/// depend on it: see [`move_into_place`].
fn lock(layout: &Layout) -> Result<File, RegistryError> {
    let path = layout.lock_file();
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(unavailable("opening", &path))?;
    file.lock().map_err(unavailable("locking", &path))?;
    Ok(file)
}

/// Renames a finished version to the first free number after all others. Renaming a directory
/// onto one that has contents fails, so two writers never share a number, lock or no lock.
pub(crate) fn move_into_place(
    layout: &Layout,
    new_dir: &Path,
) -> Result<VersionNumber, RegistryError> {
    let newest = layout.version_numbers()?.last().copied();
    let mut number = newest.unwrap_or(VersionNumber::NONE).next();
    loop {
        let target = layout.version_dir(number);
        match fs::rename(new_dir, &target) {
            Ok(()) => break,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
                ) =>
            {
                number = number.next();
            }
            Err(error) => return Err(unavailable("moving a version to", &target)(error)),
        }
    }
    sync_dir(&layout.versions_dir())?;
    Ok(number)
}

fn manifest_digest(bundle_dir: &Path) -> Result<Digest, RegistryError> {
    let path = bundle_dir.join(MANIFEST);
    match bounded::read(&path) {
        Ok(bytes) => Ok(Digest::of(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(refused(&path, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(refused(&path, "not found, so this is not a bundle"))
        }
        Err(error) => Err(unavailable("reading", &path)(error)),
    }
}
