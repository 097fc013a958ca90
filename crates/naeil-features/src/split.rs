//! Training, validation and test sessions, apart by more than any label reaches.

use std::ops::Range;

use naeil_domain::{Horizon, Session};

use crate::error::FeatureError;

/// As-of sessions of each part, as indices into the panel's sessions.
///
/// Between two parts lie sessions that belong to neither (the purge), at least
/// [`Horizon::MAX_STEPS`] of them, so that every label of a part is known before the next part
/// begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateSplit {
    /// The model learns from these.
    pub train: Range<usize>,
    /// Early stopping and thresholds are decided on these.
    pub validation: Range<usize>,
    /// The reported figures come from these.
    pub test: Range<usize>,
}

impl DateSplit {
    /// Splits by date, from the end: the last `test_sessions` are the test part, the
    /// `validation_sessions` before its purge the validation part, and all before that training.
    ///
    /// # Errors
    /// [`FeatureError::SplitInvalid`] if a part is empty or `purge` is shorter than the longest
    /// horizon; [`FeatureError::TooFewSessions`] if nothing is left to train on.
    pub fn by_date(
        sessions: &[Session],
        validation_sessions: usize,
        test_sessions: usize,
        purge: usize,
    ) -> Result<Self, FeatureError> {
        let invalid = |problem| Err(FeatureError::SplitInvalid { problem });
        if validation_sessions == 0 || test_sessions == 0 {
            return invalid(format!(
                "{validation_sessions} validation and {test_sessions} test sessions, \
                 each part needs at least one"
            ));
        }
        if purge < Horizon::MAX_STEPS {
            return invalid(format!(
                "a purge of {purge} sessions lets labels overlap, use at least {}",
                Horizon::MAX_STEPS
            ));
        }
        let held_out = [purge, validation_sessions, purge, test_sessions]
            .into_iter()
            .fold(0_usize, usize::saturating_add);
        let found = sessions.len();
        if found <= held_out {
            return Err(FeatureError::TooFewSessions {
                needed: held_out.saturating_add(1),
                found,
            });
        }
        let test = found - test_sessions..found;
        let validation_end = test.start - purge;
        let validation = validation_end - validation_sessions..validation_end;
        let train = 0..validation.start - purge;
        Ok(Self {
            train,
            validation,
            test,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    fn sessions(n: usize) -> Vec<Session> {
        let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        (0..n as u64)
            .map(|i| Session::new(first + Days::new(i)))
            .collect()
    }

    #[test]
    fn splits_from_the_end() {
        // 200 = 80 train + 20 purge + 30 validation + 20 purge + 50 test.
        let split = DateSplit::by_date(&sessions(200), 30, 50, 20).unwrap();
        assert_eq!(split.train, 0..80);
        assert_eq!(split.validation, 100..130);
        assert_eq!(split.test, 150..200);
    }

    #[test]
    fn refuses_what_cannot_be_split() {
        let message = |n, validation, test, purge| {
            let split = DateSplit::by_date(&sessions(n), validation, test, purge);
            split.unwrap_err().to_string()
        };
        assert_eq!(
            message(120, 30, 50, 20),
            "120 sessions are too few for this split, it needs at least 121"
        );
        assert!(DateSplit::by_date(&sessions(121), 30, 50, 20).is_ok());
        assert_eq!(
            message(500, 30, 50, 19),
            "the split is invalid: a purge of 19 sessions lets labels overlap, use at least 20"
        );
        assert_eq!(
            message(500, 0, 50, 20),
            "the split is invalid: 0 validation and 50 test sessions, each part needs at least one"
        );
        assert_eq!(
            message(9, usize::MAX, 1, 20),
            format!(
                "9 sessions are too few for this split, it needs at least {}",
                usize::MAX
            )
        );
    }

    proptest! {
        #[test]
        fn no_label_reaches_into_the_next_part(
            n in 1_usize..600,
            validation in 1_usize..100,
            test in 1_usize..100,
            purge in 20_usize..40,
        ) {
            let Ok(split) = DateSplit::by_date(&sessions(n), validation, test, purge) else {
                prop_assert!(n <= validation + test + 2 * purge);
                return Ok(());
            };
            for (earlier, later) in [
                (&split.train, &split.validation),
                (&split.validation, &split.test),
            ] {
                prop_assert!(!earlier.is_empty() && !later.is_empty());
                let last_target = earlier.end - 1 + Horizon::MAX_STEPS;
                prop_assert!(last_target < later.start);
            }
            prop_assert_eq!((split.train.start, split.test.end), (0, n));
        }
    }
}
