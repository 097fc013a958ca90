//! `naeil evaluate`: one report in three forms, resumed where it stopped.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use naeil_tests::binary::Workdir;
use serde_json::Value;

use crate::market::simulate;

/// The smallest evaluation with everything in it but the refits.
const SMALL: [&str; 11] = [
    "evaluate",
    "--folds",
    "2",
    "--test-sessions",
    "30",
    "--seeds",
    "1",
    "--epochs",
    "1",
    "--windows-per-epoch",
    "300",
];

fn evaluate(workdir: &Workdir) -> Value {
    workdir.json(SMALL.into_iter().chain(["--no-refit"]))
}

/// The report without what differs between two runs of the same.
fn timeless(mut report: Value) -> Value {
    report["made_at"].take();
    report["timings"].take();
    report
}

/// The one folder of an evaluation.
fn folder(workdir: &Workdir) -> PathBuf {
    let mut found = fs::read_dir(workdir.path().join("evaluations")).unwrap();
    let folder = found.next().unwrap().unwrap().path();
    assert!(found.next().is_none(), "one evaluation has one folder");
    folder
}

/// When each task's file was written.
fn tasks(folder: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let files = fs::read_dir(folder.join("tasks")).unwrap();
    files
        .map(|file| file.unwrap().path())
        .map(|path| (path.clone(), path.metadata().unwrap().modified().unwrap()))
        .collect()
}

#[test]
fn an_evaluation_is_one_report_in_three_forms_and_goes_on_where_it_stopped() {
    let workdir = Workdir::new();
    simulate(&workdir);
    let report = evaluate(&workdir);
    assert_eq!(report["data"]["origin"], "simulated");
    assert_eq!(report["folds"].as_array().unwrap().len(), 2);
    let horizons = report["horizons"].as_array().unwrap();
    assert_eq!(horizons.len(), 3);
    for horizon in horizons {
        let models = horizon["models"].as_array().unwrap();
        let named = |name: &str| models.iter().any(|model| model["name"] == name);
        for name in [
            "network",
            "gradient boosting",
            "ridge / logistic",
            "always the majority",
            "last move",
            "base rate of 250 sessions",
            "minus ATR / close",
        ] {
            assert!(named(name), "{name} at {}", horizon["horizon"]);
        }
    }
    let leaks = report["leakage"].as_array().unwrap();
    assert_eq!(leaks.len(), 4);
    assert!(leaks.iter().all(|leak| leak["passed"] == true), "{leaks:?}");

    let folder = folder(&workdir);
    let written: Value = serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap())
        .expect("report.json is JSON");
    assert_eq!(written, report);
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    assert!(page.contains("gradient boosting") && page.contains("<svg"));
    assert!(
        !page.contains("src=\"http") && !page.contains("href=\"http") && !page.contains("@import"),
        "the page needs nothing from elsewhere"
    );
    let text = fs::read_to_string(folder.join("report.txt")).unwrap();
    assert!(text.contains("gradient boosting"), "{text}");

    // One task is lost, another damaged: those are run again, and no other.
    let before = tasks(&folder);
    assert_eq!(before.len(), 6, "{before:?}");
    let task = |name: &str| folder.join("tasks").join(format!("{name}.scores"));
    fs::remove_file(task("fold1-linear")).unwrap();
    let damaged = task("fold2-network-seed1");
    let bytes = fs::read(&damaged).unwrap();
    fs::write(&damaged, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(timeless(evaluate(&workdir)), timeless(report));
    let after = tasks(&folder);
    for (path, at) in before {
        let again = path == task("fold1-linear") || path == damaged;
        assert_eq!(after[&path] != at, again, "{}", path.display());
    }
}

#[test]
fn what_cannot_be_evaluated_says_what_to_do() {
    let empty = Workdir::new();
    let ran = empty.run(["evaluate"]);
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    assert!(ran.stderr.contains("naeil import"), "{}", ran.stderr);

    let workdir = Workdir::new();
    simulate(&workdir);
    let ran = workdir.run(["evaluate", "--folds", "4", "--test-sessions", "100"]);
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    assert!(ran.stderr.contains("fewer or shorter"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}
