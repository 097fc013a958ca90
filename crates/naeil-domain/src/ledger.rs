//! The ledger: one row for every promotion decision.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::digest::Digest;

/// What the promotion gate said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The candidate becomes champion.
    Promote,
    /// Not enough to say; the champion stays.
    Hold,
    /// The candidate is worse or broken; the champion stays.
    Reject,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Promote, Self::Hold, Self::Reject];

    /// The word used in the ledger and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "PROMOTE",
            Self::Hold => "HOLD",
            Self::Reject => "REJECT",
        }
    }

    /// Parses [`Self::as_str`]'s words.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|verdict| verdict.as_str() == text)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One decision, with what it was based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// The retrain that produced the candidate; at most one entry a run.
    pub run_id: String,
    /// The decision.
    pub verdict: Verdict,
    /// Why, for people.
    pub reason: String,
    /// The candidate's version in the registry.
    pub candidate_version: String,
    /// The candidate's digest.
    pub candidate_digest: Digest,
    /// The champion before the decision, if there was one.
    pub champion_version: Option<String>,
    /// The figures compared, as a JSON object.
    pub evidence: String,
}
