//! `naeil calibrate`: the nightly refit of the champion's probabilities and intervals.

use naeil_tests::binary::Workdir;

use crate::market::{UNTIL, simulate};

/// Two weeks before the last session of the market.
const TRAINED_UNTIL: &str = "2026-11-06";

#[test]
fn newer_outcomes_are_learned_from_once_and_reach_the_answers() {
    let workdir = Workdir::new();
    simulate(&workdir);
    workdir.ok(["retrain", "--until", TRAINED_UNTIL]);
    let answer = || {
        let answers = workdir.json(["predict", "005930"]);
        let part = |at: usize, key: &str| answers[at][key].clone();
        let parts = ["model_version", "probability_up", "return_interval"];
        [0, 1, 2].map(|horizon| parts.map(|key| part(horizon, key)))
    };
    let before = answer();

    let first = workdir.json(["calibrate"]);
    assert_eq!(first["before"]["fitted_through"], TRAINED_UNTIL, "{first}");
    assert_eq!(first["after"]["fitted_through"], UNTIL, "{first}");
    let n_sessions = |part: &str| first[part]["n_sessions"].as_u64().unwrap();
    assert_eq!(n_sessions("after"), n_sessions("before") + 10);
    assert_ne!(first["after"]["digest"], first["before"]["digest"]);
    for horizon in ["1d", "5d", "20d"] {
        let calibrators = first["calibrators"][horizon].as_array().unwrap();
        let weights = calibrators
            .iter()
            .map(|one| one["weight"].as_f64().unwrap());
        assert!((weights.sum::<f64>() - 1.0).abs() < 1e-9, "{calibrators:?}");
    }

    let after = answer();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before[0], after[0], "the version is the same");
        assert_ne!(before[1..], after[1..], "probability or interval moved");
    }

    // Nothing is new: the second refit is the first one.
    let second = workdir.json(["calibrate"]);
    assert_eq!(second["before"], first["after"]);
    assert_eq!(second["after"], first["after"]);
    assert_eq!(answer(), after);
}

#[test]
fn without_a_champion_it_says_what_to_do() {
    let empty = Workdir::new();
    let ran = empty.run(["calibrate"]);
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    assert!(ran.stderr.contains("naeil retrain"), "{}", ran.stderr);
}
