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

/// Rows of one stock, of which one has no price.
const WITH_A_BAD_ROW: &str = "code,name,market,date,open,high,low,close,volume\n\
    005930,x,KOSPI,2024-01-02,10,11,9,10,5\n\
    005930,x,KOSPI,2024-01-03,10,11,9,10,5\n\
    005930,x,KOSPI,2024-01-04,never,11,9,10,5\n";

#[test]
fn files_of_one_name_keep_their_refused_rows_apart_until_they_are_mended() {
    let workdir = Workdir::new();
    let files = ["first", "second"].map(|folder| {
        let folder = workdir.path().join(folder);
        std::fs::create_dir(&folder).unwrap();
        folder.join("bars.csv")
    });
    std::fs::write(&files[0], WITH_A_BAD_ROW).unwrap();
    std::fs::write(&files[1], WITH_A_BAD_ROW.replace("005930", "000660")).unwrap();
    let import = || {
        let files = files.each_ref().map(|file| file.as_os_str());
        workdir.json(["import".as_ref()].into_iter().chain(files))
    };
    let report = import();
    let rejects = [0, 1].map(|at| report[at]["rejects_file"].as_str().unwrap().to_owned());
    for (file, code) in rejects.iter().zip(["005930", "000660"]) {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains(code), "{file}: {text}");
    }
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        std::fs::write(file, text.replace("never", "10")).unwrap();
    }
    let report = import();
    assert!(report[0]["rejects_file"].is_null(), "{report}");
    let left = std::fs::read_dir(workdir.path().join("rejects")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn a_mistake_in_the_actions_shows_before_anything_is_stored() {
    let workdir = Workdir::new();
    let [bars, actions] = ["bars.csv", "actions.csv"].map(|name| workdir.path().join(name));
    std::fs::write(&bars, WITH_A_BAD_ROW).unwrap();
    let both = [
        "import".as_ref(),
        bars.as_os_str(),
        "--actions".as_ref(),
        actions.as_os_str(),
    ];
    std::fs::write(
        &actions,
        "code,session,kind,ratio\n005930,2024-01-03,splat,5\n",
    )
    .unwrap();
    let ran = workdir.run(both);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("'splat' is no kind"), "{}", ran.stderr);
    let stored = workdir.json(["import".as_ref(), bars.as_os_str()]);
    assert_eq!(stored[0]["stored"], 2, "{stored}");
    std::fs::write(
        &actions,
        "code,session,kind,ratio\n035420,2024-01-03,split,5\n",
    )
    .unwrap();
    let ran = workdir.run(both);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    let unknown = "line 2: the store has no stock 035420 on XKRX";
    assert!(ran.stderr.contains(unknown), "{}", ran.stderr);
    let listed = workdir.json(["data", "actions"]);
    assert_eq!(listed, serde_json::json!([]));
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
