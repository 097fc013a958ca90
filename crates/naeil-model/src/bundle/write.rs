//! Writing a bundle: aside, synced, admitted by the loader, and only then under its name.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use naeil_domain::Digest;
use naeil_domain::ports::{ForecasterLoader, LoadError};

use super::golden::Golden;
use super::manifest::{FileWire, Manifest};
use super::signing::SigningKey;
use super::{
    BundleContents, BundleLoader, CARD, CURVES, GOLDEN, MANIFEST, MLMODEL, REFERENCE, SIGNATURE,
    WEIGHTS, card, mlmodel,
};
use crate::error::ModelError;
use crate::weight_file;

/// Writes a bundle into the directory `dir`, which must not exist, and gives the model's digest.
///
/// Readers see the whole bundle or none: the files are written into a directory beside it, synced,
/// loaded once as a server would, and renamed.
///
/// # Errors
/// [`ModelError::Exists`] if something is at `dir`, [`ModelError::Contents`] if the parts
/// contradict each other or the model card would lack a part that it needs, [`ModelError::Io`] if
/// the disk refuses; nothing is left behind then.
pub fn write_bundle(dir: &Path, contents: &BundleContents<'_>) -> Result<Digest, ModelError> {
    if fs::symlink_metadata(dir).is_ok() {
        return Err(ModelError::Exists(dir.display().to_string()));
    }
    let files = render(contents)?;
    let digest = Digest::of(&files[MANIFEST]);
    let aside = Aside::create(dir)?;
    for (name, bytes) in &files {
        write_synced(&aside.path.join(name), bytes)?;
    }
    sync_dir(&aside.path)?;
    let loader = BundleLoader {
        trusted_keys: contents
            .signing_key
            .map(SigningKey::trusted_key)
            .into_iter()
            .collect(),
        minimum: None,
    };
    loader.load(&aside.path).map_err(|error| match error {
        LoadError::Io { path, source } => ModelError::Io {
            doing: "read",
            path,
            source,
        },
        LoadError::Refused(reason) => ModelError::Contents(reason),
        other => ModelError::Contents(other.to_string()),
    })?;
    fs::rename(&aside.path, dir).map_err(io("rename into", dir))?;
    sync_dir(parent(dir))?;
    Ok(digest)
}

/// The bytes of every file: the manifest after those whose digests it names, its signature last.
fn render(contents: &BundleContents<'_>) -> Result<BTreeMap<&'static str, Vec<u8>>, ModelError> {
    let mut forecaster = contents.model.forecaster();
    let golden = Golden::record(&mut forecaster, contents.golden_windows)?;
    let mut files = BTreeMap::from([
        (WEIGHTS, weight_file::to_bytes(&contents.model.members)?),
        (GOLDEN, golden.to_bytes(&contents.model.network)?),
        (CARD, card::render(contents)?.into_bytes()),
    ]);
    let weights_digest = Digest::of(&files[WEIGHTS]);
    files.insert(
        MLMODEL,
        mlmodel::render(contents, weights_digest).into_bytes(),
    );
    if let Some(reference) = contents.reference {
        files.insert(
            REFERENCE,
            reference.to_bytes().map_err(json("the reference"))?,
        );
    }
    if let Some(curves) = contents.training_curves {
        files.insert(CURVES, curves.as_bytes().to_vec());
    }
    let described = files
        .iter()
        .map(|(&name, bytes)| {
            let file = FileWire {
                sha256: Digest::of(bytes).to_string(),
                bytes: bytes.len() as u64,
            };
            (name.to_owned(), file)
        })
        .collect();
    let manifest = Manifest::new(contents, described);
    let mut manifest = serde_json::to_vec_pretty(&manifest).map_err(json("the manifest"))?;
    manifest.push(b'\n');
    if let Some(key) = contents.signing_key {
        files.insert(SIGNATURE, key.sign(&manifest).into_bytes());
    }
    files.insert(MANIFEST, manifest);
    Ok(files)
}

fn json(what: &'static str) -> impl FnOnce(serde_json::Error) -> ModelError {
    move |error| ModelError::Contents(format!("{what}: {error}"))
}

/// A directory beside the target that is removed unless it was renamed.
struct Aside {
    path: PathBuf,
}

impl Aside {
    fn create(target: &Path) -> Result<Self, ModelError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let process = std::process::id();
        fs::create_dir_all(parent(target)).map_err(io("create", parent(target)))?;
        loop {
            let unique = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = parent(target).join(format!(".{name}.{process}-{unique}.partial"));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                // Left by a process that was killed; in a container every process has one number.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io("create", &path)(error)),
            }
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // After the rename there is nothing at this path any more, which is as it should be.
        if let Err(error) = fs::remove_dir_all(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove a partial bundle");
        }
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    let mut file = File::create_new(path).map_err(io("create", path))?;
    file.write_all(bytes).map_err(io("write", path))?;
    file.sync_all().map_err(io("sync", path))
}

fn sync_dir(path: &Path) -> Result<(), ModelError> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(io("sync", path))
}

fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> ModelError {
    let path = path.display().to_string();
    move |source| ModelError::Io {
        doing,
        path,
        source,
    }
}
