//! The comparison and its verdict as a file, which register and promote read.

use chrono::{DateTime, SecondsFormat, Utc};
use naeil_domain::{DateWindow, ModelVersion, Verdict};
use serde::{Deserialize, Serialize};

use crate::error::StageError;
use crate::gate::{AccuracyPair, Decision};
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

/// Name of the compare stage's file.
pub(crate) const COMPARE_FILE: &str = "compare.json";

/// What the compare stage measured and decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// PROMOTE, HOLD or REJECT.
    #[serde(with = "verdict_word")]
    pub verdict: Verdict,
    /// A stable word for the reason.
    pub code: String,
    /// The reason, for people.
    pub reason: String,
    /// When it was decided.
    #[serde(with = "rfc3339")]
    pub decided_at: DateTime<Utc>,
    /// The gain in mean accuracy that counts.
    pub min_gain: f64,
    /// The gain that was measured, where there was a comparison.
    pub mean_gain: Option<f64>,
    /// Digest of the candidate's bundle.
    pub candidate_digest: String,
    /// The champion at the time, if there was one.
    pub champion: Option<ChampionEntry>,
    /// As-of sessions on which both were scored.
    pub sessions: Option<SessionsEntry>,
    /// Checks of the data's quality that failed and were accepted.
    pub accepted_checks: Vec<String>,
    /// Both accuracies a horizon.
    pub horizons: Vec<AccuracyEntry>,
}

/// The champion that a candidate was compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChampionEntry {
    /// Its version in the registry.
    pub version: String,
    /// The digest of its bundle.
    pub digest: String,
}

/// The as-of sessions of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsEntry {
    /// The first.
    pub first: String,
    /// The last.
    pub last: String,
    /// How many.
    pub count: usize,
}

/// Both accuracies at one horizon, on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyEntry {
    /// The horizon.
    pub horizon: String,
    /// Rows scored.
    pub n_rows: usize,
    /// As-of sessions they come from.
    pub n_sessions: usize,
    /// The champion's accuracy; `null` without rows.
    pub champion: Option<f64>,
    /// The candidate's.
    pub candidate: Option<f64>,
}

impl Comparison {
    /// A decision made without scoring anything.
    pub(crate) fn new(
        decision: Decision,
        decided_at: DateTime<Utc>,
        min_gain: f64,
        candidate_digest: String,
    ) -> Self {
        Self {
            verdict: decision.verdict,
            code: decision.code.to_owned(),
            reason: decision.reason,
            decided_at,
            min_gain,
            mean_gain: decision.mean_gain,
            candidate_digest,
            champion: None,
            sessions: None,
            accepted_checks: Vec::new(),
            horizons: Vec::new(),
        }
    }

    /// Says which failed checks of the data were accepted, in the reason too, which people read.
    pub(crate) fn accept(&mut self, checks: Vec<String>) {
        if !checks.is_empty() {
            let names = checks.join(", ");
            self.reason += &format!("; the data fail {names}, which was accepted");
        }
        self.accepted_checks = checks;
    }

    /// Reads the file as an input of a later stage.
    pub(crate) fn read(folder: &mut StageFolder) -> Result<Self, StageError> {
        folder.read_json(Stage::Compare, COMPARE_FILE)
    }
}

impl From<&ModelVersion> for ChampionEntry {
    fn from(version: &ModelVersion) -> Self {
        Self {
            version: version.version.clone(),
            digest: version.digest.to_string(),
        }
    }
}

impl SessionsEntry {
    pub(crate) fn new(window: DateWindow, count: usize) -> Self {
        Self {
            first: window.first.to_string(),
            last: window.last.to_string(),
            count,
        }
    }
}

impl From<&AccuracyPair> for AccuracyEntry {
    fn from(pair: &AccuracyPair) -> Self {
        Self {
            horizon: pair.horizon.to_string(),
            n_rows: pair.n_rows,
            n_sessions: pair.n_sessions,
            champion: pair.champion,
            candidate: pair.candidate,
        }
    }
}

mod verdict_word {
    use naeil_domain::Verdict;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(verdict: &Verdict, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(verdict.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Verdict, D::Error> {
        let word = String::deserialize(input)?;
        Verdict::parse(&word).ok_or_else(|| D::Error::custom(format!("unknown verdict '{word}'")))
    }
}

mod rfc3339 {
    use super::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        time: &DateTime<Utc>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.serialize_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        input: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(input)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|time| time.to_utc())
            .map_err(D::Error::custom)
    }
}
