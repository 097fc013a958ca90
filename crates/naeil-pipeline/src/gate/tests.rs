use super::*;

fn compared(pairs: [(Option<f64>, Option<f64>); 3]) -> Standing {
    let accuracies = Horizon::ALL
        .into_iter()
        .zip(pairs)
        .map(|(horizon, (champion, candidate))| AccuracyPair {
            horizon,
            n_rows: 100,
            n_sessions: MIN_SESSIONS,
            champion,
            candidate,
        })
        .collect();
    Standing::Compared {
        n_sessions: 40,
        accuracies,
    }
}

fn check(standing: Standing, verdict: Verdict, code: &str) {
    let decision = judge(&standing, 0.02);
    assert_eq!(
        (decision.verdict, decision.code),
        (verdict, code),
        "{standing:?}"
    );
    assert!(!decision.reason.is_empty());
}

#[test]
fn what_cannot_be_compared_holds_but_the_first_model() {
    check(Standing::FirstModel, Verdict::Promote, "first_model");
    check(Standing::Unchanged, Verdict::Hold, "unchanged");
    let exchange = Exchange::Us;
    check(
        Standing::OtherExchange { exchange },
        Verdict::Hold,
        "other_exchange",
    );
    check(Standing::OtherFeatures, Verdict::Hold, "other_features");
    check(
        Standing::TooFewSessions { found: 19 },
        Verdict::Hold,
        "too_few_sessions",
    );
    check(compared([(None, None); 3]), Verdict::Hold, "nothing_scored");
}

#[test]
fn the_mean_gain_decides() {
    let same = |champion: f64, candidate: f64| compared([(Some(champion), Some(candidate)); 3]);
    check(same(0.50, 0.53), Verdict::Promote, "better");
    // 0.54 - 0.52 is 0.020000000000000018 and 0.57 - 0.55 is 0.019999999999999907 in binary: a
    // gain of exactly min_gain counts either way.
    check(same(0.52, 0.54), Verdict::Promote, "better");
    check(same(0.55, 0.57), Verdict::Promote, "better");
    check(same(0.50, 0.519), Verdict::Hold, "no_gain");
    check(same(0.50, 0.50), Verdict::Hold, "no_gain");
    check(same(0.50, 0.481), Verdict::Hold, "no_gain");
    check(same(0.57, 0.55), Verdict::Reject, "worse");
    check(same(0.60, 0.50), Verdict::Reject, "worse");
}

#[test]
fn horizons_are_averaged_and_missing_ones_left_out() {
    // Gains +0.06, 0.00 and -0.03 average to +0.01; +0.06 and 0.00 alone to +0.03.
    let pairs = [
        (Some(0.50), Some(0.56)),
        (Some(0.50), Some(0.50)),
        (Some(0.53), Some(0.50)),
    ];
    let decision = judge(&compared(pairs), 0.02);
    assert_eq!(decision.verdict, Verdict::Hold);
    assert!((decision.mean_gain.unwrap() - 0.01).abs() < 1e-12);

    let without_last = [pairs[0], pairs[1], (Some(0.53), None)];
    let decision = judge(&compared(without_last), 0.02);
    assert_eq!(decision.verdict, Verdict::Promote);
    assert!((decision.mean_gain.unwrap() - 0.03).abs() < 1e-12);
}

#[test]
fn a_horizon_scored_on_too_few_sessions_has_no_say() {
    // One session at 20d, where the candidate leans the way the market went: +0.50. With it the
    // mean would be +0.17, without it nothing was gained.
    let Standing::Compared {
        n_sessions,
        mut accuracies,
    } = compared([(Some(0.5), Some(0.5)); 3])
    else {
        panic!("a comparison");
    };
    accuracies[2] = AccuracyPair {
        n_sessions: 1,
        champion: Some(0.25),
        candidate: Some(0.75),
        ..accuracies[2]
    };
    assert_eq!(mean_gain(&accuracies), Some(0.0));
    for pair in &mut accuracies {
        pair.n_sessions = MIN_SESSIONS - 1;
    }
    let standing = Standing::Compared {
        n_sessions,
        accuracies,
    };
    check(standing.clone(), Verdict::Hold, "nothing_scored");
    assert_eq!(
        judge(&standing, 0.02).reason,
        "at no horizon are the outcomes of 20 sessions of the test window known"
    );
}

#[test]
fn no_min_gain_is_so_small_that_an_equal_model_counts_as_better_or_worse() {
    let equal = compared([(Some(0.5), Some(0.5)); 3]);
    for min_gain in [f64::MIN_POSITIVE, 1e-12, 1e-9] {
        assert_eq!(judge(&equal, min_gain).verdict, Verdict::Hold, "{min_gain}");
    }
}

#[test]
fn the_reason_states_the_figures() {
    let decision = judge(&compared([(Some(0.5), Some(0.53)); 3]), 0.02);
    assert_eq!(
        decision.reason,
        "mean accuracy over 40 sessions changed by +0.0300, at least the 0.0200 that counts"
    );
    let few = judge(&Standing::TooFewSessions { found: 7 }, 0.02);
    assert!(few.reason.contains("only 7 sessions"), "{}", few.reason);
}
