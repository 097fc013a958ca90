//! Reading the files of a bundle: names, kinds and sizes first, contents only then.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

use naeil_domain::Digest;
use naeil_domain::ports::LoadError;

use super::manifest::FileWire;
use super::{MANIFEST, OPTIONAL, REQUIRED, SIGNATURE};

/// Lists a directory that holds nothing but plain files with names that a bundle may have.
pub(super) fn entries(dir: &Path) -> Result<BTreeSet<String>, LoadError> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(dir).map_err(|error| io(dir, error))? {
        let entry = entry.map_err(|error| io(dir, error))?;
        let name = entry.file_name();
        let known = name
            .to_str()
            .filter(|name| is_known(name) || [MANIFEST, SIGNATURE].contains(name));
        let Some(known) = known else {
            return Err(LoadError::Altered(format!(
                "it holds a file {name:?} that no bundle has"
            )));
        };
        let kind = entry
            .file_type()
            .map_err(|error| io(&entry.path(), error))?;
        if !kind.is_file() {
            return Err(LoadError::Altered(format!("{name:?} is not a plain file")));
        }
        names.insert(known.to_owned());
    }
    Ok(names)
}

/// Checks that the manifest names each file that a bundle must have, none that it may not, and
/// exactly those that are there.
pub(super) fn check_names(
    named: &BTreeMap<String, FileWire>,
    found: &BTreeSet<String>,
) -> Result<(), LoadError> {
    if let Some(name) = REQUIRED.iter().find(|&&name| !named.contains_key(name)) {
        return Err(LoadError::Refused(format!(
            "the manifest does not name {name}"
        )));
    }
    if let Some(name) = named.keys().find(|name| !is_known(name)) {
        return Err(LoadError::Refused(format!(
            "the manifest names a file '{}' that no bundle has",
            name.escape_debug()
        )));
    }
    if let Some(name) = named.keys().find(|&name| !found.contains(name)) {
        return Err(LoadError::Altered(format!("{name} is missing")));
    }
    let beside = |name: &&String| ![MANIFEST, SIGNATURE].contains(&name.as_str());
    match (found.iter().filter(beside)).find(|&name| !named.contains_key(name)) {
        Some(name) => Err(LoadError::Altered(format!(
            "it holds {name}, which its manifest does not name"
        ))),
        None => Ok(()),
    }
}

fn is_known(name: &str) -> bool {
    REQUIRED.contains(&name) || OPTIONAL.contains(&name)
}

/// Reads a file whose size and digest the manifest states.
///
/// The size was found acceptable before; nothing more than it is ever read.
pub(super) fn read_verified(
    dir: &Path,
    name: &str,
    expected: &FileWire,
) -> Result<Vec<u8>, LoadError> {
    let bytes = read_bounded(dir, name, expected.bytes)?;
    verify(name, &bytes, expected)?;
    Ok(bytes)
}

/// Checks that a file has the size and the digest that the manifest states.
pub(super) fn verify(name: &str, bytes: &[u8], expected: &FileWire) -> Result<(), LoadError> {
    let stated = Digest::parse(&expected.sha256)
        .map_err(|error| LoadError::Refused(format!("{name}: {error}")))?;
    if bytes.len() as u64 != expected.bytes {
        return Err(LoadError::Altered(format!(
            "{name} has {} bytes, the manifest says {}",
            bytes.len(),
            expected.bytes
        )));
    }
    let found = Digest::of(bytes);
    if found != stated {
        return Err(LoadError::Altered(format!(
            "{name} has the digest {}, the manifest says {}",
            found.short(),
            stated.short()
        )));
    }
    Ok(())
}

/// Reads a file of at most `limit` bytes; a larger one is refused before it fills the memory.
pub(super) fn read_bounded(dir: &Path, name: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
    let path = dir.join(name);
    let too_large = || LoadError::Altered(format!("{name} is larger than {limit} bytes"));
    let file = File::open(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => LoadError::Altered(format!("{name} is missing")),
        _ => io(&path, error),
    })?;
    let size = file.metadata().map_err(|error| io(&path, error))?.len();
    if size > limit {
        return Err(too_large());
    }
    // One byte more than the limit shows a file that grows while it is read.
    let mut bytes = Vec::with_capacity(size as usize + 1);
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| io(&path, error))?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    Ok(bytes)
}

fn io(path: &Path, source: std::io::Error) -> LoadError {
    LoadError::Io {
        path: path.display().to_string(),
        source,
    }
}
