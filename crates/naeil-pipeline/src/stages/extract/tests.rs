use std::fs;
use std::sync::Mutex;

use naeil_domain::{Bar, BarPanelBuilder, PriceBasis};
use naeil_quality::{CheckName, Finding, QualityReport, SCHEMA_VERSION};

use super::*;
use crate::config::PipelineConfig;
use crate::progress::Silent;
use crate::run_dir::{RunDir, RunId};
use crate::testing::{N_SESSIONS, TestPorts, quick_config, small_market};

mod as_known;

fn context(test: &TestPorts, config: PipelineConfig) -> StageContext {
    let id = RunId::new(test.ports.clock.now(), config.training.seed);
    StageContext {
        run: RunDir::create(&test.runs_dir(), id, &config).unwrap(),
        ports: test.ports.clone(),
        config: Arc::new(config),
        progress: Arc::new(Silent),
    }
}

fn snapshot_of(context: &StageContext) -> BarSnapshot {
    BarSnapshot::open(&context.run.stage_path(Stage::Extract)).unwrap()
}

/// The small market with the first stock's volume multiplied from one session on.
fn market_with_a_boom(from: usize, factor: f64) -> BarPanel {
    let panel = small_market(N_SESSIONS, 1);
    let mut builder = BarPanelBuilder::new(panel.sessions().to_vec(), panel.stocks().to_vec());
    for stock_idx in 0..panel.stocks().len() {
        let bars = panel.stock_bars(stock_idx);
        for session_idx in 0..N_SESSIONS {
            let booms = stock_idx == 0 && session_idx >= from;
            let bar = Bar {
                open: bars.open[session_idx],
                high: bars.high[session_idx],
                low: bars.low[session_idx],
                close: bars.close[session_idx],
                volume: bars.volume[session_idx] * if booms { factor } else { 1.0 },
                adjustment_factor: 1.0,
                basis: PriceBasis::AsTraded,
            };
            builder.set(stock_idx, session_idx, &bar);
        }
    }
    builder.build()
}

#[test]
fn what_trades_after_the_training_window_is_not_chosen_for_it() {
    let test = TestPorts::empty();
    let mut config = quick_config();
    config.universe.max_stocks = Some(1);
    let context = context(&test, config);
    let chosen = |panel: &BarPanel| {
        let universe = choose(&context, panel).unwrap();
        panel.stocks()[universe[0]].code.clone()
    };
    let quiet = chosen(&small_market(N_SESSIONS, 1));
    assert_ne!(quiet.as_str(), "000020");
    // The training window ends with session 164, and half of its sessions make a median. A boom
    // from session 120 on covers half of all sessions and not of those.
    assert_eq!(chosen(&market_with_a_boom(120, 1e6)), quiet);
    assert_eq!(chosen(&market_with_a_boom(80, 1e6)).as_str(), "000020");
}

/// A report with some findings and nothing else.
fn report(findings: Vec<Finding>) -> QualityFile {
    QualityFile::new(QualityReport {
        schema: SCHEMA_VERSION,
        exchange: "XKRX".to_owned(),
        checked_at: "2026-11-20T18:00:00+09:00".to_owned(),
        first_session: None,
        last_session: None,
        codes: 0,
        n_sessions: 0,
        bars: 0,
        refused: 0,
        findings,
        suggested_actions: vec![],
        worst_codes: vec![],
        sessions: vec![],
        returns: vec![],
    })
}

fn failing() -> QualityFile {
    report(vec![Finding {
        check: CheckName::BasisSwitch,
        failed: true,
        flagged: true,
        summary: "412 of 500 series jump on 2016-07-18".to_owned(),
        limit: String::new(),
        remedy: "import adjusted prices".to_owned(),
        counts: vec![],
        examples: vec![],
    }])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_report_is_kept_beside_the_bars() {
    let market = small_market(N_SESSIONS, 1);
    let test = TestPorts::with_bars(market.clone());
    let context = context(&test, quick_config());
    run(&context).await.unwrap();
    let path = context.run.stage_path(Stage::Extract).join(QUALITY_FILE);
    let kept: QualityFile = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let request = CheckRequest {
        exchange: context.config.data.exchange,
        bars: BarRequest {
            last_sessions: Some(N_SESSIONS),
            until: market.sessions().last().copied(),
            ..BarRequest::default()
        },
        calendar: context.ports.calendar.clone(),
        now: context.ports.clock.now(),
    };
    let mut expected = naeil_quality::check(context.ports.history.as_ref(), &request)
        .await
        .unwrap();
    assert_eq!(expected.sessions.len(), N_SESSIONS);
    assert_eq!(expected.findings.len(), CheckName::ALL.len());
    expected.checked_at = kept.report.checked_at.clone();
    assert_eq!(kept, QualityFile::new(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_another_schema_is_named() {
    let test = TestPorts::with_bars(small_market(N_SESSIONS, 1));
    let mut config = quick_config();
    let first = context(&test, config.clone());
    run(&first).await.unwrap();
    let extract = first.run.stage_path(Stage::Extract);
    let mut quality: serde_json::Value =
        serde_json::from_slice(&fs::read(extract.join(QUALITY_FILE)).unwrap()).unwrap();
    quality["report"]["schema"] = 77.into();
    fs::write(extract.join(QUALITY_FILE), quality.to_string()).unwrap();
    config.data.from_snapshot = Some(extract);
    let text = run(&context(&test, config)).await.unwrap_err().to_string();
    assert!(
        text.contains(QUALITY_FILE) && text.contains("schema 77"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_report_stops_the_run_before_there_is_a_snapshot() {
    let test = TestPorts::with_bars(small_market(N_SESSIONS, 1));
    let context = context(&test, quick_config());
    let error = extract(&context, async |_| Ok(failing()))
        .await
        .unwrap_err();
    let StageError::DataRefused { failures, report } = &error else {
        panic!("{error}");
    };
    assert_eq!(failures.len(), 1);
    let written = fs::read_to_string(report).unwrap();
    assert!(written.contains("2016-07-18"), "{written}");
    let text = error.to_string();
    for part in [
        "basis_switch: 412 of 500 series jump on 2016-07-18 (import adjusted prices)",
        "--accept-data basis_switch",
        "retrain.accept_data",
        "quality.json",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let extract = context.run.stage_path(Stage::Extract);
    assert!(!extract.join("manifest.json").exists());
    assert!(!extract.join("bars.parquet").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_written_down_and_stays_accepted_in_a_copy() {
    let test = TestPorts::with_bars(small_market(N_SESSIONS, 1));
    let mut config = quick_config();
    config.data.accept = vec![CheckName::BasisSwitch];
    let first = context(&test, config.clone());
    extract(&first, async |_| Ok(failing())).await.unwrap();
    let accepted = |context: &StageContext| {
        let mut features = context.begin(Stage::Features).unwrap();
        QualityFile::read(&mut features)
            .unwrap()
            .accepted_failures()
    };
    assert_eq!(accepted(&first), ["basis_switch"]);

    config.data.accept = vec![];
    config.data.from_snapshot = Some(first.run.stage_path(Stage::Extract));
    let second = context(&test, config.clone());
    run(&second).await.unwrap();
    assert_eq!(accepted(&second), ["basis_switch"]);

    // A report in which nobody accepted the failure does not pass either.
    let extract = first.run.stage_path(Stage::Extract);
    let quality = fs::read_to_string(extract.join(QUALITY_FILE)).unwrap();
    let stern = quality.replacen("\"basis_switch\"", "", 1);
    fs::write(extract.join(QUALITY_FILE), stern).unwrap();
    let error = run(&context(&test, config)).await.unwrap_err();
    assert!(matches!(error, StageError::DataRefused { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_what_is_read_is_checked_and_kept() {
    let market = small_market(N_SESSIONS, 1);
    let test = TestPorts::with_bars(market.clone());
    let mut config = quick_config();
    config.data.until = Some(market.sessions()[239]);
    config.last_sessions = Some(230);
    config.universe.max_stocks = Some(2);
    let context = context(&test, config);
    let asked = Mutex::new(None);
    extract(&context, async |request| {
        *asked.lock().unwrap() = Some(request.clone());
        Ok(report(vec![]))
    })
    .await
    .unwrap();
    let asked = asked.lock().unwrap().take().unwrap();
    assert_eq!(asked.bars.last_sessions, Some(230));
    assert_eq!(asked.bars.until, Some(market.sessions()[239]));
    assert_eq!(asked.bars.codes, None);
    assert!(asked.calendar.is_some());

    let snapshot = snapshot_of(&context);
    assert_eq!(snapshot.bars.sessions(), &market.sessions()[10..240]);
    assert_eq!(snapshot.bars.stocks().len(), 6);
    assert_eq!(snapshot.universe.len(), 2);
    assert_eq!(snapshot.revision, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bars_that_change_while_they_are_read_are_refused() {
    let test = TestPorts::with_bars(small_market(N_SESSIONS, 1));
    test.bars.keep_moving(true);
    let error = run(&context(&test, quick_config())).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the bars changed from revision 1 to "),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_no_calendar_covers_train_only_on_request() {
    let test = TestPorts::with_bars(small_market(N_SESSIONS, 1));
    let mut without = context(&test, quick_config());
    without.ports.calendar = None;
    let error = run(&without).await.unwrap_err();
    assert!(error.to_string().contains("--observed-calendar"), "{error}");

    let mut config = quick_config();
    config.data.observed_calendar = true;
    config.data.exchange = naeil_domain::Exchange::Us;
    let mut asked_for = context(&test, config);
    asked_for.ports.calendar = None;
    run(&asked_for).await.unwrap();
    let snapshot = snapshot_of(&asked_for);
    assert_eq!(snapshot.exchange, naeil_domain::Exchange::Us);
    assert_eq!(snapshot.bars.sessions().len(), N_SESSIONS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_no_snapshot_is_named() {
    let test = TestPorts::empty();
    let mut config = quick_config();
    config.data.from_snapshot = Some(test.root.path().join("nowhere"));
    let error = run(&context(&test, config)).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("nowhere") && text.contains("--from-snapshot"),
        "{text}"
    );
}
