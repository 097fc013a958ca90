//! The bars of a run as files: what every later stage computes from, and what a run can be repeated
//! from.
//!
//! | file | what |
//! |---|---|
//! | `bars.parquet` | one row a bar, adjusted, of **every stock of the exchange**, by code and session: see [`bars_file`] |
//! | `axes.json` | the sessions, those without a bar included, and the stocks |
//! | `universe.json` | the codes that are learned from and judged on; ranks within a session need all the others too |
//! | `quality.json` | the whole report of the quality checks of these bars, and what was accepted |
//! | `snapshot.json` | where the bars come from, and the digests |
//!
//! # The data digest
//! It names the bars, not the files: equal bars give an equal digest, whenever and wherever they are
//! extracted, whatever wrote and compressed the file. What it covers, byte by byte, stands in
//! [`digest`].

mod axes;
mod bars_file;
mod digest;
mod fault;
mod source;
mod universe_file;

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use naeil_domain::{BarPanel, DataOrigin, Digest, Exchange};

use crate::error::StageError;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

pub use digest::data_digest;
pub(crate) use fault::FileFault;
pub(crate) use source::SnapshotSource;

/// Name of the file with the bars.
pub(crate) const BARS_FILE: &str = "bars.parquet";
/// Name of the file with stocks and sessions.
pub(crate) const AXES_FILE: &str = "axes.json";
/// Name of the file with the codes that are learned from.
pub(crate) const UNIVERSE_FILE: &str = "universe.json";
/// Name of the file with origin, revision and digests.
pub(crate) const SOURCE_FILE: &str = "snapshot.json";

/// The bars of a run, who is learned from, and where they come from.
#[derive(Debug, Clone)]
pub(crate) struct BarSnapshot {
    /// The bars of the whole market.
    pub(crate) bars: BarPanel,
    /// Indices of the stocks that are learned from and judged on, ascending.
    pub(crate) universe: Vec<usize>,
    /// Whose sessions they are.
    pub(crate) exchange: Exchange,
    /// Recorded or simulated.
    pub(crate) origin: DataOrigin,
    /// The store's revision when they were read.
    pub(crate) revision: u64,
    /// The bars are those known at this time.
    pub(crate) as_known_at: DateTime<Utc>,
    /// The data digest.
    pub(crate) digest: Digest,
}

impl BarSnapshot {
    /// Writes the snapshot into the extract stage's folder.
    pub(crate) fn write(&self, folder: &StageFolder) -> Result<(), StageError> {
        let axes = axes::encode(&self.bars);
        let universe = universe_file::encode(&self.bars, &self.universe);
        let source = SnapshotSource::describe(self, Digest::of(&axes), Digest::of(&universe));
        folder.write_by(BARS_FILE, |file| {
            bars_file::write(file, &self.bars, self.exchange, self.digest)
        })?;
        folder.write(AXES_FILE, &axes)?;
        folder.write(UNIVERSE_FILE, &universe)?;
        folder.write_json(SOURCE_FILE, &source)
    }

    /// Reads the extract stage's snapshot as an input of another stage.
    ///
    /// # Errors
    /// [`StageError::Damaged`] naming the file that is not what was written.
    pub(crate) fn read(folder: &mut StageFolder) -> Result<Self, StageError> {
        for file in [BARS_FILE, AXES_FILE, UNIVERSE_FILE, SOURCE_FILE] {
            folder.verify(Stage::Extract, file)?;
        }
        let extract = folder.run().stage_path(Stage::Extract);
        Self::open(&extract).map_err(FileFault::damaged)
    }

    /// Opens the snapshot in a folder, wherever the folder has been carried, and proves its digests.
    pub(crate) fn open(dir: &Path) -> Result<Self, FileFault> {
        let source_path = dir.join(SOURCE_FILE);
        let source = SnapshotSource::decode(&source_path, &read(&source_path)?)?;
        let sha256 = |file: &str, expected: Digest| -> Result<Vec<u8>, FileFault> {
            let path = dir.join(file);
            let bytes = read(&path)?;
            let found = Digest::of(&bytes);
            if found == expected {
                return Ok(bytes);
            }
            let reason = format!("its SHA-256 is {found}, {SOURCE_FILE} says {expected}");
            Err(FileFault::new(&path, reason))
        };
        let axes = axes::decode(&sha256(AXES_FILE, source.axes_sha256)?)
            .map_err(|reason| FileFault::new(&dir.join(AXES_FILE), reason))?;
        let universe = universe_file::decode(
            &sha256(UNIVERSE_FILE, source.universe_sha256)?,
            &axes.stocks,
        )
        .map_err(|reason| FileFault::new(&dir.join(UNIVERSE_FILE), reason))?;
        let bars_path = dir.join(BARS_FILE);
        let bars = bars_file::read(&bars_path, axes)?;
        let digest = data_digest(source.exchange, &bars);
        if digest != source.data_digest {
            let expected = source.data_digest;
            let reason =
                format!("the digest of its bars is {digest}, {SOURCE_FILE} says {expected}");
            return Err(FileFault::new(&bars_path, reason));
        }
        Ok(Self {
            bars,
            universe,
            exchange: source.exchange,
            origin: source.origin,
            revision: source.revision,
            as_known_at: source.as_known_at,
            digest,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, FileFault> {
    fs::read(path).map_err(|error| FileFault::new(path, format!("it cannot be read: {error}")))
}

#[cfg(test)]
mod tests;
