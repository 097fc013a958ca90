//! Which sessions are for training, validation and test.

use std::ops::Range;

use naeil_domain::{DateWindow, Horizon, Session};
use naeil_features::{DateSplit, FeatureSpec};
use serde::{Deserialize, Serialize};

use crate::config::PipelineConfig;
use crate::error::StageError;
use crate::gate::MIN_SESSIONS;

/// Sessions left out between the parts, so that no label reaches into the next one.
const PURGE: usize = Horizon::MAX_STEPS;

/// Splits the sessions as the settings say: the newest are the test window.
///
/// # Errors
/// [`StageError::TooFewSessions`] unless at least [`MIN_SESSIONS`] sessions with complete windows
/// remain to train on.
pub(crate) fn plan_split(
    sessions: &[Session],
    spec: &FeatureSpec,
    config: &PipelineConfig,
) -> Result<DateSplit, StageError> {
    let (validation, test) = (config.validation_sessions, config.test_sessions);
    let history = spec.warm_up() + spec.lookback();
    let needed = history + MIN_SESSIONS + PURGE + validation + PURGE + test;
    if sessions.len() < needed {
        return Err(StageError::TooFewSessions {
            found: sessions.len(),
            needed,
            why: format!(
                "{history} of history for the first window, {MIN_SESSIONS} to train on, \
                 {validation} for validation, {test} for the test and twice {PURGE} between them"
            ),
        });
    }
    Ok(DateSplit::by_date(sessions, validation, test, PURGE)?)
}

/// The dates of a range of sessions.
///
/// # Panics
/// If the range is empty or ends beyond the sessions; a planned split never does.
pub(crate) fn window_of(sessions: &[Session], range: &Range<usize>) -> DateWindow {
    DateWindow {
        first: sessions[range.start],
        last: sessions[range.end - 1],
    }
}

/// A split as its dates, which mean the same beside any bars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitFile {
    purged_sessions: usize,
    train: PartEntry,
    validation: PartEntry,
    test: PartEntry,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartEntry {
    first: String,
    last: String,
    sessions: usize,
}

impl SplitFile {
    pub(crate) fn new(sessions: &[Session], split: &DateSplit) -> Self {
        let part = |range: &Range<usize>| {
            let DateWindow { first, last } = window_of(sessions, range);
            PartEntry {
                first: first.to_string(),
                last: last.to_string(),
                sessions: range.len(),
            }
        };
        Self {
            purged_sessions: PURGE,
            train: part(&split.train),
            validation: part(&split.validation),
            test: part(&split.test),
        }
    }

    /// The split on an axis of sessions, or the reason why it does not fit there.
    pub(crate) fn on(&self, sessions: &[Session]) -> Result<DateSplit, String> {
        Ok(DateSplit {
            train: self.train.on(sessions)?,
            validation: self.validation.on(sessions)?,
            test: self.test.on(sessions)?,
        })
    }
}

impl PartEntry {
    fn on(&self, sessions: &[Session]) -> Result<Range<usize>, String> {
        let position = |text: &String| {
            let session = Session::parse(text).map_err(|error| error.to_string())?;
            sessions
                .binary_search(&session)
                .map_err(|_| format!("{session} is not a session of the bars"))
        };
        let range = position(&self.first)?..position(&self.last)? + 1;
        if range.len() != self.sessions {
            return Err(format!(
                "{} to {} are {} sessions, not {}",
                self.first,
                self.last,
                range.len(),
                self.sessions
            ));
        }
        Ok(range)
    }
}

#[cfg(test)]
mod tests;
