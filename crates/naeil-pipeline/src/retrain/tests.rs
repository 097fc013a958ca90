use std::error::Error as _;
use std::fs;
use std::sync::Mutex;
use std::time::Duration;

use naeil_domain::{Alias, DataOrigin, Horizon, Verdict};
use naeil_model::EpochReport;

use super::*;
use crate::manifest::StageManifest;
use crate::progress::Silent;
use crate::testing::{Fault, N_SESSIONS, TestPorts, quick_config, small_market};

fn market() -> TestPorts {
    TestPorts::with_bars(small_market(N_SESSIONS, 1))
}

async fn run(test: &TestPorts, config: &PipelineConfig) -> Result<RetrainOutcome, PipelineError> {
    retrain(&test.ports, config, &test.runs_dir(), Arc::new(Silent)).await
}

/// A promoted model, the same again, and what is left on disk: in one test, as training costs most.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_model_is_promoted_and_an_equal_one_is_held() {
    let test = market();
    let config = quick_config();
    let first = run(&test, &config).await.unwrap();
    assert_eq!(first.verdict(), Verdict::Promote);
    assert_eq!(first.comparison.code, "first_model");
    assert_eq!(first.candidate.version, "1");
    assert!(first.promotion.promoted);
    assert_eq!(test.registry.alias(Alias::Champion).as_deref(), Some("1"));
    assert_eq!(test.registry.alias(Alias::Challenger).as_deref(), Some("1"));
    assert_eq!(test.registry.alias(Alias::Previous), None);
    assert!(first.table().contains("majority"), "{}", first.table());
    let tags = &first.candidate.tags;
    assert_eq!(tags["stage"], "Staging");
    assert_eq!(tags["verdict"], "PROMOTE");
    assert_eq!(tags["run_id"], first.run_id.as_str());
    assert_eq!(tags["data_origin"], "simulated");
    manifests_hold(&first);
    card_says_how_probabilities_came_true_and_that_nothing_leaks(&first);

    let second = run(&test, &config).await.unwrap();
    assert_eq!(second.verdict(), Verdict::Hold);
    assert_eq!(second.comparison.code, "no_gain");
    // The same bars, settings and seed give the same weights, so the gain is nothing at all.
    assert_eq!(second.comparison.mean_gain, Some(0.0));
    assert_eq!(second.evaluation, first.evaluation);
    assert_eq!(second.comparison.champion.as_ref().unwrap().version, "1");
    assert_eq!(test.registry.alias(Alias::Champion).as_deref(), Some("1"));
    assert_eq!(test.registry.alias(Alias::Challenger).as_deref(), Some("2"));
    assert!(!second.promotion.promoted);

    let rows = test.ledger.rows();
    assert_eq!(rows.len(), 2);
    let verdicts: Vec<_> = rows.iter().map(|row| row.verdict).collect();
    assert_eq!(verdicts, [Verdict::Promote, Verdict::Hold]);
    assert_eq!(rows[0].run_id, first.run_id.as_str());
    assert_eq!(rows[0].champion_version, None);
    assert_eq!(rows[1].champion_version.as_deref(), Some("1"));
    assert_eq!(rows[1].candidate_digest, second.candidate.digest);
    let evidence: serde_json::Value = serde_json::from_str(&rows[1].evidence).unwrap();
    assert_eq!(evidence["code"], "no_gain");
    assert_eq!(evidence["sessions"]["count"], 25);
    assert_eq!(evidence["horizons"].as_array().unwrap().len(), 3);
}

fn card_says_how_probabilities_came_true_and_that_nothing_leaks(outcome: &RetrainOutcome) {
    let card = outcome.run_dir.join("evaluate/bundle/MODEL_CARD.md");
    let card = fs::read_to_string(card).unwrap();
    for horizon in Horizon::ALL {
        let heading = format!("### Reliability at {horizon} (");
        assert!(card.contains(&heading), "{heading} in\n{card}");
    }
    for leak in [
        "split_overlaps_labels",
        "scaler_saw_test",
        "feature_knows_future",
    ] {
        let line = card.lines().find(|line| line.contains(leak));
        let line = line.unwrap_or_else(|| panic!("{leak} in\n{card}"));
        assert!(line.contains("no leak"), "{line}");
    }
}

/// Every stage has a manifest whose digests are those of the files, and inputs of one stage are
/// outputs of an earlier one.
fn manifests_hold(outcome: &RetrainOutcome) {
    let run = RunDir::open(&outcome.run_dir).unwrap();
    let mut written = std::collections::BTreeMap::new();
    for stage in Stage::ALL {
        let manifest = StageManifest::read(&run, stage).unwrap();
        manifest.verify_outputs(&run).unwrap();
        assert!(!manifest.outputs.is_empty(), "{stage}");
        for (name, digest) in manifest
            .inputs
            .iter()
            .filter(|(name, _)| name.contains('/'))
        {
            assert_eq!(written.get(name), Some(digest), "{stage} reads {name}");
        }
        written.extend(manifest.outputs);
        private(&run.stage_path(stage));
    }
    private(run.path());
    assert!(written.contains_key("evaluate/bundle/manifest.json"));
    assert_eq!(outcome.timings.len(), Stage::ALL.len());
}

fn private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", path.display());
    }
}

/// Two runs of the same snapshot, one of them from a copy of its folder and without a store.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_repeated_from_its_snapshot_to_the_same_weights() {
    let test = market();
    let mut config = quick_config();
    config.universe.max_stocks = Some(4);
    let first = run(&test, &config).await.unwrap();
    let copy = test.root.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(first.run_dir.join("extract")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }

    let elsewhere = TestPorts::empty();
    let mut repeated = config.clone();
    repeated.data.from_snapshot = Some(copy);
    // The universe is the snapshot's, whatever the settings say now.
    repeated.universe.max_stocks = None;
    let second = run(&elsewhere, &repeated).await.unwrap();
    assert_eq!(second.evaluation, first.evaluation);
    for file in [
        "extract/bars.parquet",
        "extract/universe.json",
        "extract/snapshot.json",
        "features/features.json",
        "evaluate/bundle/weights.safetensors",
        "evaluate/bundle/golden.safetensors",
    ] {
        let bytes = |outcome: &RetrainOutcome| fs::read(outcome.run_dir.join(file)).unwrap();
        assert_eq!(bytes(&first), bytes(&second), "{file}");
    }
    let tags = &second.candidate.tags;
    assert_eq!(tags["data_digest"], first.candidate.tags["data_digest"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ranks_are_over_the_whole_market_whoever_is_learned_from() {
    let test = market();
    let features = |outcome: &RetrainOutcome| -> serde_json::Value {
        let text = fs::read_to_string(outcome.run_dir.join("features/features.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let all = features(&run(&test, &quick_config()).await.unwrap());
    let mut config = quick_config();
    config.universe.max_stocks = Some(2);
    let few = features(&run(&test, &config).await.unwrap());
    assert_eq!(few["panel_digest"], all["panel_digest"]);
    let windows = |features: &serde_json::Value, part: &str| {
        features["usable_windows"][part].as_u64().unwrap()
    };
    for part in ["train", "validation", "test"] {
        assert_eq!(windows(&few, part) * 3, windows(&all, part), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_champion_that_has_seen_most_of_the_test_window_is_held() {
    let test = market();
    let config = quick_config();
    run(&test, &config).await.unwrap();
    // The champion's validation window ended with session 204, its labels with session 224. Of the
    // shorter history's test window, sessions 205 to 229, that leaves five.
    let market = small_market(N_SESSIONS, 1);
    let shorter = market.truncated_after(market.sessions()[229]);
    test.bars.replace(shorter, DataOrigin::Simulated);
    let outcome = run(&test, &config).await.unwrap();
    assert_eq!(outcome.verdict(), Verdict::Hold);
    assert_eq!(outcome.comparison.code, "too_few_sessions");
    assert!(outcome.comparison.reason.contains("only 5 sessions"));
    assert_eq!(test.registry.alias(Alias::Champion).as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_registry_promotes_nothing() {
    let test = market();
    let config = quick_config();
    test.registry.fail_at(Some(Fault::Register));
    let error = run(&test, &config).await.unwrap_err();
    let PipelineError::Stage { stage, run_dir, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*stage, Stage::Register);
    let text = error.to_string();
    assert!(
        text.starts_with("stage register failed, nothing was promoted"),
        "{text}"
    );
    assert!(text.contains(&run_dir.display().to_string()), "{text}");
    assert!(
        error
            .source()
            .unwrap()
            .to_string()
            .contains("registering a bundle")
    );
    for alias in Alias::ALL {
        assert_eq!(test.registry.alias(alias), None);
    }
    assert_eq!(test.ledger.rows(), []);

    test.registry
        .fail_at(Some(Fault::SetAlias(Alias::Champion)));
    let error = run(&test, &config).await.unwrap_err();
    assert!(
        error.to_string().contains("stage promote failed"),
        "{error}"
    );
    assert_eq!(test.registry.alias(Alias::Champion), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_champion_that_cannot_be_admitted_stops_the_run_and_stays() {
    let test = market();
    let config = quick_config();
    run(&test, &config).await.unwrap();
    let weights = test.registry.bundle_dir("1").join("weights.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    let error = run(&test, &config).await.unwrap_err();
    assert!(
        error.to_string().starts_with("stage compare failed"),
        "{error}"
    );
    let source = error.source().unwrap();
    let text = source.to_string();
    assert!(
        text.starts_with("the champion (version 1) was not admitted by this build"),
        "{text}"
    );
    assert!(text.contains("nothing was promoted"), "{text}");
    let reason = source.source().unwrap().to_string();
    assert!(reason.contains("weights.safetensors"), "{reason}");
    assert_eq!(test.registry.alias(Alias::Champion).as_deref(), Some("1"));
    assert_eq!(test.ledger.rows().len(), 1);
}

#[tokio::test]
async fn an_empty_store_says_to_import() {
    let test = TestPorts::empty();
    let error = run(&test, &quick_config()).await.unwrap_err();
    assert!(
        error.to_string().contains("stage extract failed"),
        "{error}"
    );
    let source = error.source().unwrap().to_string();
    assert_eq!(
        source,
        "there are no bars to learn from, run `naeil import` first"
    );
}

#[tokio::test]
async fn too_few_sessions_says_how_many_there_are_and_are_needed() {
    let spec = naeil_features::FeatureSpec::v2();
    // History of the first window, 20 to train on, 20 validation, 25 test, two purges of 20.
    let needed = spec.warm_up() + spec.lookback() + 20 + 20 + 25 + 40;
    let test = TestPorts::with_bars(small_market(needed - 1, 1));
    let error = run(&test, &quick_config()).await.unwrap_err();
    let source = error.source().unwrap().to_string();
    let expected = format!(
        "there are {} sessions of bars and {needed} are needed",
        needed - 1
    );
    assert!(source.starts_with(&expected), "{source}");
    assert!(source.contains("25 for the test"), "{source}");

    let longer = TestPorts::with_bars(small_market(N_SESSIONS, 1));
    let config = PipelineConfig {
        last_sessions: Some(needed - 1),
        ..quick_config()
    };
    let error = run(&longer, &config).await.unwrap_err();
    assert!(error.source().unwrap().to_string().starts_with(&expected));
}

#[tokio::test]
async fn bad_settings_start_nothing() {
    let test = market();
    let config = PipelineConfig {
        test_sessions: 3,
        ..quick_config()
    };
    let error = run(&test, &config).await.unwrap_err();
    assert!(
        error.to_string().starts_with("test_sessions is 3"),
        "{error}"
    );
    assert!(!test.runs_dir().exists());
}

#[derive(Default)]
struct Recorder(Mutex<Vec<String>>);

impl Progress for Recorder {
    fn stage_started(&self, stage: Stage) {
        self.0.lock().unwrap().push(format!("+{stage}"));
    }

    fn epoch(&self, report: &EpochReport) {
        let mut seen = self.0.lock().unwrap();
        seen.push(format!(
            "epoch {} of {} windows",
            report.epoch, report.windows
        ));
    }

    fn note(&self, text: &str) {
        self.0.lock().unwrap().push(format!("note {text}"));
    }

    fn stage_finished(&self, stage: Stage, _elapsed: Duration) {
        self.0.lock().unwrap().push(format!("-{stage}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_tells_every_stage_and_the_universe_is_the_one_asked_for() {
    let test = market();
    let mut config = quick_config();
    config.universe.max_stocks = Some(3);
    config.universe.always = ["000020", "999999"]
        .map(|code| naeil_domain::StockCode::parse(code).unwrap())
        .to_vec();
    let recorder = Arc::new(Recorder::default());
    let outcome = retrain(&test.ports, &config, &test.runs_dir(), recorder.clone())
        .await
        .unwrap();
    let seen = recorder.0.lock().unwrap().clone();
    let stages: Vec<_> = seen
        .iter()
        .filter(|line| line.starts_with(['+', '-']))
        .cloned()
        .collect();
    let expected: Vec<_> = Stage::ALL
        .iter()
        .flat_map(|stage| [format!("+{stage}"), format!("-{stage}")])
        .collect();
    assert_eq!(stages, expected);
    // Training ends with session 164 (250 less 25, 20 and two purges of 20), the first window is
    // complete with session 119: 46 sessions, each with a third of three stocks, but no fewer than two.
    assert!(
        seen.contains(&"epoch 1 of 92 windows".to_owned()),
        "{seen:?}"
    );
    assert!(
        seen.iter().any(|line| line.contains("999999 is asked for")),
        "{seen:?}"
    );

    // Volumes rise with the index of the stock, so the last two are the most traded. The bars of all
    // six are kept, for the ranks.
    let read = |file: &str| -> serde_json::Value {
        let text = fs::read_to_string(outcome.run_dir.join("extract").join(file)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    assert_eq!(read("axes.json")["stocks"].as_array().unwrap().len(), 6);
    let universe = read("universe.json");
    let codes = universe["stocks"].as_array().unwrap();
    assert_eq!(codes.len(), 3);
    assert!(codes.contains(&"000020".into()), "{codes:?}");
}
