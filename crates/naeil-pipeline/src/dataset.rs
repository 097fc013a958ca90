//! What the numeric stages work on: features, labels and the split of a run.
//!
//! The feature panel is a function of the snapshot and the spec, so it is computed anew where it
//! is needed rather than stored (it is several times the size of the bars); its digest, written by
//! the features stage, proves that every stage sees the same numbers.

use std::collections::BTreeMap;

use naeil_domain::Digest;
use naeil_features::{DateSplit, FeaturePanel, FeatureSpec, Labels};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::StageError;
use crate::snapshot::BarSnapshot;
use crate::split::SplitFile;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

/// Name of the features stage's file with the spec.
pub(crate) const SPEC_FILE: &str = "spec.json";
/// Name of the features stage's file with the dates of the split.
pub(crate) const SPLIT_FILE: &str = "split.json";
/// Name of the features stage's file with counts and digest.
pub(crate) const SUMMARY_FILE: &str = "features.json";

/// Features, labels and split of a run. Features are of the whole market, because ranks are; windows
/// are drawn from the stocks of [`Self::universe`] alone.
pub(crate) struct Dataset {
    pub(crate) snapshot: BarSnapshot,
    pub(crate) panel: FeaturePanel,
    pub(crate) labels: Labels,
    pub(crate) split: DateSplit,
}

/// What the features stage says of its panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeaturesFile {
    /// Hash of the spec.
    pub(crate) spec_hash: String,
    /// Digest of the panel's values.
    pub(crate) panel_digest: String,
    /// Columns of a row.
    pub(crate) n_columns: usize,
    /// Usable windows of the universe in each part.
    pub(crate) usable_windows: UsableWindows,
    /// Labels of the whole market that are void, by horizon and reason.
    pub(crate) void_labels: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Windows a model can take, by part of the split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsableWindows {
    pub(crate) train: usize,
    pub(crate) validation: usize,
    pub(crate) test: usize,
}

impl Dataset {
    /// Indices of the stocks that are learned from and judged on, ascending.
    pub(crate) fn universe(&self) -> &[usize] {
        &self.snapshot.universe
    }

    /// Computes features and labels.
    pub(crate) fn compute(
        snapshot: BarSnapshot,
        spec: &FeatureSpec,
        split: DateSplit,
    ) -> Result<Self, StageError> {
        Ok(Self {
            panel: FeaturePanel::compute(spec, &snapshot.bars)?,
            labels: Labels::compute(&snapshot.bars),
            snapshot,
            split,
        })
    }

    /// Computes them again from the files of the extract and features stages.
    ///
    /// # Errors
    /// [`StageError::FeaturesDiffer`] if the numbers are not those of the features stage.
    pub(crate) fn load(folder: &mut StageFolder) -> Result<Self, StageError> {
        let snapshot = BarSnapshot::read(folder)?;
        let spec_json = folder.read(Stage::Features, SPEC_FILE)?;
        let split: SplitFile = folder.read_json(Stage::Features, SPLIT_FILE)?;
        let summary: FeaturesFile = folder.read_json(Stage::Features, SUMMARY_FILE)?;
        let path = |file| folder.run().stage_path(Stage::Features).join(file);
        let spec = FeatureSpec::from_json(&String::from_utf8_lossy(&spec_json))?;
        let split = split
            .on(snapshot.bars.sessions())
            .map_err(|reason| StageError::damaged(&path(SPLIT_FILE), reason))?;
        let dataset = Self::compute(snapshot, &spec, split)?;
        let found = dataset.panel_digest().to_string();
        if found != summary.panel_digest {
            return Err(StageError::FeaturesDiffer {
                expected: summary.panel_digest,
                found,
            });
        }
        Ok(dataset)
    }

    /// Digest of every value of the panel, void rows marked.
    pub(crate) fn panel_digest(&self) -> Digest {
        let mut hasher = Sha256::new();
        let mut bytes = Vec::new();
        for session_idx in 0..self.panel.sessions().len() {
            bytes.clear();
            for stock_idx in 0..self.panel.stocks().len() {
                let row = self.panel.row(session_idx, stock_idx);
                bytes.push(u8::from(row.is_some()));
                for value in row.unwrap_or_default() {
                    bytes.extend(value.to_le_bytes());
                }
            }
            hasher.update(&bytes);
        }
        Digest::from_bytes(hasher.finalize().into())
    }
}
