//! The quality report of a snapshot as a file, and the gate that it has to pass.

use naeil_quality::{CheckName, Finding, QualityReport};
use serde::{Deserialize, Serialize};

use crate::error::{RefusedCheck, StageError};
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

/// Name of the extract stage's file with the report.
pub(crate) const QUALITY_FILE: &str = "quality.json";

/// What the checks said of the bars of a run, and what was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QualityFile {
    /// Checks that may fail, as the settings said.
    pub(crate) accepted: Vec<String>,
    /// What each check found.
    pub(crate) findings: Vec<FindingEntry>,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingEntry {
    pub(crate) check: String,
    pub(crate) failed: bool,
    pub(crate) summary: String,
    pub(crate) remedy: String,
}

impl QualityFile {
    /// What the report says, with nothing accepted.
    pub(crate) fn new(report: &QualityReport) -> Self {
        Self {
            accepted: Vec::new(),
            findings: report.findings.iter().map(FindingEntry::from).collect(),
        }
    }

    /// Reads the extract stage's file as an input of another stage.
    pub(crate) fn read(folder: &mut StageFolder) -> Result<Self, StageError> {
        folder.read_json(Stage::Extract, QUALITY_FILE)
    }

    /// Accepts more checks.
    pub(crate) fn accept(&mut self, checks: &[CheckName]) {
        for check in checks.iter().map(ToString::to_string) {
            if !self.accepted.contains(&check) {
                self.accepted.push(check);
            }
        }
    }

    /// The checks that failed and were accepted: what everything made from the bars has to say.
    pub(crate) fn accepted_failures(&self) -> Vec<String> {
        let failed = self.findings.iter().filter(|finding| finding.failed);
        failed
            .filter(|finding| self.accepted.contains(&finding.check))
            .map(|finding| finding.check.clone())
            .collect()
    }

    /// Lets nothing pass that failed and was not accepted.
    ///
    /// # Errors
    /// [`StageError::DataRefused`] with every such check.
    pub(crate) fn refuse_failures(&self, folder: &StageFolder) -> Result<(), StageError> {
        let failures: Vec<RefusedCheck> = self
            .findings
            .iter()
            .filter(|finding| finding.failed && !self.accepted.contains(&finding.check))
            .map(|finding| RefusedCheck {
                check: finding.check.clone(),
                summary: finding.summary.clone(),
                remedy: finding.remedy.clone(),
            })
            .collect();
        if failures.is_empty() {
            return Ok(());
        }
        Err(StageError::DataRefused {
            failures,
            report: folder.path(QUALITY_FILE),
        })
    }
}

impl From<&Finding> for FindingEntry {
    fn from(finding: &Finding) -> Self {
        Self {
            check: finding.check.to_string(),
            failed: finding.failed,
            summary: finding.summary.clone(),
            remedy: finding.remedy.clone(),
        }
    }
}
