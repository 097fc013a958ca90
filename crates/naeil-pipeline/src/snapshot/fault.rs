//! What is wrong with a file of a snapshot.

use std::path::{Path, PathBuf};

use crate::error::StageError;

/// A file of a snapshot and why it cannot be used.
#[derive(Debug)]
pub(crate) struct FileFault {
    pub(crate) path: PathBuf,
    pub(crate) reason: String,
}

impl FileFault {
    pub(crate) fn new(path: &Path, reason: impl ToString) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// The fault of a file that this run wrote itself.
    pub(crate) fn damaged(self) -> StageError {
        StageError::damaged(&self.path, self.reason)
    }

    /// The fault of a file that a user pointed at.
    pub(crate) fn unusable(self) -> StageError {
        StageError::SnapshotUnusable {
            path: self.path,
            reason: self.reason,
        }
    }
}
