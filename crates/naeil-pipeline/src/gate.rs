//! The promotion gate: when a candidate becomes champion.
//!
//! A pure function of what was measured. Both models are scored on the same rows; the figure
//! compared is the mean over horizons of the accuracy of "probability above one half".

use naeil_domain::{Exchange, Horizon, Verdict};

/// The fewest sessions on which two models are compared: below, the market's own moves decide.
pub const MIN_SESSIONS: usize = 20;

/// Differences below it are rounding, so that a gain of exactly `min_gain` counts as reached.
const ROUNDING: f64 = 1e-9;

/// The accuracies of both models at one horizon, on the same rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AccuracyPair {
    /// The horizon.
    pub horizon: Horizon,
    /// Rows scored.
    pub n_rows: usize,
    /// As-of sessions the rows come from: fewer at a longer horizon, whose outcomes are not known
    /// yet for the newest sessions.
    pub n_sessions: usize,
    /// The champion's share of right calls; `None` without rows.
    pub champion: Option<f64>,
    /// The candidate's.
    pub candidate: Option<f64>,
}

impl AccuracyPair {
    /// How much better the candidate is; `None` for rows of fewer than [`MIN_SESSIONS`] sessions,
    /// in which whoever leans the way the market went wins.
    pub fn gain(&self) -> Option<f64> {
        if self.n_sessions < MIN_SESSIONS {
            return None;
        }
        Some(self.candidate? - self.champion?)
    }
}

/// What is known when a candidate is judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// There is no champion yet.
    FirstModel,
    /// The candidate is the champion, byte for byte.
    Unchanged,
    /// The candidate learned from another exchange than the one that is served.
    OtherExchange {
        /// The exchange.
        exchange: Exchange,
    },
    /// The champion takes other features than this version computes, so it cannot be scored here.
    OtherFeatures,
    /// Too few sessions remain that the champion has not learned from.
    TooFewSessions {
        /// How many remain.
        found: usize,
    },
    /// Both were scored on the same rows.
    Compared {
        /// Sessions the rows come from.
        n_sessions: usize,
        /// One entry a horizon.
        accuracies: Vec<AccuracyPair>,
    },
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// A stable word for the reason.
    pub code: &'static str,
    /// The reason, for people.
    pub reason: String,
    /// Mean gain in accuracy over the horizons, where there was a comparison.
    pub mean_gain: Option<f64>,
}

/// The mean gain over the horizons that both models were scored on for long enough.
pub fn mean_gain(accuracies: &[AccuracyPair]) -> Option<f64> {
    let gains: Vec<f64> = accuracies.iter().filter_map(AccuracyPair::gain).collect();
    if gains.is_empty() {
        return None;
    }
    Some(gains.iter().sum::<f64>() / gains.len() as f64)
}

/// Judges a candidate.
///
/// A gain of at least `min_gain` promotes, a loss of at least `min_gain` rejects, and everything
/// between holds, as does whatever cannot be measured.
///
/// # Units
/// `min_gain`: a share, 0.02 for two percentage points.
pub fn judge(standing: &Standing, min_gain: f64) -> Decision {
    let decide = |verdict, code, reason: String| Decision {
        verdict,
        code,
        reason,
        mean_gain: None,
    };
    match standing {
        Standing::FirstModel => decide(
            Verdict::Promote,
            "first_model",
            "there is no champion yet".to_owned(),
        ),
        Standing::Unchanged => decide(
            Verdict::Hold,
            "unchanged",
            "the candidate is the champion, byte for byte".to_owned(),
        ),
        Standing::OtherExchange { exchange } => decide(
            Verdict::Hold,
            "other_exchange",
            format!(
                "the candidate learned from {exchange}, and only a model of {} may be champion",
                Exchange::default()
            ),
        ),
        Standing::OtherFeatures => decide(
            Verdict::Hold,
            "other_features",
            "the champion takes other features than this version computes, so the two cannot be \
             scored on the same rows"
                .to_owned(),
        ),
        Standing::TooFewSessions { found } => decide(
            Verdict::Hold,
            "too_few_sessions",
            format!(
                "only {found} sessions of the test window lie after what the champion learned \
                 from, {MIN_SESSIONS} are needed"
            ),
        ),
        Standing::Compared {
            n_sessions,
            accuracies,
        } => judge_gain(*n_sessions, mean_gain(accuracies), min_gain),
    }
}

fn judge_gain(n_sessions: usize, gain: Option<f64>, min_gain: f64) -> Decision {
    let Some(gain) = gain else {
        return Decision {
            verdict: Verdict::Hold,
            code: "nothing_scored",
            reason: format!(
                "at no horizon are the outcomes of {MIN_SESSIONS} sessions of the test window known"
            ),
            mean_gain: None,
        };
    };
    // A tiny min_gain must not let an equal model through.
    let counts = min_gain - ROUNDING.min(min_gain / 2.0);
    let (verdict, code, relation) = if gain >= counts {
        (Verdict::Promote, "better", "at least the")
    } else if gain <= -counts {
        (Verdict::Reject, "worse", "worse by at least the")
    } else {
        (Verdict::Hold, "no_gain", "short of the")
    };
    Decision {
        verdict,
        code,
        reason: format!(
            "mean accuracy over {n_sessions} sessions changed by {gain:+.4}, {relation} \
             {min_gain:.4} that counts"
        ),
        mean_gain: Some(gain),
    }
}

#[cfg(test)]
mod tests;
