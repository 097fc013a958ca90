//! `snapshot.json`: where the bars of a snapshot come from, and its digests.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use naeil_domain::{DataOrigin, Digest, Exchange};
use serde::{Deserialize, Serialize};

use super::{BarSnapshot, FileFault, SOURCE_FILE};
use crate::error::StageError;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

/// The version of the snapshot's files that this code writes and reads.
const SCHEMA: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceFile {
    schema: u32,
    exchange: String,
    data_digest: String,
    data_revision: u64,
    data_origin: String,
    /// Extracting the same window as known at this time gives the same bars.
    as_known_at: String,
    first_session: Option<String>,
    last_session: Option<String>,
    n_sessions: usize,
    n_stocks: usize,
    n_universe: usize,
    axes_sha256: String,
    universe_sha256: String,
}

/// Where the bars of a snapshot come from, and the digests it must have.
#[derive(Debug, Clone)]
pub(crate) struct SnapshotSource {
    pub(crate) exchange: Exchange,
    pub(crate) data_digest: Digest,
    pub(crate) revision: u64,
    pub(crate) origin: DataOrigin,
    pub(crate) as_known_at: DateTime<Utc>,
    pub(super) axes_sha256: Digest,
    pub(super) universe_sha256: Digest,
}

/// The contents of the file, to be written.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Described(SourceFile);

impl SnapshotSource {
    /// Reads the extract stage's file as an input of another stage.
    pub(crate) fn read(folder: &mut StageFolder) -> Result<Self, StageError> {
        let text = folder.read(Stage::Extract, SOURCE_FILE)?;
        let path = folder.run().stage_path(Stage::Extract).join(SOURCE_FILE);
        Self::decode(&path, &text).map_err(FileFault::damaged)
    }

    pub(super) fn describe(
        snapshot: &BarSnapshot,
        axes_sha256: Digest,
        universe_sha256: Digest,
    ) -> Described {
        let sessions = snapshot.bars.sessions();
        Described(SourceFile {
            schema: SCHEMA,
            exchange: snapshot.exchange.to_string(),
            data_digest: snapshot.digest.to_string(),
            data_revision: snapshot.revision,
            data_origin: snapshot.origin.as_str().to_owned(),
            as_known_at: snapshot
                .as_known_at
                .to_rfc3339_opts(SecondsFormat::AutoSi, true),
            first_session: sessions.first().map(ToString::to_string),
            last_session: sessions.last().map(ToString::to_string),
            n_sessions: sessions.len(),
            n_stocks: snapshot.bars.stocks().len(),
            n_universe: snapshot.universe.len(),
            axes_sha256: axes_sha256.to_string(),
            universe_sha256: universe_sha256.to_string(),
        })
    }

    pub(super) fn decode(path: &Path, text: &[u8]) -> Result<Self, FileFault> {
        let fault = |reason: String| FileFault::new(path, reason);
        let file: SourceFile =
            serde_json::from_slice(text).map_err(|error| fault(error.to_string()))?;
        if file.schema != SCHEMA {
            let reason = format!("its schema is {}, this version reads {SCHEMA}", file.schema);
            return Err(fault(reason));
        }
        let digest = |text: &str| Digest::parse(text).map_err(|error| fault(error.to_string()));
        let word = |what: &str, text: &str| fault(format!("unknown {what} '{text}'"));
        Ok(Self {
            exchange: Exchange::parse(&file.exchange)
                .ok_or_else(|| word("exchange", &file.exchange))?,
            data_digest: digest(&file.data_digest)?,
            revision: file.data_revision,
            origin: DataOrigin::parse(&file.data_origin)
                .ok_or_else(|| word("origin", &file.data_origin))?,
            as_known_at: DateTime::parse_from_rfc3339(&file.as_known_at)
                .map_err(|error| fault(format!("as_known_at: {error}")))?
                .to_utc(),
            axes_sha256: digest(&file.axes_sha256)?,
            universe_sha256: digest(&file.universe_sha256)?,
        })
    }
}
