//! Which sessions are trained on and which are judged.

use std::ops::Range;

use chrono::Datelike as _;
use naeil_domain::{Horizon, Session};
use naeil_features::{Fold, TrainingWindow, WalkForward};
use serde::{Deserialize, Serialize};

use crate::error::BacktestError;

/// Test sessions of a fold unless the history is too short for as many: a year.
const FOLD_SESSIONS: usize = 246;
/// Sessions before a test part on which nothing is trained and calibration begins: a quarter.
const VALIDATION_SESSIONS: usize = 60;
/// Sessions left out beside the purge.
const EMBARGO: usize = 5;
/// Share of the history that at least belongs to the first fold's training.
const LEAST_TRAINING: f64 = 0.3;

/// How the history is cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EvaluationPlan {
    /// Folds that move forward, each trained on everything before it.
    WalkForward {
        /// How many folds, the newest that fit.
        folds: usize,
        /// As-of sessions that each fold is judged on; as many as leave enough for training, and 246
        /// at most, if none.
        test_sessions: Option<usize>,
    },
    /// One fold with stated dates.
    Split(SplitDates),
}

/// The last as-of sessions of the three parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitDates {
    /// Training ends here, less a purge at its end.
    #[serde(with = "session_text")]
    pub train_until: Session,
    /// Validation ends here, less a purge at its end.
    #[serde(with = "session_text")]
    pub validate_until: Session,
    /// The test part ends here.
    #[serde(with = "session_text")]
    pub test_until: Session,
}

/// A fold and what it is called in file names and tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFold {
    /// `fold1` and so on.
    pub name: String,
    /// Its parts.
    pub fold: Fold,
    /// The sessions that are scored: from the first validation session on, so that calibration has
    /// a past when the test part begins. Only the test part is reported.
    pub scored: Range<usize>,
}

impl PlannedFold {
    fn new(name: String, fold: Fold) -> Self {
        let from = (fold.validation.as_ref()).map_or(fold.test.start, |part| part.start);
        let scored = from..fold.test.end;
        Self { name, fold, scored }
    }

    /// The fold again for each calendar quarter of its test part but the first, with everything
    /// moved up to that quarter: what a model refitted each quarter is trained on.
    pub fn refits(&self, sessions: &[Session]) -> Vec<Self> {
        let test = self.fold.test.clone();
        let label = |session_idx: usize| quarter(sessions[session_idx]);
        let mut starts: Vec<usize> = vec![test.start];
        starts.extend((test.start + 1..test.end).filter(|&at| label(at) != label(at - 1)));
        let ends = starts.iter().skip(1).copied().chain([test.end]);
        let parts = starts.iter().copied().zip(ends).skip(1);
        parts
            .map(|(start, end)| {
                let by = start - test.start;
                let moved = |part: &Range<usize>| part.start + by..part.end + by;
                Self {
                    name: format!("{}-{}", self.name, label(start)),
                    fold: Fold {
                        train: self.fold.train.start..self.fold.train.end + by,
                        validation: self.fold.validation.as_ref().map(moved),
                        test: start..end,
                    },
                    scored: start..end,
                }
            })
            .collect()
    }
}

/// The calendar quarter of a session, for instance `2024Q3`.
pub fn quarter(session: Session) -> String {
    let date = session.date();
    format!("{}Q{}", date.year(), date.month0() / 3 + 1)
}

impl Default for EvaluationPlan {
    fn default() -> Self {
        Self::WalkForward {
            folds: 4,
            test_sessions: None,
        }
    }
}

impl EvaluationPlan {
    /// The folds over these sessions, oldest first. The first `unusable` sessions are warm-up and
    /// lookback: no window ends in them.
    ///
    /// # Errors
    /// [`BacktestError::InvalidConfig`], [`BacktestError::TooFewSessions`] or
    /// [`BacktestError::NoSessions`].
    pub fn folds(
        &self,
        sessions: &[Session],
        unusable: usize,
    ) -> Result<Vec<PlannedFold>, BacktestError> {
        let folds = match self {
            Self::WalkForward {
                folds,
                test_sessions,
            } => walk_forward(sessions.len(), unusable, *folds, *test_sessions)?,
            Self::Split(dates) => vec![dates.fold(sessions, unusable)?],
        };
        let named = folds
            .into_iter()
            .enumerate()
            .map(|(i, fold)| PlannedFold::new(format!("fold{}", i + 1), fold));
        Ok(named.collect())
    }
}

fn walk_forward(
    n_sessions: usize,
    unusable: usize,
    n_folds: usize,
    test_sessions: Option<usize>,
) -> Result<Vec<Fold>, BacktestError> {
    if n_folds == 0 {
        return Err(BacktestError::InvalidConfig {
            setting: "folds",
            value: n_folds.to_string(),
            expected: "at least 1".to_owned(),
        });
    }
    let apart = 2 * (Horizon::MAX_STEPS + EMBARGO);
    let usable = n_sessions.saturating_sub(unusable + apart + VALIDATION_SESSIONS);
    let most = ((usable as f64 * (1.0 - LEAST_TRAINING)) as usize) / n_folds;
    let test_sessions = test_sessions.unwrap_or(FOLD_SESSIONS.min(most));
    let too_few = |needed: usize| BacktestError::TooFewSessions {
        problem: format!(
            "{n_sessions} sessions are too few for {n_folds} folds of {test_sessions} test \
             sessions, which need {needed}; ask for fewer or shorter folds, or import more sessions"
        ),
    };
    let before = unusable + apart + VALIDATION_SESSIONS + 1;
    let needed = before.saturating_add(test_sessions.saturating_mul(n_folds));
    if test_sessions == 0 || n_sessions < needed {
        return Err(too_few(needed.max(before + n_folds)));
    }
    let plan = WalkForward {
        train: TrainingWindow::Expanding {
            at_least: unusable + 1,
        },
        validation_sessions: VALIDATION_SESSIONS,
        test_sessions,
        step: test_sessions,
        purge: Horizon::MAX_STEPS,
        embargo: EMBARGO,
    };
    let folds: Vec<Fold> = plan.folds(n_sessions)?.collect();
    Ok(folds[folds.len().saturating_sub(n_folds)..].to_vec())
}

impl SplitDates {
    fn fold(&self, sessions: &[Session], unusable: usize) -> Result<Fold, BacktestError> {
        let end_of = |date: Session| sessions.partition_point(|&session| session <= date);
        let (train_end, validation_end, test_end) = (
            end_of(self.train_until),
            end_of(self.validate_until),
            end_of(self.test_until),
        );
        let purge = Horizon::MAX_STEPS;
        let none = |side, date| match (sessions.first(), sessions.last()) {
            (Some(&first), Some(&last)) => BacktestError::NoSessions {
                side,
                date,
                first,
                last,
            },
            _ => BacktestError::TooFewSessions {
                problem: "there is not one session to evaluate on".to_owned(),
            },
        };
        if train_end <= unusable + purge {
            return Err(none("far enough up to", self.train_until));
        }
        if validation_end <= train_end + purge {
            return Err(none("far enough after", self.train_until));
        }
        if test_end <= validation_end {
            return Err(none("after", self.validate_until));
        }
        Ok(Fold {
            train: 0..train_end - purge,
            validation: Some(train_end..validation_end - purge),
            test: validation_end..test_end,
        })
    }
}

/// A session as `YYYY-MM-DD`.
pub(crate) mod session_text {
    use naeil_domain::Session;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(session: &Session, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(session)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Session, D::Error> {
        let text = String::deserialize(from)?;
        Session::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};

    use super::*;
    use crate::leakage::check_folds;

    fn sessions(n: usize) -> Vec<Session> {
        let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        (0..n as u64)
            .map(|i| Session::new(first + Days::new(i)))
            .collect()
    }

    #[test]
    fn folds_tile_the_end_of_the_history_and_stay_apart() {
        let sessions = sessions(1477);
        let folds = EvaluationPlan::default().folds(&sessions, 140).unwrap();
        assert_eq!(folds.len(), 4);
        assert_eq!(folds[3].fold.test.end, 1477);
        for pair in folds.windows(2) {
            assert_eq!(pair[0].fold.test.end, pair[1].fold.test.start);
        }
        // 1,477 - 140 unusable - 50 apart - 60 validation = 1,227 usable, 70 % of them in 4 folds.
        assert_eq!(folds[0].fold.test.len(), 214);
        assert!(check_folds(&folds, Horizon::MAX_STEPS).passed);
        assert_eq!(
            folds[0].scored.start,
            folds[0].fold.validation.clone().unwrap().start
        );
    }

    #[test]
    fn refits_move_everything_up_to_their_quarter() {
        let sessions = sessions(700);
        let folds = EvaluationPlan::WalkForward {
            folds: 1,
            test_sessions: Some(200),
        };
        let fold = &folds.folds(&sessions, 140).unwrap()[0];
        // Sessions 500..700 are 2021-05-15 to 2021-11-30: quarters begin at 547 and 639.
        let refits = fold.refits(&sessions);
        let tests: Vec<Range<usize>> = refits.iter().map(|refit| refit.fold.test.clone()).collect();
        assert_eq!(tests, [547..639, 639..700]);
        assert_eq!(refits[0].name, "fold1-2021Q3");
        assert_eq!(refits[0].fold.train.end, fold.fold.train.end + 47);
        assert_eq!(refits[0].scored, 547..639);
        assert!(check_folds(&refits, Horizon::MAX_STEPS).passed);
    }

    #[test]
    fn stated_dates_are_purged_on_the_earlier_side() {
        let sessions = sessions(600);
        let dates = SplitDates {
            train_until: sessions[299],
            validate_until: sessions[399],
            test_until: sessions[499],
        };
        let folds = EvaluationPlan::Split(dates).folds(&sessions, 140).unwrap();
        let fold = &folds[0].fold;
        assert_eq!(fold.train, 0..280);
        assert_eq!(fold.validation, Some(300..380));
        assert_eq!(fold.test, 400..500);
        assert!(check_folds(&folds, Horizon::MAX_STEPS).passed);
        let short = SplitDates {
            validate_until: sessions[310],
            ..dates
        };
        let error = EvaluationPlan::Split(short).folds(&sessions, 140);
        assert!(error.unwrap_err().to_string().contains("far enough after"));
    }

    #[test]
    fn too_short_a_history_says_what_it_needs() {
        let plan = EvaluationPlan::WalkForward {
            folds: 4,
            test_sessions: Some(100),
        };
        let error = plan.folds(&sessions(500), 140).unwrap_err().to_string();
        assert!(error.contains("which need 651"), "{error}");
        assert!(plan.folds(&sessions(651), 140).is_ok());
        let none = EvaluationPlan::WalkForward {
            folds: 0,
            test_sessions: None,
        };
        assert!(none.folds(&sessions(900), 140).is_err());
    }
}
