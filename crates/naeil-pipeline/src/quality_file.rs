//! The quality report of a snapshot as a file, and the gate that it has to pass.

use naeil_quality::{CheckName, Finding, QualityReport, SCHEMA_VERSION};
use serde::{Deserialize, Serialize};

use crate::error::{RefusedCheck, StageError};
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

/// Name of the extract stage's file with the report.
pub(crate) const QUALITY_FILE: &str = "quality.json";

/// What the checks said of the bars of a run, and what was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "QualityText", into = "QualityText")]
pub(crate) struct QualityFile {
    /// Checks that may fail, as the settings said.
    pub(crate) accepted: Vec<CheckName>,
    /// The whole report, as `naeil data check` would have written it.
    pub(crate) report: QualityReport,
}

/// The file as it is written down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QualityText {
    accepted: Vec<CheckName>,
    report: QualityReport,
}

impl QualityFile {
    /// What the report says, with nothing accepted.
    pub(crate) fn new(report: QualityReport) -> Self {
        Self {
            accepted: Vec::new(),
            report,
        }
    }

    /// Reads the extract stage's file as an input of another stage.
    pub(crate) fn read(folder: &mut StageFolder) -> Result<Self, StageError> {
        folder.read_json(Stage::Extract, QUALITY_FILE)
    }

    /// Accepts more checks.
    pub(crate) fn accept(&mut self, checks: &[CheckName]) {
        for check in checks {
            if !self.accepted.contains(check) {
                self.accepted.push(*check);
            }
        }
    }

    /// The checks that failed and were accepted: what everything made from the bars has to say.
    pub(crate) fn accepted_failures(&self) -> Vec<String> {
        let failed = self.report.findings.iter().filter(|f| f.failed);
        failed
            .filter(|finding| self.accepted.contains(&finding.check))
            .map(|finding| finding.check.to_string())
            .collect()
    }

    /// Lets nothing pass that failed and was not accepted.
    ///
    /// # Errors
    /// [`StageError::DataRefused`] with every such check.
    pub(crate) fn refuse_failures(&self, folder: &StageFolder) -> Result<(), StageError> {
        let failures = self.report.failures(&self.accepted);
        if failures.is_empty() {
            return Ok(());
        }
        Err(StageError::DataRefused {
            failures: failures.into_iter().map(RefusedCheck::from).collect(),
            report: folder.path(QUALITY_FILE),
        })
    }
}

impl From<&Finding> for RefusedCheck {
    fn from(finding: &Finding) -> Self {
        Self {
            check: finding.check.to_string(),
            summary: finding.summary.clone(),
            remedy: finding.remedy.clone(),
        }
    }
}

impl TryFrom<QualityText> for QualityFile {
    type Error = String;

    fn try_from(QualityText { accepted, report }: QualityText) -> Result<Self, String> {
        if report.schema != SCHEMA_VERSION {
            let found = report.schema;
            return Err(format!(
                "its report has schema {found}, this version reads {SCHEMA_VERSION}"
            ));
        }
        Ok(Self { accepted, report })
    }
}

impl From<QualityFile> for QualityText {
    fn from(QualityFile { accepted, report }: QualityFile) -> Self {
        Self { accepted, report }
    }
}
