//! Admitting a bundle: every file is treated as hostile until its digest and contents are checked.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

use naeil_domain::ports::{ForecasterLoader, LoadError, LoadedForecaster};
use naeil_domain::{Digest, Horizon};

use super::golden::Golden;
use super::manifest::{FileWire, Manifest};
use super::{FILES, GOLDEN, MANIFEST, MANIFEST_LIMIT, WEIGHTS};
use crate::inference::LstmForecaster;
use crate::weight_file;

/// Loads bundles written by [`write_bundle`](super::write_bundle).
///
/// Sizes are bounded before anything is read, the directory must hold exactly the files the
/// manifest names, every digest and shape is checked, and the golden vectors are replayed.
#[derive(Debug, Clone, Copy, Default)]
pub struct BundleLoader;

impl ForecasterLoader for BundleLoader {
    fn load(&self, bundle_dir: &Path) -> Result<LoadedForecaster, LoadError> {
        check_entries(bundle_dir)?;
        let manifest_bytes = read_bounded(bundle_dir, MANIFEST, MANIFEST_LIMIT)?;
        let manifest = Manifest::parse(&manifest_bytes).map_err(LoadError::Refused)?;
        let description = manifest
            .validate(Digest::of(&manifest_bytes))
            .map_err(LoadError::Refused)?;
        check_names(&manifest)?;

        let mut weights = Vec::new();
        let mut golden = Vec::new();
        for (name, limit) in FILES {
            let bytes = read_verified(bundle_dir, name, limit, &manifest.files[name])?;
            match name {
                WEIGHTS => weights = bytes,
                GOLDEN => golden = bytes,
                _ => {}
            }
        }

        let weights =
            weight_file::from_bytes_strict(&weights).map_err(|error| refused(WEIGHTS, &error))?;
        weights
            .check(&manifest.network, Horizon::COUNT)
            .map_err(|error| refused(WEIGHTS, &error))?;
        let mut forecaster =
            LstmForecaster::new(&weights, manifest.scaler.clone(), manifest.network.clone());
        Golden::from_bytes(&golden, &manifest.network)
            .and_then(|golden| golden.replay(&mut forecaster))
            .map_err(|error| refused(GOLDEN, &error))?;
        Ok(LoadedForecaster {
            forecaster: Box::new(forecaster),
            description,
        })
    }
}

/// Refuses a directory with anything missing, anything more, or anything but plain files in it.
fn check_entries(dir: &Path) -> Result<(), LoadError> {
    let mut expected: BTreeSet<&str> = FILES.iter().map(|&(name, _)| name).collect();
    expected.insert(MANIFEST);
    let entries = fs::read_dir(dir).map_err(|error| io(dir, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| io(dir, error))?;
        let name = entry.file_name();
        let known = name.to_str().is_some_and(|name| expected.remove(name));
        if !known {
            return Err(LoadError::Refused(format!(
                "it holds a file {name:?} that no bundle has"
            )));
        }
        let kind = entry
            .file_type()
            .map_err(|error| io(&entry.path(), error))?;
        if !kind.is_file() {
            return Err(LoadError::Refused(format!("{name:?} is not a plain file")));
        }
    }
    match expected.first() {
        Some(missing) => Err(LoadError::Refused(format!("{missing} is missing"))),
        None => Ok(()),
    }
}

/// The manifest must name each file that a bundle has, and no other.
fn check_names(manifest: &Manifest) -> Result<(), LoadError> {
    for (name, _) in FILES {
        if !manifest.files.contains_key(name) {
            return Err(LoadError::Refused(format!(
                "the manifest does not name {name}"
            )));
        }
    }
    if let Some(name) = manifest
        .files
        .keys()
        .find(|name| FILES.iter().all(|(known, _)| known != name))
    {
        return Err(LoadError::Refused(format!(
            "the manifest names a file '{}' that no bundle has",
            name.escape_debug()
        )));
    }
    Ok(())
}

/// Reads a file whose size and digest are known.
fn read_verified(
    dir: &Path,
    name: &str,
    limit: u64,
    expected: &FileWire,
) -> Result<Vec<u8>, LoadError> {
    let stated = Digest::parse(&expected.sha256).map_err(|error| refused(name, &error))?;
    let bytes = read_bounded(dir, name, limit)?;
    if bytes.len() as u64 != expected.bytes {
        return Err(LoadError::Refused(format!(
            "{name} has {} bytes, the manifest says {}",
            bytes.len(),
            expected.bytes
        )));
    }
    let found = Digest::of(&bytes);
    if found != stated {
        return Err(LoadError::Refused(format!(
            "{name} has the digest {}, the manifest says {}",
            found.short(),
            stated.short()
        )));
    }
    Ok(bytes)
}

/// Reads a file of at most `limit` bytes; a larger one is refused before it fills the memory.
fn read_bounded(dir: &Path, name: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
    let path = dir.join(name);
    let file = File::open(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => LoadError::Refused(format!("{name} is missing")),
        _ => io(&path, error),
    })?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| io(&path, error))?;
    if bytes.len() as u64 > limit {
        return Err(LoadError::Refused(format!(
            "{name} is larger than {limit} bytes"
        )));
    }
    Ok(bytes)
}

fn refused(name: &str, reason: &impl std::fmt::Display) -> LoadError {
    LoadError::Refused(format!("{name}: {reason}"))
}

fn io(path: &Path, source: std::io::Error) -> LoadError {
    LoadError::Io {
        path: path.display().to_string(),
        source,
    }
}
