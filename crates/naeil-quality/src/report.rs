//! What the checks found.

use serde::{Deserialize, Serialize};

use crate::name::CheckName;

/// Version of the report's JSON; it grows when a field changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// What one check says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The check.
    pub check: CheckName,
    /// Whether the data are unfit to train on because of it.
    pub failed: bool,
    /// Whether there is anything to look at.
    pub flagged: bool,
    /// One sentence with the counts.
    pub summary: String,
    /// When it fails, in words.
    pub limit: String,
    /// What to do about it.
    pub remedy: String,
    /// Its counts, in a fixed order.
    pub counts: Vec<Count>,
    /// The worst cases, worst first; at most ten.
    pub examples: Vec<Example>,
}

/// One count of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What was counted.
    pub what: String,
    /// How many.
    pub n: u64,
}

/// One case of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The stock, as far as one is concerned.
    pub code: Option<String>,
    /// The session, as `YYYY-MM-DD`, as far as one is concerned.
    pub session: Option<String>,
    /// What is there.
    pub what: String,
}

/// A corporate action that would explain a break; a suggestion for a person to review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuggestedAction {
    /// The stock.
    pub code: String,
    /// The first session on the new footing, as `YYYY-MM-DD`.
    pub session: String,
    /// `split`, `consolidation`, `basis_switch` or `other`.
    pub kind: String,
    /// Multiplies the adjustment factor from the session on.
    pub ratio: f64,
    /// Where the ratio comes from.
    pub why: String,
}

/// One stock's counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRow {
    /// Its code.
    pub code: String,
    /// Its name, as the source spells it.
    pub name: String,
    /// Its market.
    pub market: String,
    /// First session with a bar.
    pub first: String,
    /// Last session with a bar.
    pub last: String,
    /// Bars.
    pub bars: u64,
    /// Bars without a trade.
    pub halts: u64,
    /// The longest run of them.
    pub longest_halt: u64,
    /// Sessions of the exchange without a bar between the first and the last.
    pub gaps: u64,
    /// The longest run of them.
    pub longest_gap: u64,
    /// Moves beyond the limit, across gaps too.
    pub moves: u64,
    /// Open or close outside low to high.
    pub outside_range: u64,
    /// Rows that imports refused.
    pub refused: u64,
}

/// One session's counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The session, as `YYYY-MM-DD`.
    pub session: String,
    /// Bars.
    pub bars: u64,
    /// Of them, bars without a trade.
    pub halts: u64,
    /// Codes inside their life without a bar.
    pub missing: u64,
    /// Moves beyond the limit, those across gaps left out.
    pub moves: u64,
}

/// Moves of a size from one traded close to the next, as a share of the limit of their day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReturnBin {
    /// Lower edge: -1 is the whole limit downwards.
    pub from: f64,
    /// Upper edge.
    pub to: f64,
    /// How many.
    pub n: u64,
}

/// The quality of the bars of one exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema: u32,
    /// The exchange.
    pub exchange: String,
    /// When the check ran, RFC 3339.
    pub checked_at: String,
    /// First session with a bar.
    pub first_session: Option<String>,
    /// Last session with a bar.
    pub last_session: Option<String>,
    /// Stocks with a bar.
    pub codes: u64,
    /// Sessions of the exchange from the first to the last.
    pub n_sessions: u64,
    /// Bars.
    pub bars: u64,
    /// Rows that imports refused.
    pub refused: u64,
    /// One finding a check, in the order of [`CheckName::ALL`].
    pub findings: Vec<Finding>,
    /// Actions that would explain breaks.
    pub suggested_actions: Vec<SuggestedAction>,
    /// Stocks, those with most defects first; at most 500.
    pub worst_codes: Vec<CodeRow>,
    /// Every session of the exchange from the first to the last.
    pub sessions: Vec<SessionRow>,
    /// How moves from one traded close to the next spread over the limit.
    pub returns: Vec<ReturnBin>,
}

/// A stored report that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not the JSON of a report.
    #[error("this is not a quality report: {0}; run 'naeil data check' again")]
    NotAReport(#[from] serde_json::Error),
    /// Another version of the program wrote it.
    #[error(
        "the quality report has schema {found} and this program reads {SCHEMA_VERSION}; run \
         'naeil data check' again"
    )]
    OtherSchema {
        /// The schema it has.
        found: u32,
    },
}

impl QualityReport {
    /// The findings that make the data unfit to train on, unless accepted.
    pub fn failures(&self, accepted: &[CheckName]) -> Vec<&Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.failed && !accepted.contains(&finding.check))
            .collect()
    }

    /// The finding of one check.
    pub fn finding(&self, check: CheckName) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.check == check)
    }

    /// One count of one check; 0 where there is none of that name.
    pub fn count(&self, check: CheckName, what: &str) -> u64 {
        self.finding(check)
            .and_then(|finding| finding.counts.iter().find(|count| count.what == what))
            .map_or(0, |count| count.n)
    }

    /// The report as JSON.
    ///
    /// # Errors
    /// `serde_json`'s, which a report does not give rise to.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// Reads a report back.
    ///
    /// # Errors
    /// [`ReadError`] if it is none, or one of another schema.
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Versioned {
            schema: u32,
        }
        let found = serde_json::from_str::<Versioned>(text)?.schema;
        if found != SCHEMA_VERSION {
            return Err(ReadError::OtherSchema { found });
        }
        Ok(serde_json::from_str(text)?)
    }
}
