//! Snapshots: as known then, as known now, and repeated to the same weights.

use std::path::{Path, PathBuf};

use naeil_tests::binary::Workdir;
use serde_json::Value;

use crate::walk::{self, N_SESSIONS, code};

fn retrain(workdir: &Workdir, args: &[&str]) -> PathBuf {
    let args = [&["retrain"], args].concat();
    PathBuf::from(workdir.json(args)["run_dir"].as_str().unwrap())
}

fn snapshot(run: &Path) -> Value {
    let text = std::fs::read_to_string(run.join("extract/snapshot.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn prediction_id(workdir: &Workdir) -> String {
    let answer = workdir.json(["predict", &code(5), "--horizon", "1d"]);
    answer[0]["prediction_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_correction_moves_the_revision_and_leaves_what_was_known_alone() {
    let workdir = Workdir::new();
    let bars = walk::walk();
    walk::import(&workdir, &walk::write(&workdir, "bars.csv", &bars, &[]));
    let first = retrain(&workdir, &[]);
    let before = snapshot(&first);
    assert_eq!(before["exchange"], "XKRX");
    assert_eq!(before["data_origin"], "recorded");
    let id_before = prediction_id(&workdir);
    assert_eq!(
        id_before,
        prediction_id(&workdir),
        "asking again changes nothing"
    );

    // One bar of another stock, in the middle of everything.
    let corrected = bars[9 * N_SESSIONS + 250].scaled(1.001);
    let report = walk::import(
        &workdir,
        &walk::write(&workdir, "fix.csv", &[corrected], &[]),
    );
    assert_eq!(report["corrected"], 1, "{report}");
    assert_ne!(prediction_id(&workdir), id_before);

    // The time that the first snapshot states can be asked for.
    let then = before["as_known_at"].as_str().unwrap();
    let as_known_then = snapshot(&retrain(&workdir, &["--as-known-at", then]));
    assert_eq!(as_known_then["data_digest"], before["data_digest"]);
    assert_eq!(as_known_then["as_known_at"], before["as_known_at"]);
    assert_ne!(as_known_then["data_revision"], before["data_revision"]);
    let now = snapshot(&retrain(&workdir, &[]));
    assert_ne!(now["data_digest"], before["data_digest"]);

    // And so can its bars, in a data directory that never saw any.
    let elsewhere = Workdir::new();
    let dir = first.join("extract");
    let again = retrain(&elsewhere, &["--from-snapshot", dir.to_str().unwrap()]);
    assert_eq!(snapshot(&again), before);
    let weights =
        |run: &Path| std::fs::read(run.join("evaluate/bundle/weights.safetensors")).unwrap();
    assert_eq!(weights(&again), weights(&first));
}

#[test]
fn what_cannot_be_learned_from_is_refused_by_its_name() {
    let workdir = Workdir::new();
    let refused = |args: &[&str], code: i32, stderr: &str| {
        let ran = workdir.run([&["retrain"], args].concat());
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(stderr), "{args:?}: {}", ran.stderr);
    };
    refused(&["--from-snapshot", "nowhere"], 4, "--from-snapshot");
    refused(
        &["--from-snapshot", "x", "--until", "2024-01-02"],
        2,
        "cannot be used",
    );
    refused(
        &["--as-known-at", "yesterday"],
        2,
        "2026-11-20T18:00:00+09:00",
    );
    refused(&["--accept-data", "everything"], 2, "basis_switch");
    refused(&["--exchange", "NYSE"], 2, "XKRX, US, CN");
    refused(&["--exchange", "US"], 3, "--observed-calendar");
}
