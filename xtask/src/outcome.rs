//! How a step of a check ended.

use std::process::Command;

use crate::process;

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// In order.
    Passed,
    /// Not run here, and why.
    Skipped(String),
    /// Not in order, and what.
    Failed(Vec<String>),
}

impl Outcome {
    /// Passed if nothing was found.
    pub(crate) fn from_findings(found: Vec<String>) -> Self {
        if found.is_empty() {
            Self::Passed
        } else {
            Self::Failed(found)
        }
    }
}

/// Passes if the tool does; the tool tells itself what it found.
pub(crate) fn run_tool(command: &mut Command) -> anyhow::Result<Outcome> {
    process::run(command).map(|()| Outcome::Passed)
}
