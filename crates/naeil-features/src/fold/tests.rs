use proptest::prelude::*;

use super::*;

fn plan(train: TrainingWindow, validation_sessions: usize) -> WalkForward {
    WalkForward {
        train,
        validation_sessions,
        test_sessions: 50,
        step: 50,
        purge: 20,
        embargo: 5,
    }
}

fn folds(plan: WalkForward, n_sessions: usize) -> Vec<Fold> {
    plan.folds(n_sessions).unwrap().collect()
}

#[test]
fn folds_by_hand() {
    // 100 training sessions, 25 apart, 50 of test: 175 are needed, 230 hold one step of 50 more,
    // and the five over go to the first training part.
    let expanding = plan(TrainingWindow::Expanding { at_least: 100 }, 0);
    let fold = |train, validation, test| Fold {
        train,
        validation,
        test,
    };
    let expected = [fold(0..105, None, 130..180), fold(0..155, None, 180..230)];
    assert_eq!(folds(expanding, 230), expected);
    let rolling = plan(TrainingWindow::Rolling(100), 0);
    let expected = [fold(5..105, None, 130..180), fold(55..155, None, 180..230)];
    assert_eq!(folds(rolling, 230), expected);
    // With 30 of validation, and 25 apart again: 230 sessions make one fold.
    let validated = plan(TrainingWindow::Rolling(100), 30);
    let expected = [fold(0..100, Some(125..155), 180..230)];
    assert_eq!(folds(validated, 230), expected);
}

#[test]
fn what_cannot_be_folded_is_refused() {
    let message = |change: fn(&mut WalkForward), n_sessions| {
        let mut plan = plan(TrainingWindow::Rolling(100), 30);
        change(&mut plan);
        plan.folds(n_sessions).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(
        message(|_| (), 229),
        "229 sessions are too few for this split, it needs at least 230"
    );
    assert_eq!(
        message(|plan| plan.purge = 19, 500),
        "the split is invalid: a purge of 19 sessions lets labels overlap, use at least 20"
    );
    assert_eq!(
        message(|plan| plan.test_sessions = 0, 500),
        "the split is invalid: a fold needs at least one test session"
    );
    assert_eq!(
        message(|plan| plan.train = TrainingWindow::Rolling(0), 500),
        "the split is invalid: a fold needs at least one training session"
    );
    assert!(message(|plan| plan.step = 0, 500).contains("a step of 0 sessions"));
    assert!(message(|plan| plan.embargo = usize::MAX, 500).contains("too few"));
}

fn any_plan() -> impl Strategy<Value = WalkForward> {
    let train = prop_oneof![
        (1_usize..300).prop_map(|at_least| TrainingWindow::Expanding { at_least }),
        (1_usize..300).prop_map(TrainingWindow::Rolling),
    ];
    (
        train,
        0_usize..80,
        1_usize..80,
        1_usize..80,
        20_usize..40,
        0_usize..30,
    )
        .prop_map(
            |(train, validation_sessions, test_sessions, step, purge, embargo)| WalkForward {
                train,
                validation_sessions,
                test_sessions,
                step,
                purge,
                embargo,
            },
        )
}

proptest! {
    #[test]
    fn no_label_reaches_into_the_next_part_or_its_embargo(
        plan in any_plan(),
        n_sessions in 1_usize..1_500,
    ) {
        let Ok(folds) = plan.folds(n_sessions) else {
            prop_assert!(n_sessions < plan.before_test() + plan.test_sessions);
            return Ok(());
        };
        for fold in folds {
            let Fold { train, validation, test } = fold;
            let parts: Vec<Range<usize>> = [Some(train), validation, Some(test)]
                .into_iter()
                .flatten()
                .collect();
            for pair in parts.windows(2) {
                let last_target = pair[0].end - 1 + Horizon::MAX_STEPS;
                prop_assert!(last_target + plan.embargo < pair[1].start);
            }
            prop_assert!(parts.iter().all(|part| !part.is_empty() && part.end <= n_sessions));
            match plan.train {
                TrainingWindow::Rolling(sessions) => prop_assert_eq!(parts[0].len(), sessions),
                TrainingWindow::Expanding { at_least } => {
                    prop_assert_eq!(parts[0].start, 0);
                    prop_assert!(parts[0].len() >= at_least);
                }
            }
        }
    }

    #[test]
    fn test_parts_tile_the_end_of_the_history(
        plan in any_plan(),
        n_sessions in 400_usize..1_500,
    ) {
        let plan = WalkForward { step: plan.test_sessions, ..plan };
        let Ok(folds) = plan.folds(n_sessions) else { return Ok(()); };
        let tests: Vec<Range<usize>> = folds.map(|fold| fold.test).collect();
        prop_assert!(tests.windows(2).all(|pair| pair[0].end == pair[1].start));
        prop_assert_eq!(tests.last().unwrap().end, n_sessions);
        // One fold more would not fit.
        prop_assert!(tests[0].start < plan.before_test() + plan.step);
    }
}
