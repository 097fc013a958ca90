//! Does a label of one part reach into the next?

use std::ops::Range;

use super::{Leak, LeakageFinding};
use crate::plan::PlannedFold;

/// Checks by arithmetic that the label of every training session is known before the first session
/// the fold is tuned or judged by, and that of every validation session before the test part begins.
///
/// # Units
/// `longest_horizon`: sessions from as-of to target, the most that any label reaches.
pub fn check_folds(folds: &[PlannedFold], longest_horizon: usize) -> LeakageFinding {
    let mut cases = Vec::new();
    for PlannedFold { name, fold, .. } in folds {
        let validation = fold.validation.as_ref();
        let mut pairs: Vec<(&str, &Range<usize>, &str, &Range<usize>)> =
            vec![("training", &fold.train, "test", &fold.test)];
        if let Some(validation) = validation {
            pairs.push(("training", &fold.train, "validation", validation));
            pairs.push(("validation", validation, "test", &fold.test));
        }
        for (earlier, first, later, second) in pairs {
            if first.is_empty() || second.is_empty() {
                continue;
            }
            let last_target = first.end - 1 + longest_horizon;
            if last_target >= second.start {
                cases.push(format!(
                    "{name}: the label of the last {earlier} session, {}, is known in session \
                     {last_target}, and the {later} part begins with session {}; leave at least \
                     {longest_horizon} sessions out between them",
                    first.end - 1,
                    second.start
                ));
            }
        }
    }
    let looked_at = format!(
        "{} folds, labels of up to {longest_horizon} sessions",
        folds.len()
    );
    LeakageFinding::of(Leak::SplitOverlapsLabels, &looked_at, cases)
}

#[cfg(test)]
mod tests {
    use naeil_features::Fold;

    use super::*;

    fn planned(
        train: Range<usize>,
        validation: Option<Range<usize>>,
        test: Range<usize>,
    ) -> PlannedFold {
        PlannedFold {
            name: "fold1".to_owned(),
            scored: test.clone(),
            fold: Fold {
                train,
                validation,
                test,
            },
        }
    }

    #[test]
    fn a_purge_one_session_too_short_is_named() {
        // The label of session 99 is known in session 119.
        let good = planned(0..100, None, 120..150);
        assert!(check_folds(&[good], 20).passed);
        let leaky = planned(0..100, None, 119..150);
        let finding = check_folds(&[leaky], 20);
        assert!(!finding.passed);
        assert_eq!(finding.leak, Leak::SplitOverlapsLabels);
        assert!(finding.cases[0].contains("last training session, 99, is known in session 119"));
    }

    #[test]
    fn no_purge_at_all_leaks_between_every_two_parts() {
        let finding = check_folds(&[planned(0..100, Some(100..110), 110..200)], 20);
        assert_eq!(finding.cases.len(), 3);
    }
}
