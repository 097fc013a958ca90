use chrono::NaiveDate;
use naeil_domain::{Bar, BarPanelBuilder, Market, PriceBasis, Session, Stock};

use super::*;

/// Close and volume of a session, or no bar.
type CloseAndVolume = Option<(f64, f64)>;

/// A panel of four sessions, of stocks that are named as their code.
fn panel(stocks: &[(&str, [CloseAndVolume; 4])]) -> BarPanel {
    named_panel(stocks, |code| code)
}

fn named_panel<'a>(
    stocks: &[(&'a str, [CloseAndVolume; 4])],
    name: impl Fn(&'a str) -> &'a str,
) -> BarPanel {
    let first = NaiveDate::from_ymd_opt(2024, 1, 2).unwrap();
    let sessions: Vec<Session> = first.iter_days().take(4).map(Session::new).collect();
    let listed = |code: &'a str| Stock {
        code: StockCode::parse(code).unwrap(),
        name: name(code).to_owned(),
        market: Market::Kospi,
        first_session: sessions[0],
        last_session: sessions[3],
    };
    let table = stocks.iter().map(|(code, _)| listed(code)).collect();
    let mut builder = BarPanelBuilder::new(sessions.clone(), table);
    for (stock_idx, (_, bars)) in stocks.iter().enumerate() {
        for (session_idx, bar) in bars.iter().enumerate() {
            let Some((close, volume)) = *bar else {
                continue;
            };
            let bar = Bar {
                open: close,
                high: close,
                low: close,
                close,
                volume,
                adjustment_factor: 1.0,
                basis: PriceBasis::AsTraded,
            };
            builder.set(stock_idx, session_idx, &bar);
        }
    }
    builder.build()
}

fn market() -> BarPanel {
    let bar = |close: f64, volume: f64| Some((close, volume));
    panel(&[
        // Traded values 10, 40, 30 in the window: median 30. The last session is after it.
        (
            "000010",
            [
                bar(1.0, 10.0),
                bar(2.0, 20.0),
                bar(3.0, 10.0),
                bar(9.0, 9000.0),
            ],
        ),
        // 50, 20, 20: median 20, although its mean is as high as the first's.
        (
            "000020",
            [
                bar(5.0, 10.0),
                bar(1.0, 20.0),
                bar(1.0, 20.0),
                bar(1.0, 1.0),
            ],
        ),
        // Listed late: 0, 0, 900: median 0.
        ("000030", [None, None, bar(9.0, 100.0), bar(9.0, 100.0)]),
        // Halted throughout the window, then the greatest of all.
        (
            "000040",
            [bar(7.0, 0.0), bar(7.0, 0.0), bar(7.0, 0.0), bar(7.0, 1e9)],
        ),
        // 30, 30, 30: ties with the first.
        (
            "000050",
            [
                bar(3.0, 10.0),
                bar(3.0, 10.0),
                bar(3.0, 10.0),
                bar(3.0, 10.0),
            ],
        ),
    ])
}

fn check(max_stocks: Option<usize>, always: &[&str], expected: &[usize]) {
    let always = always
        .iter()
        .map(|code| StockCode::parse(code).unwrap())
        .collect();
    let config = UniverseConfig {
        max_stocks,
        always,
        spacs: false,
    };
    let chosen = select_universe(&market(), 0..3, &config);
    assert_eq!(chosen.stock_idxs, expected, "{config:?}");
}

#[test]
fn the_greatest_medians_are_taken_and_a_tie_goes_to_the_lower_code() {
    check(Some(1), &[], &[0]);
    check(Some(2), &[], &[0, 4]);
    check(Some(3), &[], &[0, 1, 4]);
    check(None, &[], &[0, 1, 2, 4]);
}

#[test]
fn codes_asked_for_come_first_and_count() {
    check(Some(2), &["000040"], &[0, 3]);
    check(Some(2), &["000020", "000040"], &[1, 3]);
    check(None, &["000040"], &[0, 1, 2, 3, 4]);
}

#[test]
fn codes_without_a_bar_are_told() {
    let always = ["000040", "999999"]
        .map(|code| StockCode::parse(code).unwrap())
        .to_vec();
    let config = UniverseConfig {
        max_stocks: Some(3),
        always,
        ..UniverseConfig::default()
    };
    let universe = select_universe(&market(), 0..3, &config);
    assert_eq!(universe.stock_idxs, [0, 3, 4]);
    assert_eq!(universe.missing, [StockCode::parse("999999").unwrap()]);
}

#[test]
fn what_comes_after_the_training_window_has_no_say() {
    // Stock 3 trades 7e9 in the last session, and is the first choice only if that is looked at.
    let config = UniverseConfig {
        max_stocks: Some(1),
        always: vec![],
        ..UniverseConfig::default()
    };
    assert_eq!(select_universe(&market(), 0..3, &config).stock_idxs, [0]);
    assert_eq!(select_universe(&market(), 3..4, &config).stock_idxs, [3]);
}

#[test]
fn shells_of_cash_are_left_out_unless_asked_for() {
    let bar = Some((2_000.0, 100.0));
    let chosen = |name: &'static str, config: &UniverseConfig| {
        let rename = |code| if code == "000020" { name } else { code };
        let panel = named_panel(&[("000010", [bar; 4]), ("000020", [bar; 4])], rename);
        select_universe(&panel, 0..3, config).stock_idxs
    };
    let usual = UniverseConfig::default();
    assert_eq!(chosen("미래에셋스팩", &usual), [0]);
    assert_eq!(chosen("스페이스", &usual), [0, 1]);
    let with_spacs = UniverseConfig {
        spacs: true,
        ..usual.clone()
    };
    assert_eq!(chosen("교보9호스팩", &with_spacs), [0, 1]);
    let asked_for = UniverseConfig {
        always: vec![StockCode::parse("000020").unwrap()],
        ..usual
    };
    assert_eq!(chosen("교보9호스팩", &asked_for), [0, 1]);
}
