//! One stage at work: reads files of earlier stages, writes its own, closes with a manifest.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, Utc};
use naeil_domain::Digest;
use naeil_domain::ports::Clock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::CODE_VERSION;
use crate::error::StageError;
use crate::manifest::StageManifest;
use crate::run_dir::{RunDir, make_private_dir};
use crate::stage::Stage;

/// The folder of a stage that is running. Every file that goes through it lands in the manifest.
pub(crate) struct StageFolder {
    run: RunDir,
    stage: Stage,
    clock: Arc<dyn Clock>,
    started_at: DateTime<Utc>,
    started: Instant,
    inputs: BTreeMap<String, Digest>,
}

impl StageFolder {
    /// Makes the stage's folder and starts its clock; the run's settings are its first input.
    pub(crate) fn begin(
        run: &RunDir,
        stage: Stage,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, StageError> {
        let path = run.stage_path(stage);
        make_private_dir(&path).map_err(StageError::io("make the folder", &path))?;
        Self::open(run, stage, clock)
    }

    /// The same, in the folder that a killed attempt at the stage left, if there is one.
    pub(crate) fn begin_or_resume(
        run: &RunDir,
        stage: Stage,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, StageError> {
        let path = run.stage_path(stage);
        if path.is_dir() && !path.join(StageManifest::FILE).exists() {
            return Self::open(run, stage, clock);
        }
        Self::begin(run, stage, clock)
    }

    fn open(run: &RunDir, stage: Stage, clock: &Arc<dyn Clock>) -> Result<Self, StageError> {
        let mut folder = Self {
            run: run.clone(),
            stage,
            clock: Arc::clone(clock),
            started_at: clock.now(),
            started: Instant::now(),
            inputs: BTreeMap::new(),
        };
        let config = run.path().join(RunDir::CONFIG_FILE);
        let settings = fs::read(&config).map_err(StageError::io("read", &config))?;
        folder.note_input(RunDir::CONFIG_FILE, Digest::of(&settings));
        Ok(folder)
    }

    /// The path of one of the stage's own files.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.run.stage_path(self.stage).join(file)
    }

    /// The run it belongs to.
    pub(crate) fn run(&self) -> &RunDir {
        &self.run
    }

    /// The present moment, as the run's clock tells it.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Records an input that did not come from a file of the run.
    pub(crate) fn note_input(&mut self, name: &str, digest: Digest) {
        self.inputs.insert(name.to_owned(), digest);
    }

    /// Reads a file that an earlier stage wrote.
    ///
    /// # Errors
    /// [`StageError::StageMissing`] if that stage has not finished, [`StageError::Damaged`] if the
    /// file is not what it wrote.
    pub(crate) fn read(&mut self, from: Stage, file: &str) -> Result<Vec<u8>, StageError> {
        let name = format!("{from}/{file}");
        let path = self.run.path().join(&name);
        let manifest = StageManifest::read(&self.run, from)?;
        let bytes = fs::read(&path).map_err(StageError::io("read", &path))?;
        let digest = Digest::of(&bytes);
        if manifest.outputs.get(&name) != Some(&digest.to_string()) {
            let reason = format!("its SHA-256 is not the one in the manifest of stage {from}");
            return Err(StageError::damaged(&path, reason));
        }
        self.inputs.insert(name, digest);
        Ok(bytes)
    }

    /// Reads a JSON file that an earlier stage wrote.
    pub(crate) fn read_json<T: DeserializeOwned>(
        &mut self,
        from: Stage,
        file: &str,
    ) -> Result<T, StageError> {
        let bytes = self.read(from, file)?;
        let path = self.run.stage_path(from).join(file);
        serde_json::from_slice(&bytes).map_err(|error| StageError::damaged(&path, error))
    }

    /// Verifies a directory that an earlier stage wrote and returns its path.
    pub(crate) fn read_dir(&mut self, from: Stage, dir: &str) -> Result<PathBuf, StageError> {
        let prefix = format!("{from}/{dir}/");
        let manifest = StageManifest::read(&self.run, from)?;
        for name in manifest
            .outputs
            .keys()
            .filter(|name| name.starts_with(&prefix))
        {
            self.read(from, &name[from.as_str().len() + 1..])?;
        }
        Ok(self.run.stage_path(from).join(dir))
    }

    /// Writes one of the stage's files.
    pub(crate) fn write(&self, file: &str, bytes: &[u8]) -> Result<(), StageError> {
        write_whole(&self.path(file), bytes)
    }

    /// Verifies a file that an earlier stage wrote, without keeping it in memory.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn verify(&mut self, from: Stage, file: &str) -> Result<(), StageError> {
        let name = format!("{from}/{file}");
        let path = self.run.path().join(&name);
        let manifest = StageManifest::read(&self.run, from)?;
        let digest = digest_file(&path)?;
        if manifest.outputs.get(&name) != Some(&digest.to_string()) {
            let reason = format!("its SHA-256 is not the one in the manifest of stage {from}");
            return Err(StageError::damaged(&path, reason));
        }
        self.inputs.insert(name, digest);
        Ok(())
    }

    /// Lets `fill` write one of the stage's files piece by piece.
    ///
    /// # Errors
    /// [`StageError::Io`], also for what `fill` says.
    pub(crate) fn write_by(
        &self,
        file: &str,
        fill: impl FnOnce(&mut fs::File) -> Result<(), String>,
    ) -> Result<(), StageError> {
        write_aside(&self.path(file), |file| {
            fill(file).map_err(std::io::Error::other)
        })
    }

    /// Writes one of the stage's files as JSON for people and programs.
    pub(crate) fn write_json(&self, file: &str, value: &impl Serialize) -> Result<(), StageError> {
        self.write(file, &pretty_json(&self.path(file), value)?)
    }

    /// Digests everything the stage has written and closes it with its manifest.
    pub(crate) fn finish(self) -> Result<StageManifest, StageError> {
        let mut outputs = BTreeMap::new();
        digest_tree(
            self.run.path(),
            &self.run.stage_path(self.stage),
            &mut outputs,
        )?;
        let rfc3339 = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
        let manifest = StageManifest {
            schema: StageManifest::SCHEMA,
            run_id: self.run.id().to_string(),
            stage: self.stage.to_string(),
            inputs: self
                .inputs
                .iter()
                .map(|(name, digest)| (name.clone(), digest.to_string()))
                .collect(),
            outputs,
            started: rfc3339(self.started_at),
            finished: rfc3339(self.clock.now()),
            seconds: self.started.elapsed().as_secs_f64(),
            code_version: CODE_VERSION.to_owned(),
        };
        let path = self.path(StageManifest::FILE);
        write_whole(&path, &pretty_json(&path, &manifest)?)?;
        Ok(manifest)
    }
}

fn pretty_json(path: &Path, value: &impl Serialize) -> Result<Vec<u8>, StageError> {
    let mut text = serde_json::to_vec_pretty(value)
        .map_err(|error| StageError::io("write", path)(error.into()))?;
    text.push(b'\n');
    Ok(text)
}

/// Writes a file aside and renames it, so that nobody ever reads half of it.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StageError> {
    write_aside(path, |file| file.write_all(bytes))
}

fn write_aside(
    path: &Path,
    fill: impl FnOnce(&mut fs::File) -> std::io::Result<()>,
) -> Result<(), StageError> {
    let aside = path.with_extension("partial");
    let mut file = fs::File::create(&aside).map_err(StageError::io("write", &aside))?;
    fill(&mut file)
        .and_then(|()| file.sync_all())
        .map_err(StageError::io("write", &aside))?;
    fs::rename(&aside, path).map_err(StageError::io("rename", path))
}

/// The SHA-256 of a file, read piece by piece.
fn digest_file(path: &Path) -> Result<Digest, StageError> {
    let mut file = fs::File::open(path).map_err(StageError::io("read", path))?;
    let mut hasher = Sha256::new();
    std::io::copy(&mut file, &mut hasher).map_err(StageError::io("read", path))?;
    Ok(Digest::from_bytes(hasher.finalize().into()))
}

/// Digests every file below `dir`, named by its path below `root`.
fn digest_tree(
    root: &Path,
    dir: &Path,
    found: &mut BTreeMap<String, String>,
) -> Result<(), StageError> {
    for entry in fs::read_dir(dir).map_err(StageError::io("list", dir))? {
        let path = entry.map_err(StageError::io("list", dir))?.path();
        if path.is_dir() {
            digest_tree(root, &path, found)?;
            continue;
        }
        let digest = digest_file(&path)?;
        let below = path.strip_prefix(root).unwrap_or(&path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        found.insert(parts.join("/"), digest.to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
