//! What the history behind bars promises: every stored bar, corporate actions and refused rows.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use naeil_domain::ports::{BarHistory, BarRequest, BarSource};
use naeil_domain::{ActionKind, ActionSource, Bar, CorporateAction, Session, Stock};

use crate::builders::{bar, code, session, stock};

/// A history under test: the ports, and ways to put things in.
#[async_trait]
pub trait HistoryUnderTest: BarHistory + BarSource {
    /// Puts bars in, each with the base price that its source states, if any.
    async fn put_stated(&self, rows: Vec<(Stock, Session, Bar, Option<f64>)>);

    /// Enters a corporate action as a user does.
    async fn enter(&self, action: CorporateAction);

    /// The present as the history records it.
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Runs every check, each on a history that `fresh` gives empty.
pub async fn check<S: HistoryUnderTest>(fresh: impl AsyncFn() -> S) {
    scans_stocks_by_code_and_sessions_in_order(&fresh().await).await;
    a_stated_split_gives_a_continuous_series(&fresh().await).await;
    the_order_of_import_does_not_matter(&fresh).await;
    a_correction_and_a_session_filled_in_at_once(&fresh().await).await;
    bars_that_do_not_follow_each_other_state_nothing(&fresh().await).await;
    a_statement_is_known_from_its_time_on(&fresh().await).await;
    a_correction_changes_neither_what_was_known_nor_its_values(&fresh().await).await;
    what_a_user_enters_stands_instead(&fresh().await).await;
    a_switch_of_basis_that_a_user_enters_is_a_seam(&fresh().await).await;
    a_switch_on_a_day_without_bars_is_a_seam_before_the_next(&fresh().await).await;
    refused_rows_are_told_once(&fresh().await).await;
}

/// A 5:1 split on 2024-01-04; the 6th and 7th are a weekend.
const SPLIT: [(&str, f64, f64); 5] = [
    ("2024-01-02", 100_000.0, 99_000.0),
    ("2024-01-03", 102_000.0, 100_000.0),
    ("2024-01-04", 20_600.0, 20_400.0),
    ("2024-01-05", 20_800.0, 20_600.0),
    ("2024-01-08", 20_700.0, 20_800.0),
];

/// 20,600 x 5 and so on.
const CONTINUOUS: [f64; 5] = [100_000.0, 102_000.0, 103_000.0, 104_000.0, 103_500.0];

async fn put(history: &impl HistoryUnderTest, rows: &[(&str, f64, f64)]) {
    let row = |&(date, close, base)| (stock("005930"), session(date), bar(close), Some(base));
    history.put_stated(rows.iter().map(row).collect()).await;
}

fn split(kind: ActionKind, date: &str, ratio: f64, source: ActionSource) -> CorporateAction {
    CorporateAction {
        code: code("005930"),
        session: session(date),
        kind,
        ratio,
        source,
    }
}

async fn closes(history: &impl HistoryUnderTest, known_at: Option<DateTime<Utc>>) -> Vec<f64> {
    let request = BarRequest {
        as_known_at: known_at,
        ..BarRequest::default()
    };
    let panel = history.bars(&request).await.expect("bars");
    panel.stock_bars(0).close.to_vec()
}

/// (code, session, close, factor, revision)
type Scanned = (String, String, f64, f64, u32);

async fn scan(history: &impl HistoryUnderTest, request: &BarRequest) -> Vec<Scanned> {
    let mut scanned = Vec::new();
    let mut sink = |stored: naeil_domain::ports::StoredBar<'_>| {
        scanned.push((
            stored.stock.code.to_string(),
            stored.session.to_string(),
            stored.bar.close,
            stored.bar.adjustment_factor,
            stored.revision,
        ));
    };
    history.scan(request, &mut sink).await.expect("a scan");
    scanned
}

async fn actions(history: &impl HistoryUnderTest) -> Vec<CorporateAction> {
    history.actions(None).await.expect("actions")
}

async fn revision(history: &impl HistoryUnderTest) -> u64 {
    let state = history.data_state().await.expect("a state");
    state.expect("bars").revision
}

async fn scans_stocks_by_code_and_sessions_in_order(history: &impl HistoryUnderTest) {
    let row = |code: &str, date: &str, close: f64| (stock(code), session(date), bar(close), None);
    let first = vec![
        row("035420", "2024-02-01", 10.0),
        row("035420", "2024-01-31", 11.0),
        row("000660", "2024-01-31", 12.0),
    ];
    history.put_stated(first).await;
    let before = history.now();
    history
        .put_stated(vec![row("035420", "2024-01-31", 13.0)])
        .await;
    let bar = |code: &str, date: &str, close, revision| {
        (code.to_owned(), date.to_owned(), close, 1.0, revision)
    };
    let mut expected = [
        bar("000660", "2024-01-31", 12.0, 1),
        bar("035420", "2024-01-31", 13.0, 2),
        bar("035420", "2024-02-01", 10.0, 1),
    ];
    assert_eq!(scan(history, &BarRequest::default()).await, expected);
    let last = BarRequest {
        last_sessions: Some(1),
        codes: Some(vec![code("035420")]),
        ..BarRequest::default()
    };
    assert_eq!(scan(history, &last).await, expected[2..]);
    let known = BarRequest {
        as_known_at: Some(before),
        until: Some(session("2024-01-31")),
        ..BarRequest::default()
    };
    expected[1] = bar("035420", "2024-01-31", 11.0, 1);
    assert_eq!(scan(history, &known).await, expected[..2]);
}

async fn a_stated_split_gives_a_continuous_series(history: &impl HistoryUnderTest) {
    put(history, &SPLIT).await;
    assert_eq!(closes(history, None).await, CONTINUOUS);
    let stated = split(ActionKind::Split, "2024-01-04", 5.0, ActionSource::Stated);
    assert_eq!(actions(history).await, [stated]);
    let scanned = scan(history, &BarRequest::default()).await;
    let factors: Vec<f64> = scanned.iter().map(|bar| bar.3).collect();
    assert_eq!(factors, [1.0, 1.0, 5.0, 5.0, 5.0]);
    // As it stands, adjusted by nobody.
    assert_eq!(scanned[2].2, 20_600.0);
}

async fn the_order_of_import_does_not_matter<S: HistoryUnderTest>(fresh: &impl AsyncFn() -> S) {
    let orders: [&[usize]; 4] = [
        &[0, 1, 2, 3, 4],
        &[4, 3, 2, 1, 0],
        &[2, 0, 4, 1, 3],
        &[1, 3, 2, 4, 0],
    ];
    for order in orders {
        let history = fresh().await;
        for &at in order {
            put(&history, &SPLIT[at..=at]).await;
        }
        assert_eq!(closes(&history, None).await, CONTINUOUS, "{order:?}");
        assert_eq!(actions(&history).await.len(), 1, "{order:?}");
    }
}

/// One import corrects an early close and fills a later session in: the statement about the early
/// one follows the correction.
async fn a_correction_and_a_session_filled_in_at_once(history: &impl HistoryUnderTest) {
    let mut wrong = SPLIT;
    wrong[1].1 = 104_000.0;
    let but_the_fourth = [wrong[0], wrong[1], wrong[2], wrong[4]];
    put(history, &but_the_fourth).await;
    put(history, &[SPLIT[1], SPLIT[3]]).await;
    let stated = split(ActionKind::Split, "2024-01-04", 5.0, ActionSource::Stated);
    assert_eq!(actions(history).await, [stated]);
    assert_eq!(closes(history, None).await, CONTINUOUS);
}

/// Between them lies a session of which nothing is known yet: the close before is not the one that
/// the base price was made from.
async fn bars_that_do_not_follow_each_other_state_nothing(history: &impl HistoryUnderTest) {
    put(history, &SPLIT[..1]).await;
    put(history, &SPLIT[3..]).await;
    assert_eq!(actions(history).await, []);
    // Another stock's bars tell that the first one did not trade in between: its prices follow each
    // other after all, and the close of 100,000 before a base of 20,600 is what it is.
    let other = |date| {
        (
            stock("000660"),
            session(date),
            bar(50_000.0),
            Some(50_000.0),
        )
    };
    let days = ["2024-01-03", "2024-01-04"];
    history.put_stated(days.map(other).to_vec()).await;
    let stated = actions(history).await;
    assert_eq!(stated.len(), 1, "{stated:?}");
    assert_eq!(stated[0].session, session("2024-01-05"));
    assert_eq!(stated[0].ratio, 100_000.0 / 20_600.0);
    // When the bars arrive, the statement moves to where it belongs.
    put(history, &SPLIT[1..3]).await;
    let stated = split(ActionKind::Split, "2024-01-04", 5.0, ActionSource::Stated);
    assert_eq!(actions(history).await, [stated]);
}

async fn a_statement_is_known_from_its_time_on(history: &impl HistoryUnderTest) {
    let silent =
        |&(date, close, _): &(&str, f64, f64)| (stock("005930"), session(date), bar(close), None);
    history.put_stated(SPLIT.iter().map(silent).collect()).await;
    let before = history.now();
    let first = revision(history).await;
    put(history, &SPLIT[2..3]).await;
    assert!(revision(history).await > first);
    let as_traded: Vec<f64> = SPLIT.iter().map(|row| row.1).collect();
    assert_eq!(closes(history, Some(before)).await, as_traded);
    assert_eq!(closes(history, None).await, CONTINUOUS);
    assert_eq!(closes(history, Some(history.now())).await, CONTINUOUS);
    assert_eq!(history.actions(Some(before)).await.expect("actions"), []);
}

async fn a_correction_changes_neither_what_was_known_nor_its_values(
    history: &impl HistoryUnderTest,
) {
    put(history, &SPLIT).await;
    let before = history.now();
    let first = revision(history).await;
    let known = BarRequest {
        as_known_at: Some(before),
        ..BarRequest::default()
    };
    let (bars, scanned) = (history.bars(&known).await, scan(history, &known).await);
    // The close before the split was 104,000: what the base price of 20,400 states is another
    // ratio then, and the next session's base price is the one before's close as before.
    put(history, &[("2024-01-03", 104_000.0, 100_000.0)]).await;
    assert!(revision(history).await > first);
    assert_eq!(actions(history).await[0].ratio, 104_000.0 / 20_400.0);
    assert_eq!(history.bars(&known).await.ok(), bars.ok());
    assert_eq!(scan(history, &known).await, scanned);
    // A correction that explains the base price takes the statement back.
    put(history, &[("2024-01-03", 20_400.0, 100_000.0)]).await;
    assert_eq!(actions(history).await, []);
    assert_eq!(
        history.actions(Some(before)).await.expect("actions").len(),
        1
    );
}

async fn what_a_user_enters_stands_instead(history: &impl HistoryUnderTest) {
    put(history, &SPLIT).await;
    let before = history.now();
    let first = revision(history).await;
    let entered = |ratio| {
        split(
            ActionKind::Split,
            "2024-01-04",
            ratio,
            ActionSource::Entered,
        )
    };
    history.enter(entered(4.0)).await;
    assert_eq!(actions(history).await, [entered(4.0)]);
    assert_eq!(closes(history, None).await[2], 82_400.0);
    assert_eq!(closes(history, Some(before)).await, CONTINUOUS);
    let second = revision(history).await;
    assert!(second > first);
    history.enter(entered(4.0)).await;
    assert_eq!(revision(history).await, second, "the same again");
    history.enter(entered(1.0)).await;
    assert_eq!(actions(history).await, []);
    assert_eq!(closes(history, None).await[2], 20_600.0);
    let state = history.data_state().await.expect("a state").expect("bars");
    assert_eq!(state.origin, naeil_domain::DataOrigin::Recorded);
}

/// The sessions that begin after a seam.
async fn seams(history: &impl HistoryUnderTest, known_at: Option<DateTime<Utc>>) -> Vec<String> {
    let request = BarRequest {
        as_known_at: known_at,
        ..BarRequest::default()
    };
    let panel = history.bars(&request).await.expect("bars");
    let seams = panel.seams(0);
    seams.map(|at| panel.sessions()[at].to_string()).collect()
}

async fn a_switch_of_basis_that_a_user_enters_is_a_seam(history: &impl HistoryUnderTest) {
    let silent =
        |&(date, close, _): &(&str, f64, f64)| (stock("005930"), session(date), bar(close), None);
    history.put_stated(SPLIT.iter().map(silent).collect()).await;
    let before = history.now();
    let switch = |ratio| {
        let (kind, source) = (ActionKind::BasisSwitch, ActionSource::Entered);
        split(kind, "2024-01-04", ratio, source)
    };
    history.enter(switch(5.0)).await;
    assert_eq!(closes(history, None).await, CONTINUOUS);
    assert_eq!(seams(history, None).await, ["2024-01-04"]);
    assert_eq!(seams(history, Some(history.now())).await, ["2024-01-04"]);
    assert_eq!(seams(history, Some(before)).await, Vec::<String>::new());
    // A read that begins later has nothing to join.
    let last_two = BarRequest {
        last_sessions: Some(2),
        ..BarRequest::default()
    };
    let panel = history.bars(&last_two).await.expect("bars");
    assert_eq!(panel.seams(0).count(), 0);
    history.enter(switch(1.0)).await;
    assert_eq!(seams(history, None).await, Vec::<String>::new());
}

/// An exchange's calendar may not cover the year: whoever enters the switch names a day that nobody
/// can check.
async fn a_switch_on_a_day_without_bars_is_a_seam_before_the_next(history: &impl HistoryUnderTest) {
    let row = |date, close| (stock("005930"), session(date), bar(close), None);
    let rows = vec![row("2009-03-02", 100.0), row("2009-03-04", 20.0)];
    history.put_stated(rows).await;
    let (kind, source) = (ActionKind::BasisSwitch, ActionSource::Entered);
    history.enter(split(kind, "2009-03-03", 5.0, source)).await;
    assert_eq!(closes(history, None).await, [100.0, 100.0]);
    assert_eq!(seams(history, None).await, ["2009-03-04"]);
}

async fn refused_rows_are_told_once(history: &impl HistoryUnderTest) {
    let row = |date: &str| (stock("005930"), session(date), bar(10.0), None);
    let days = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-02"];
    for _ in 0..2 {
        history.put_stated(days.map(row).to_vec()).await;
    }
    let refused = history.refused().await.expect("refused rows");
    let told: Vec<_> = refused
        .iter()
        .map(|row| {
            (
                row.code.as_str(),
                row.date.as_str(),
                row.reason.as_str(),
                row.count,
            )
        })
        .collect();
    assert_eq!(told, [("005930", "2024-01-02", "duplicate_row", 1)]);
}
