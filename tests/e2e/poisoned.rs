//! Poisoned training data: rows that cannot be are refused, a switched basis stops the training, and
//! the champion stays.

use naeil_tests::binary::Workdir;
use serde_json::Value;

use crate::walk::{self, N_SESSIONS, N_STOCKS, code};

/// A data directory with good bars and a champion trained on them.
fn with_champion() -> Workdir {
    let workdir = Workdir::new();
    let file = walk::write(&workdir, "bars.csv", &walk::walk(), &[]);
    let report = walk::import(&workdir, &file);
    assert_eq!(report["refused"], serde_json::json!({}), "{report}");
    workdir.ok(["retrain"]);
    workdir
}

/// What the ledger and the champion's answers say: nothing of it may change.
fn standing(workdir: &Workdir) -> (Value, Value) {
    let answer = workdir.json(["predict", &code(5), "--horizon", "1d"]);
    (workdir.json(["ledger"]), answer[0]["model_version"].clone())
}

#[test]
fn rows_that_cannot_be_are_refused_and_change_nothing() {
    let workdir = with_champion();
    let good = walk::walk();
    let date = |at: usize| walk::sessions()[at].to_string();
    let line = |date: &str, prices: &str, volume: &str| {
        format!("{},walk,KOSPI,{date},{prices},{volume}", code(0))
    };
    let poison = [
        line(&date(300), "-5,-5,-5,-5", "10"),
        line(&date(301), "0,0,0,0", "10"),
        line(&date(302), "100,90,95,96", "10"),
        line(&date(303), "100,101,99,100", "-10"),
        line("2099-06-01", "100,101,99,100", "10"),
        line("2023-01-01", "100,101,99,100", "10"),
        line(&date(304), "100,101,99,100", "10"),
        line(&date(304), "200,201,199,200", "10"),
    ];
    // Good rows around them, which are known already: the import as a whole is no nonsense.
    let around = &good[N_SESSIONS..2 * N_SESSIONS];
    let file = walk::write(&workdir, "poison.csv", around, &poison);
    let before = standing(&workdir);
    let report = walk::import(&workdir, &file);
    // Of the duplicate rows one may be kept as a correction, which the price limit then flags.
    let refused: u64 = report["refused"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert!(refused >= 7, "{report}");
    for reason in [
        "negative_price",
        "zero_price",
        "high_below_low",
        "negative_volume",
    ] {
        assert_eq!(report["refused"][reason], 1, "{report}");
    }
    assert_eq!(standing(&workdir).0, before.0);
}

#[test]
fn a_switch_of_basis_stops_the_training_and_leaves_the_champion() {
    let workdir = with_champion();
    let before = standing(&workdir);
    assert_eq!(before.0.as_array().unwrap().len(), 1);

    // From one session on two thirds of the series are quoted at a fifth, as if each had split; those
    // left alone are enough to train on for whoever accepts it.
    let switch = walk::sessions()[N_SESSIONS - 60];
    let switched: Vec<_> = walk::walk()
        .into_iter()
        .filter(|bar| bar.date >= switch && bar.stock >= N_STOCKS / 3)
        .map(|bar| bar.scaled(0.2))
        .collect();
    let report = walk::import(
        &workdir,
        &walk::write(&workdir, "switched.csv", &switched, &[]),
    );
    assert_eq!(report["corrected"], switched.len(), "{report}");

    // Nor is anything judged on such bars.
    let ran = workdir.run(["evaluate"]);
    assert_eq!(ran.code, Some(6), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("--accept-data basis_switch"),
        "{}",
        ran.stderr
    );

    let ran = workdir.run(["retrain"]);
    assert_eq!(ran.code, Some(6), "{}{}", ran.stdout, ran.stderr);
    for part in [
        "stage extract failed, nothing was promoted",
        "basis_switch",
        "--accept-data",
    ] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert_eq!(standing(&workdir), before, "ledger and champion");

    // Whoever insists, as the refusal says one can, is written down.
    let (_, hint) = ran.stderr.split_once("--accept-data ").unwrap();
    let checks = hint.split_whitespace().next().unwrap();
    let outcome = workdir.json(["retrain", "--accept-data", checks]);
    let reason = outcome["reason"].as_str().unwrap();
    assert!(reason.contains("basis_switch"), "{reason}");
    assert!(reason.contains("which was accepted"), "{reason}");
    let ledger = workdir.json(["ledger"]);
    assert_eq!(ledger.as_array().unwrap().len(), 2, "{ledger}");
    assert!(ledger[1].to_string().contains("basis_switch"), "{ledger}");
    let run = std::path::PathBuf::from(outcome["run_dir"].as_str().unwrap());
    let read = |file: &str| std::fs::read_to_string(run.join(file)).unwrap();
    assert!(read("extract/quality.json").contains("basis_switch"));
    assert!(read("evaluate/bundle/MODEL_CARD.md").contains("basis_switch"));
}
