//! Copying a bundle so that it survives a power cut.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use naeil_domain::ports::RegistryError;

use crate::error::{refused, unavailable};

/// Copies the tree under `from` into the new directory `to` and syncs all of it.
///
/// Only plain files and directories are taken: a link could lead out of the bundle.
pub(crate) fn copy_synced(from: &Path, to: &Path) -> Result<(), RegistryError> {
    fs::create_dir(to).map_err(unavailable("creating", to))?;
    for entry in fs::read_dir(from).map_err(unavailable("listing", from))? {
        let entry = entry.map_err(unavailable("listing", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(unavailable("reading", &source))?;
        if kind.is_dir() {
            copy_synced(&source, &target)?;
        } else if kind.is_file() {
            copy_file(&source, &target).map_err(unavailable("copying", &source))?;
        } else {
            return Err(refused(
                &source,
                "a bundle may hold only plain files and directories",
            ));
        }
    }
    sync_dir(to)
}

/// Writes a new file and syncs it.
pub(crate) fn write_synced(path: &Path, contents: &[u8]) -> Result<(), RegistryError> {
    let write = || -> io::Result<()> {
        let mut file = File::create_new(path)?;
        io::Write::write_all(&mut file, contents)?;
        file.sync_all()
    };
    write().map_err(unavailable("writing", path))
}

/// Syncs a directory, so that names created or renamed in it last.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), RegistryError> {
    // Elsewhere than on Unix a directory cannot be opened as a file, and need not be.
    if cfg!(unix) {
        File::open(dir)
            .and_then(|handle| handle.sync_all())
            .map_err(unavailable("syncing", dir))?;
    }
    Ok(())
}

fn copy_file(source: &Path, target: &Path) -> io::Result<()> {
    let mut reader = File::open(source)?;
    let mut writer = File::create_new(target)?;
    io::copy(&mut reader, &mut writer)?;
    writer.sync_all()
}
