//! The extract stage of a run that repeats another: it takes a snapshot instead of the store's bars.

use std::fs;
use std::path::Path;

use crate::context::StageContext;
use crate::error::StageError;
use crate::quality_file::{QUALITY_FILE, QualityFile};
use crate::snapshot::{BarSnapshot, FileFault};
use crate::stage::Stage;

use super::{pass, tell};

/// Proves the snapshot in `dir` and takes it into the run's own folder, so that the run can be
/// repeated in its turn. What was accepted when it was extracted stays accepted.
pub(super) fn adopt(context: &StageContext, dir: &Path) -> Result<(), StageError> {
    let mut folder = context.begin(Stage::Extract)?;
    let mut quality = read_quality(dir).map_err(FileFault::unusable)?;
    quality.accept(&context.config.data.accept);
    pass(context, &folder, &quality)?;
    let snapshot = BarSnapshot::open(dir).map_err(FileFault::unusable)?;
    folder.note_input("snapshot:data_digest", snapshot.digest);
    snapshot.write(&folder)?;
    folder.finish()?;
    context
        .progress
        .note(&format!("bars and universe are those of {}", dir.display()));
    tell(context, &snapshot);
    Ok(())
}

fn read_quality(dir: &Path) -> Result<QualityFile, FileFault> {
    let path = dir.join(QUALITY_FILE);
    let text = fs::read(&path)
        .map_err(|error| FileFault::new(&path, format!("it cannot be read: {error}")))?;
    serde_json::from_slice(&text).map_err(|error| FileFault::new(&path, error))
}
