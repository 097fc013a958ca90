//! Finished tasks on disk: an evaluation that is run again goes on where it stopped.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use naeil_domain::Digest;

use crate::error::BacktestError;
use crate::rows::FoldRows;
use crate::score_table::ScoreTable;

/// One training whose scores are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey {
    /// The fold's name.
    pub fold: String,
    /// What is trained: `network-seed1`, `boosting` and so on; letters, digits and `-` only.
    pub forecaster: String,
}

impl fmt::Display for TaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.fold, self.forecaster)
    }
}

/// The folder of one evaluation.
#[derive(Debug, Clone)]
pub struct TaskStore {
    folder: PathBuf,
}

impl TaskStore {
    /// Opens the folder of the evaluation of these data with these settings, below `root`.
    ///
    /// # Errors
    /// [`BacktestError::Io`] if it cannot be made.
    pub fn open(root: &Path, data: Digest, config: Digest) -> Result<Self, BacktestError> {
        let store = Self::at(&root.join(format!("{}-{}", data.short(), config.short())));
        let tasks = store.folder.join("tasks");
        fs::create_dir_all(&tasks).map_err(BacktestError::io("make", &tasks))?;
        Ok(store)
    }

    /// The store of a folder that [`Self::open`] made.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Keeps other processes out of the folder until the file is dropped or the process ends, however
    /// it does: two that train the same task would write into one checkpoint.
    ///
    /// # Errors
    /// [`BacktestError::Busy`] if one is in it, [`BacktestError::Io`].
    pub fn lock(&self) -> Result<fs::File, BacktestError> {
        let path = self.folder.join("lock");
        let mut open = fs::OpenOptions::new();
        let file = open.write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(BacktestError::io("make", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(BacktestError::Busy {
                folder: self.folder.clone(),
            }),
            Err(fs::TryLockError::Error(error)) => Err(BacktestError::io("lock", &path)(error)),
        }
    }

    /// The folder: reports, tasks and checkpoints lie in it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a task's scores are.
    pub fn path(&self, task: &TaskKey) -> PathBuf {
        self.folder.join("tasks").join(format!("{task}.scores"))
    }

    /// Where a training keeps what it needs to go on after a kill.
    pub fn checkpoint(&self, task: &TaskKey) -> PathBuf {
        self.folder.join("checkpoints").join(task.to_string())
    }

    /// The scores of a finished task, or nothing if it has to be run: it never was, or its file is
    /// damaged, which is logged.
    ///
    /// # Errors
    /// [`BacktestError::Io`] if there is a file that cannot be read.
    pub fn load(
        &self,
        task: &TaskKey,
        rows: &FoldRows,
    ) -> Result<Option<(ScoreTable, serde_json::Value)>, BacktestError> {
        let path = self.path(task);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(BacktestError::io("read", &path)(error)),
        };
        let name = task.to_string();
        match ScoreTable::from_bytes(&bytes, &name, rows.digest(), rows.len()) {
            Ok(found) => Ok(Some(found)),
            Err(reason) => {
                tracing::warn!(path = %path.display(), reason, "scores are damaged, the task is run again");
                Ok(None)
            }
        }
    }

    /// Keeps the scores of a task that is done: beside, then renamed, so that a kill leaves the whole
    /// file or none. Its checkpoint is no longer needed and removed.
    ///
    /// # Errors
    /// [`BacktestError::Io`] or [`BacktestError::Json`].
    pub fn save(
        &self,
        task: &TaskKey,
        rows: &FoldRows,
        table: &ScoreTable,
        notes: &serde_json::Value,
    ) -> Result<(), BacktestError> {
        let bytes = table.to_bytes(&task.to_string(), rows.digest(), notes)?;
        write_whole(&self.path(task), &bytes)?;
        let checkpoint = self.checkpoint(task);
        match fs::remove_dir_all(&checkpoint) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(BacktestError::io("remove", &checkpoint)(error))
            }
            _ => Ok(()),
        }
    }
}

/// Writes a file aside, syncs it and renames it.
///
/// # Errors
/// [`BacktestError::Io`].
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), BacktestError> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".part");
    let aside = PathBuf::from(aside);
    let written = fs::File::create(&aside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written
        .and_then(|()| fs::rename(&aside, path))
        .map_err(BacktestError::io("write", path))
}
