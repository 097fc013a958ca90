//! What a stage leaves behind about itself.

use std::collections::BTreeMap;
use std::fs;

use naeil_domain::Digest;
use serde::{Deserialize, Serialize};

use crate::error::StageError;
use crate::run_dir::RunDir;
use crate::stage::Stage;

/// The inputs, outputs and times of one finished stage. It is written last, so a folder without
/// one was left half-way.
///
/// Files are named by their path below the run directory, with `/`; what came through a port is
/// named `registry:champion` and the like. Digests are SHA-256 in hexadecimal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageManifest {
    /// Version of this format.
    pub schema: u32,
    /// The run it belongs to.
    pub run_id: String,
    /// The stage's word.
    pub stage: String,
    /// What was read, by digest.
    pub inputs: BTreeMap<String, String>,
    /// What was written, by digest.
    pub outputs: BTreeMap<String, String>,
    /// When it began, RFC 3339.
    pub started: String,
    /// When it ended, RFC 3339.
    pub finished: String,
    /// How long it took, by a clock that nobody sets.
    pub seconds: f64,
    /// Version of the code that ran.
    pub code_version: String,
}

impl StageManifest {
    /// The file's name in the stage's folder.
    pub const FILE: &'static str = "manifest.json";

    /// The version of the format that this code writes and reads.
    pub const SCHEMA: u32 = 1;

    /// Reads the manifest of a finished stage.
    ///
    /// # Errors
    /// [`StageError::StageMissing`] if the stage has not finished, [`StageError::Damaged`] if the
    /// file belongs to another stage or format.
    pub fn read(run: &RunDir, stage: Stage) -> Result<Self, StageError> {
        let path = run.stage_path(stage).join(Self::FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StageError::StageMissing { stage });
            }
            Err(error) => return Err(StageError::io("read", &path)(error)),
        };
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| StageError::damaged(&path, error))?;
        if manifest.schema != Self::SCHEMA {
            let reason = format!("its schema is {}, not {}", manifest.schema, Self::SCHEMA);
            return Err(StageError::damaged(&path, reason));
        }
        if manifest.stage != stage.as_str() || manifest.run_id != run.id().as_str() {
            let reason = format!(
                "it belongs to stage {} of run {}",
                manifest.stage, manifest.run_id
            );
            return Err(StageError::damaged(&path, reason));
        }
        Ok(manifest)
    }

    /// Digests every output again.
    ///
    /// # Errors
    /// [`StageError::Damaged`] naming the first file that is not what the stage wrote.
    pub fn verify_outputs(&self, run: &RunDir) -> Result<(), StageError> {
        for (name, digest) in &self.outputs {
            let path = run.path().join(name);
            let bytes = fs::read(&path).map_err(StageError::io("read", &path))?;
            if Digest::of(&bytes).to_string() != *digest {
                return Err(StageError::damaged(&path, "its SHA-256 has changed"));
            }
        }
        Ok(())
    }
}
