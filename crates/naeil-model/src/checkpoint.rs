//! Checkpoints: what a training needs to go on after it was killed.
//!
//! One file holds the SHA-256 of the rest in hexadecimal digits, and then a safetensors file: the weights of the members
//! that are finished, of the one in training with Adam's moments, and of its best epoch; and as its
//! metadata where the training stands. It is written aside, synced and renamed, so that there is
//! always a whole one. Beside it lies a lock: two trainings cannot share a folder.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use naeil_domain::Digest;

use crate::error::ModelError;
use crate::learner::{LearnerState, Moments};
use crate::network_config::NetworkConfig;
use crate::summary::{EpochReport, MemberSummary};
use crate::weight_file::{f32_bytes, f32_values};
use crate::weights::Weights;

const FILE: &str = "training.checkpoint";
const ASIDE: &str = "training.checkpoint.partial";
const LOCK: &str = "training.lock";
const DIGEST_LEN: usize = 64;
const METADATA_KEY: &str = "training";

/// Where a training stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Checkpoint {
    /// The members that are done.
    pub(crate) finished: Vec<(MemberSummary, Weights)>,
    /// The member in training, if one has begun.
    pub(crate) current: Option<MemberState>,
}

/// Where the training of one member stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MemberState {
    pub(crate) learner: LearnerState,
    pub(crate) position: Position,
    /// The weights of the best epoch, if they are wanted and there was one.
    pub(crate) best: Option<Weights>,
}

/// The numbers of a [`MemberState`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Position {
    /// Steps taken in the present epoch.
    pub(crate) steps_in_epoch: usize,
    /// Sum of their losses.
    pub(crate) loss_sum: f64,
    /// Their windows.
    pub(crate) windows_in_epoch: usize,
    /// Seconds spent on the member.
    pub(crate) seconds: f64,
    /// The best epoch so far, from 1; 0 before the first.
    pub(crate) best_epoch: usize,
    /// The epochs that are done.
    pub(crate) curve: Vec<EpochReport>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    fingerprint: String,
    finished: Vec<MemberSummary>,
    current: Option<CurrentWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CurrentWire {
    n_steps: usize,
    has_best: bool,
    position: Position,
}

/// The place where the checkpoints of one training are kept.
pub(crate) struct CheckpointFile<'a> {
    dir: PathBuf,
    fingerprint: Digest,
    network: &'a NetworkConfig,
    /// Held for as long as the training runs; the system lets go of it when the process dies.
    _lock: File,
}

impl<'a> CheckpointFile<'a> {
    /// The file in `dir`, which is made; `fingerprint` says of which training it is.
    ///
    /// # Errors
    /// [`ModelError::Io`] if the directory cannot be made, [`ModelError::FolderInUse`] if another
    /// training runs in it.
    pub(crate) fn new(
        dir: &Path,
        fingerprint: Digest,
        network: &'a NetworkConfig,
    ) -> Result<Self, ModelError> {
        fs::create_dir_all(dir).map_err(|error| io("make", dir, error))?;
        let path = dir.join(LOCK);
        let lock = File::create(&path).map_err(|error| io("make", &path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            // A file system without locks is no reason not to train.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(io("lock", &path, error)),
            Err(TryLockError::WouldBlock) => {
                let path = dir.display().to_string();
                return Err(ModelError::FolderInUse { path });
            }
        }
        Ok(Self {
            _lock: lock,
            dir: dir.to_path_buf(),
            fingerprint,
            network,
        })
    }

    /// Reads the checkpoint, if there is one.
    ///
    /// # Errors
    /// [`ModelError::Checkpoint`] if it is damaged or of another training, [`ModelError::Io`] if it
    /// cannot be read.
    pub(crate) fn read(&self) -> Result<Option<Checkpoint>, ModelError> {
        let path = self.dir.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io("read", &path, error)),
        };
        self.parse(&bytes)
            .map(Some)
            .map_err(|problem| ModelError::Checkpoint {
                path: path.display().to_string(),
                problem,
            })
    }

    /// Replaces the checkpoint.
    ///
    /// # Errors
    /// [`ModelError::Io`]; the one before stays then.
    pub(crate) fn write(&self, checkpoint: &Checkpoint) -> Result<(), ModelError> {
        let (aside, path) = (self.dir.join(ASIDE), self.dir.join(FILE));
        let bytes = self.bytes(checkpoint)?;
        let write = |mut file: File| {
            file.write_all(&bytes)?;
            file.sync_all()
        };
        (File::create(&aside).and_then(write)).map_err(|error| io("write", &aside, error))?;
        fs::rename(&aside, &path).map_err(|error| io("replace", &path, error))?;
        // The new name is only safe once the directory is.
        (File::open(&self.dir).and_then(|dir| dir.sync_all()))
            .map_err(|error| io("sync", &self.dir, error))
    }

    fn bytes(&self, checkpoint: &Checkpoint) -> Result<Vec<u8>, ModelError> {
        let wire = Wire {
            fingerprint: self.fingerprint.to_string(),
            finished: (checkpoint.finished.iter())
                .map(|(summary, _)| summary.clone())
                .collect(),
            current: checkpoint.current.as_ref().map(|member| CurrentWire {
                n_steps: member.learner.n_steps,
                has_best: member.best.is_some(),
                position: member.position.clone(),
            }),
        };
        let failed = |error: &dyn std::fmt::Display| {
            ModelError::Contents(format!("the checkpoint: {error}"))
        };
        let metadata = serde_json::to_string(&wire).map_err(|error| failed(&error))?;
        let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
        let mut push = |prefix: &str, weights: &Weights| {
            for tensor in weights.tensors() {
                let name = format!("{prefix}.{}", tensor.name);
                tensors.push((name, tensor.shape.clone(), f32_bytes(&tensor.values)));
            }
        };
        for (idx, (_, weights)) in checkpoint.finished.iter().enumerate() {
            push(&format!("finished.{idx}"), weights);
        }
        if let Some(member) = &checkpoint.current {
            push("current", &member.learner.weights);
            if let Some(best) = &member.best {
                push("best", best);
            }
            let parameters = member.learner.weights.parameters();
            for (tensor, moments) in parameters.zip(&member.learner.moments) {
                for (part, values) in [("first", &moments.first), ("second", &moments.second)] {
                    let name = format!("{part}_moment.{}", tensor.name);
                    tensors.push((name, vec![values.len()], f32_bytes(values)));
                }
            }
        }
        let views: Result<Vec<_>, _> = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name, view))
            })
            .collect();
        let views = views.map_err(|error| failed(&error))?;
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), metadata)]);
        let body = safetensors::serialize(views, Some(metadata)).map_err(|error| failed(&error))?;
        let mut bytes = Digest::of(&body).to_string().into_bytes();
        bytes.extend(body);
        Ok(bytes)
    }

    fn parse(&self, bytes: &[u8]) -> Result<Checkpoint, String> {
        let damaged = || "it is damaged".to_owned();
        let (digest, body) = bytes.split_at_checked(DIGEST_LEN).ok_or_else(damaged)?;
        if Digest::of(body).to_string().as_bytes() != digest {
            return Err(damaged());
        }
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let (_, header) = SafeTensors::read_metadata(body).map_err(|error| text(&error))?;
        let file = SafeTensors::deserialize(body).map_err(|error| text(&error))?;
        let metadata = header.metadata().as_ref();
        let wire = metadata.and_then(|map| map.get(METADATA_KEY));
        let wire: Wire =
            serde_json::from_str(wire.ok_or_else(damaged)?).map_err(|error| text(&error))?;
        if wire.fingerprint != self.fingerprint.to_string() {
            return Err(
                "it is of a training with another version of naeil, other data or settings"
                    .to_owned(),
            );
        }
        let weights = |prefix: &str| {
            Weights::assemble(self.network, |part| {
                f32_values(&file, &format!("{prefix}.{}", part.name), &part.shape)
            })
            .map_err(|error| error.to_string())
        };
        let finished = (wire.finished.into_iter().enumerate())
            .map(|(idx, summary)| Ok((summary, weights(&format!("finished.{idx}"))?)))
            .collect::<Result<_, String>>()?;
        let current = match wire.current {
            None => None,
            Some(current) => Some(MemberState {
                learner: learner_state(&file, weights("current")?, current.n_steps)
                    .map_err(|error| error.to_string())?,
                position: current.position,
                best: match current.has_best {
                    true => Some(weights("best")?),
                    false => None,
                },
            }),
        };
        Ok(Checkpoint { finished, current })
    }
}

fn learner_state(
    file: &SafeTensors<'_>,
    weights: Weights,
    n_steps: usize,
) -> Result<LearnerState, ModelError> {
    let moments = weights
        .parameters()
        .map(|tensor| {
            let moment = |part: &str| {
                let name = format!("{part}_moment.{}", tensor.name);
                f32_values(file, &name, &[tensor.values.len()])
            };
            Ok(Moments {
                first: moment("first")?,
                second: moment("second")?,
            })
        })
        .collect::<Result<_, ModelError>>()?;
    Ok(LearnerState {
        weights,
        moments,
        n_steps,
    })
}

fn io(doing: &'static str, path: &Path, source: std::io::Error) -> ModelError {
    ModelError::Io {
        doing,
        path: path.display().to_string(),
        source,
    }
}
