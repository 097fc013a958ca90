//! Imports of real files, whole and interrupted.

use std::process::Stdio;
use std::time::{Duration, Instant};

use naeil_tests::binary::Workdir;
use naeil_tests::dev_data::dev_data;
use naeil_tests::server::signal;

#[test]
fn a_second_import_changes_nothing() {
    let Some(file) = dev_data("data/krx_demo_mit_2016_2021.csv.gz") else {
        return;
    };
    let workdir = Workdir::new();
    let dry = workdir.json(["import".as_ref(), file.as_os_str(), "--dry-run".as_ref()]);
    assert_eq!(dry[0]["stored"], 6_870, "{dry}");
    let first = workdir.json(["import".as_ref(), file.as_os_str()]);
    assert_eq!(first[0]["rows_read"], 6_870, "{first}");
    assert_eq!(first[0]["stored"], 6_870, "{first}");
    let second = workdir.json(["import".as_ref(), file.as_os_str()]);
    assert_eq!(second[0]["stored"], 0, "{second}");
    assert_eq!(second[0]["unchanged"], 6_870, "{second}");
}

#[test]
fn an_import_killed_half_way_leaves_nothing_and_can_be_run_again() {
    let Some(file) = dev_data("data/krx_long_2003_2018.parquet") else {
        return;
    };
    let workdir = Workdir::new();
    let mut child = workdir
        .command(["import".as_ref(), file.as_os_str()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Wait for work on disk, so that the kill falls into the import and not before it.
    let database = workdir.path().join("naeil.db");
    let deadline = Instant::now() + Duration::from_secs(60);
    let written = || {
        std::fs::read_dir(workdir.path())
            .unwrap()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("naeil.db"))
            .map(|entry| entry.metadata().map_or(0, |m| m.len()))
            .sum::<u64>()
    };
    let before = loop {
        if database.exists() && written() > 200_000 {
            break written();
        }
        assert!(Instant::now() < deadline, "the import wrote nothing");
        if child.try_wait().unwrap().is_some() {
            break written();
        }
        std::thread::park_timeout(Duration::from_millis(5));
    };
    let finished = child.try_wait().unwrap().is_some();
    signal("KILL", child.id());
    child.wait().unwrap();
    assert!(
        !finished,
        "the import had ended before it could be killed ({before} bytes)"
    );

    let doctor = workdir.json(["doctor"]);
    let bars = doctor
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["what"] == "bars")
        .unwrap()
        .clone();
    assert_eq!(bars["found"], "none", "{bars}");

    let again = workdir.json(["import".as_ref(), file.as_os_str()]);
    // 979,411 rows, of which 248 repeat a day (the folder's own description).
    assert_eq!(again[0]["rows_read"], 979_411, "{again}");
    assert_eq!(again[0]["refused"]["duplicate_row"], 248, "{again}");
}
