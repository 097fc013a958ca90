//! What a source of bars and a directory of stocks promise.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use naeil_domain::ports::{BarRequest, BarSource, StockDirectory};
use naeil_domain::{Bar, BarPanel, DataOrigin, Session, Stock};

use crate::builders::{bar, code, halted_bar, session, stock};

/// A source under test: the ports, and a way to put bars in.
#[async_trait]
pub trait BarsUnderTest: BarSource + StockDirectory {
    /// Puts bars in; a value that differs from the known one is a correction.
    async fn put(&self, bars: Vec<(Stock, Session, Bar)>, origin: DataOrigin);

    /// The present as the source records it.
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Runs every check, each on a source that `fresh` gives empty.
pub async fn check<S: BarsUnderTest>(fresh: impl AsyncFn() -> S) {
    is_empty_at_first(&fresh().await).await;
    gives_adjusted_bars_over_the_calendars_sessions(&fresh().await).await;
    lists_stocks_by_code(&fresh().await).await;
    narrows_by_code_session_and_number(&fresh().await).await;
    the_revision_grows_with_every_change_and_only_then(&fresh().await).await;
    a_correction_leaves_what_was_known_before(&fresh().await).await;
    the_origin_is_mixed_when_the_bars_are(&fresh().await).await;
}

async fn read(source: &impl BarsUnderTest, request: &BarRequest) -> BarPanel {
    source.bars(request).await.expect("bars")
}

async fn put(source: &impl BarsUnderTest, stock_code: &str, bars: &[(&str, Bar)]) {
    let bars = bars
        .iter()
        .map(|&(date, bar)| (stock(stock_code), session(date), bar))
        .collect();
    source.put(bars, DataOrigin::Recorded).await;
}

fn dates(panel: &BarPanel) -> Vec<String> {
    panel.sessions().iter().map(Session::to_string).collect()
}

fn codes(panel: &BarPanel) -> Vec<&str> {
    let stocks = panel.stocks();
    stocks.iter().map(|stock| stock.code.as_str()).collect()
}

/// Closes as text, so that a missing bar can be compared.
fn closes(panel: &BarPanel, stock_idx: usize) -> Vec<String> {
    let bars = panel.stock_bars(stock_idx);
    bars.close.iter().map(f64::to_string).collect()
}

async fn is_empty_at_first(source: &impl BarsUnderTest) {
    assert_eq!(source.data_state().await.expect("a state"), None);
    assert_eq!(source.stocks().await.expect("stocks"), []);
    let panel = read(source, &BarRequest::default()).await;
    assert_eq!((panel.sessions().len(), panel.stocks().len()), (0, 0));
}

async fn gives_adjusted_bars_over_the_calendars_sessions(source: &impl BarsUnderTest) {
    // 2024-01-06 and 07 are a weekend. The 5:1 split of the 8th multiplies by 5 from then on.
    let split = Bar {
        adjustment_factor: 5.0,
        ..bar(20.0)
    };
    let bars = [
        ("2024-01-04", bar(100.0)),
        ("2024-01-05", halted_bar(100.0)),
        ("2024-01-08", split),
        ("2024-01-10", split),
    ];
    put(source, "005930", &bars).await;
    let panel = read(source, &BarRequest::default()).await;
    let expected = [
        "2024-01-04",
        "2024-01-05",
        "2024-01-08",
        "2024-01-09",
        "2024-01-10",
    ];
    assert_eq!(dates(&panel), expected);
    assert_eq!(closes(&panel, 0), ["100", "100", "100", "NaN", "100"]);
    let bars = panel.stock_bars(0);
    // Split: open 19, high 22, low 18, times 5; volume 1000 / 5. Halt: the close four times.
    assert_eq!(
        (bars.open[2], bars.high[2], bars.low[2]),
        (95.0, 110.0, 90.0)
    );
    assert_eq!(
        (bars.volume[0], bars.volume[1], bars.volume[2]),
        (1000.0, 0.0, 200.0)
    );
    assert_eq!(
        (bars.open[1], bars.high[1], bars.low[1]),
        (100.0, 100.0, 100.0)
    );

    let state = source.data_state().await.expect("a state").expect("bars");
    assert_eq!(state.last_session, session("2024-01-10"));
    assert_eq!(state.origin, DataOrigin::Recorded);
}

async fn lists_stocks_by_code(source: &impl BarsUnderTest) {
    put(source, "035420", &[("2024-01-05", bar(10.0))]).await;
    put(source, "00104K", &[("2024-01-04", bar(10.0))]).await;
    put(source, "035420", &[("2024-01-09", bar(11.0))]).await;
    let stocks = source.stocks().await.expect("stocks");
    let expected = [
        Stock {
            first_session: session("2024-01-04"),
            last_session: session("2024-01-04"),
            ..stock("00104K")
        },
        Stock {
            first_session: session("2024-01-05"),
            last_session: session("2024-01-09"),
            ..stock("035420")
        },
    ];
    assert_eq!(stocks, expected);
    let panel = read(source, &BarRequest::default()).await;
    assert_eq!(panel.stocks(), expected);
}

async fn narrows_by_code_session_and_number(source: &impl BarsUnderTest) {
    let days = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"];
    put(source, "005930", &days.map(|day| (day, bar(100.0)))).await;
    put(
        source,
        "000660",
        &days[..2]
            .iter()
            .map(|&day| (day, bar(50.0)))
            .collect::<Vec<_>>(),
    )
    .await;

    let only = |text: &str| BarRequest {
        codes: Some(vec![code(text), code("999999")]),
        ..BarRequest::default()
    };
    assert_eq!(codes(&read(source, &only("000660")).await), ["000660"]);
    assert_eq!(
        codes(&read(source, &only("035420")).await),
        Vec::<&str>::new()
    );

    let last_two = BarRequest {
        last_sessions: Some(2),
        ..BarRequest::default()
    };
    let panel = read(source, &last_two).await;
    assert_eq!(dates(&panel), ["2024-01-04", "2024-01-05"]);
    assert_eq!(
        codes(&panel),
        ["005930"],
        "a stock without a bar is left out"
    );

    // The last sessions are those of the source, not of the stock.
    let panel = read(
        source,
        &BarRequest {
            last_sessions: Some(3),
            ..only("000660")
        },
    )
    .await;
    assert_eq!(dates(&panel), ["2024-01-03", "2024-01-04", "2024-01-05"]);
    assert_eq!(closes(&panel, 0), ["50", "NaN", "NaN"]);

    let panel = read(
        source,
        &BarRequest {
            until: Some(session("2024-01-03")),
            last_sessions: Some(1),
            ..BarRequest::default()
        },
    )
    .await;
    assert_eq!(dates(&panel), ["2024-01-03"]);
    assert_eq!(codes(&panel), ["000660", "005930"]);
}

async fn the_revision_grows_with_every_change_and_only_then(source: &impl BarsUnderTest) {
    let revision = async || {
        let state = source.data_state().await.expect("a state");
        state.expect("bars").revision
    };
    put(source, "005930", &[("2024-01-04", bar(100.0))]).await;
    let first = revision().await;
    put(source, "005930", &[("2024-01-04", bar(100.0))]).await;
    assert_eq!(
        revision().await,
        first,
        "the same bar again changes nothing"
    );
    put(source, "005930", &[("2024-01-05", bar(100.0))]).await;
    let second = revision().await;
    assert!(second > first, "{second} after {first}");
    put(source, "005930", &[("2024-01-04", bar(101.0))]).await;
    let third = revision().await;
    assert!(third > second, "{third} after {second}");
}

async fn a_correction_leaves_what_was_known_before(source: &impl BarsUnderTest) {
    let before_all = source.now();
    put(
        source,
        "005930",
        &[("2024-01-04", bar(100.0)), ("2024-01-05", bar(101.0))],
    )
    .await;
    let before_correction = source.now();
    put(source, "005930", &[("2024-01-04", bar(90.0))]).await;
    let before_second_correction = source.now();
    // Back to the first value: a third revision, not the first one again.
    put(
        source,
        "005930",
        &[("2024-01-04", bar(100.0)), ("2024-01-08", bar(102.0))],
    )
    .await;

    let known_at = async |moment| {
        let request = BarRequest {
            as_known_at: Some(moment),
            ..BarRequest::default()
        };
        let panel = read(source, &request).await;
        match panel.stocks() {
            [] => Vec::new(),
            _ => closes(&panel, 0),
        }
    };
    assert_eq!(known_at(before_all).await, Vec::<String>::new());
    assert_eq!(known_at(before_correction).await, ["100", "101"]);
    assert_eq!(known_at(before_second_correction).await, ["90", "101"]);
    assert_eq!(known_at(source.now()).await, ["100", "101", "102"]);
    let panel = read(source, &BarRequest::default()).await;
    assert_eq!(closes(&panel, 0), ["100", "101", "102"]);
}

async fn the_origin_is_mixed_when_the_bars_are(source: &impl BarsUnderTest) {
    let bars = |date| vec![(stock("005930"), session(date), bar(100.0))];
    let origin = async || {
        let state = source.data_state().await.expect("a state");
        state.expect("bars").origin
    };
    source.put(bars("2024-01-04"), DataOrigin::Simulated).await;
    assert_eq!(origin().await, DataOrigin::Simulated);
    source.put(bars("2024-01-05"), DataOrigin::Recorded).await;
    assert_eq!(origin().await, DataOrigin::Mixed);
}
