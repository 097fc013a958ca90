use chrono::TimeZone as _;
use naeil_domain::ports::FixedClock;

use super::*;
use crate::config::PipelineConfig;
use crate::run_dir::RunId;

fn new_run() -> (tempfile::TempDir, RunDir, Arc<dyn Clock>) {
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 15, 30, 0).unwrap();
    let root = tempfile::tempdir().unwrap();
    let config = PipelineConfig::default();
    let run = RunDir::create(root.path(), RunId::new(now, 1), &config).unwrap();
    (root, run, Arc::new(FixedClock(now)))
}

#[test]
fn the_manifest_names_inputs_and_outputs_by_digest() {
    let (_root, run, clock) = new_run();
    let extract = StageFolder::begin(&run, Stage::Extract, &clock).unwrap();
    extract.write("a.bin", b"abc").unwrap();
    fs::create_dir(extract.path("sub")).unwrap();
    extract.write("sub/b.bin", b"").unwrap();
    let manifest = extract.finish().unwrap();
    assert_eq!(manifest, StageManifest::read(&run, Stage::Extract).unwrap());
    // FIPS 180-2, appendix B.1, and the digest of nothing.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let outputs: Vec<_> = manifest
        .outputs
        .iter()
        .map(|(n, d)| (n.as_str(), d.as_str()))
        .collect();
    assert_eq!(
        outputs,
        [("extract/a.bin", abc), ("extract/sub/b.bin", nothing)]
    );
    assert!(manifest.inputs.contains_key("config.json"));
    assert_eq!(manifest.started, "2026-11-23T15:30:00.000Z");
    manifest.verify_outputs(&run).unwrap();

    let mut features = StageFolder::begin(&run, Stage::Features, &clock).unwrap();
    assert_eq!(features.read(Stage::Extract, "a.bin").unwrap(), b"abc");
    let dir = features.read_dir(Stage::Extract, "sub").unwrap();
    assert_eq!(dir, run.stage_path(Stage::Extract).join("sub"));
    let inputs = features.finish().unwrap().inputs;
    assert_eq!(inputs["extract/a.bin"], abc);
    assert_eq!(inputs["extract/sub/b.bin"], nothing);
}

#[test]
fn a_changed_file_is_noticed_by_its_reader_and_by_verification() {
    let (_root, run, clock) = new_run();
    let extract = StageFolder::begin(&run, Stage::Extract, &clock).unwrap();
    extract.write("a.bin", b"abc").unwrap();
    let manifest = extract.finish().unwrap();
    fs::write(run.path().join("extract/a.bin"), b"abd").unwrap();

    let mut features = StageFolder::begin(&run, Stage::Features, &clock).unwrap();
    let error = features.read(Stage::Extract, "a.bin").unwrap_err();
    assert!(matches!(error, StageError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("a.bin"), "{error}");
    let error = manifest.verify_outputs(&run).unwrap_err();
    assert!(error.to_string().contains("SHA-256"), "{error}");
}

#[test]
fn a_stage_that_has_not_finished_cannot_be_read() {
    let (_root, run, clock) = new_run();
    let extract = StageFolder::begin(&run, Stage::Extract, &clock).unwrap();
    extract.write("a.bin", b"abc").unwrap();
    let mut features = StageFolder::begin(&run, Stage::Features, &clock).unwrap();
    let error = features.read(Stage::Extract, "a.bin").unwrap_err();
    assert_eq!(
        error.to_string(),
        "stage extract has not finished in this run, run it first"
    );
}

#[test]
fn a_file_that_was_not_there_when_the_stage_closed_is_refused() {
    let (_root, run, clock) = new_run();
    StageFolder::begin(&run, Stage::Extract, &clock)
        .unwrap()
        .finish()
        .unwrap();
    fs::write(run.path().join("extract/late.bin"), b"x").unwrap();
    let mut features = StageFolder::begin(&run, Stage::Features, &clock).unwrap();
    let error = features.read(Stage::Extract, "late.bin").unwrap_err();
    assert!(matches!(error, StageError::Damaged { .. }), "{error}");
}
