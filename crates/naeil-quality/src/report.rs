//! What the checks found.

use crate::name::CheckName;

/// What one check says.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The check.
    pub check: CheckName,
    /// Whether the data are unfit to train on because of it.
    pub failed: bool,
    /// One sentence with the counts.
    pub summary: String,
    /// What to do about it.
    pub remedy: String,
}

/// The quality of the bars of one exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityReport {
    /// One finding a check, in the order of [`CheckName::ALL`].
    pub findings: Vec<Finding>,
}

impl QualityReport {
    /// The findings that make the data unfit to train on, unless accepted.
    pub fn failures(&self, accepted: &[CheckName]) -> Vec<&Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.failed && !accepted.contains(&finding.check))
            .collect()
    }
}
