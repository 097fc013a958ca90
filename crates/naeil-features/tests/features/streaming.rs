//! The newest session, moved on one session at a time, is the last session of the whole panel.

use naeil_domain::{BarPanel, BarPanelBuilder, Market};
use naeil_features::{FeatureError, FeaturePanel, FeatureSpec, FeatureStream};
use proptest::prelude::*;

use crate::synthetic::{Series, both_forms, eventful_market, panel};

/// The bars of sessions `from..to`, of those stocks only that have one by then, some of them
/// marked as a seam.
fn part(bars: &BarPanel, from: usize, to: usize, seams: &[(usize, usize)]) -> BarPanel {
    let known = |i: usize| bars.stock_bars(i).close[..to].iter().any(|c| !c.is_nan());
    let marked = with_seams(bars, seams);
    let last = bars.sessions()[to - 1];
    marked
        .truncated_after(last)
        .last_sessions(to - from)
        .retain_stocks(|i, _| known(i))
}

fn with_seams(bars: &BarPanel, seams: &[(usize, usize)]) -> BarPanel {
    let mut builder = BarPanelBuilder::new(bars.sessions().to_vec(), bars.stocks().to_vec());
    for stock_idx in 0..bars.stocks().len() {
        let of_stock = bars.stock_bars(stock_idx);
        for session_idx in (0..bars.sessions().len()).filter(|&i| !of_stock.close[i].is_nan()) {
            builder.set(
                stock_idx,
                session_idx,
                &naeil_domain::Bar {
                    open: of_stock.open[session_idx],
                    high: of_stock.high[session_idx],
                    low: of_stock.low[session_idx],
                    close: of_stock.close[session_idx],
                    volume: of_stock.volume[session_idx],
                    adjustment_factor: 1.0,
                    basis: naeil_domain::PriceBasis::AsTraded,
                },
            );
        }
    }
    for &(stock_idx, session_idx) in seams {
        builder.mark_seam(stock_idx, session_idx);
    }
    builder.build()
}

/// Compares the stream with the last session of the whole panel over the same bars.
fn assert_same(stream: &FeatureStream, spec: &FeatureSpec, bars: &BarPanel) -> usize {
    let whole = FeaturePanel::compute(spec, bars).expect("bars");
    let last = bars.sessions().len() - 1;
    assert_eq!(stream.session(), bars.sessions().last().copied());
    let mut n_rows = 0;
    for (stock_idx, stock) in whole.stocks().iter().enumerate() {
        let Some(idx) = stream.stock_index(&stock.code) else {
            assert!(whole.row(last, stock_idx).is_none());
            continue;
        };
        let bits = |row: Option<&[f32]>| -> Option<Vec<u32>> {
            Some(row?.iter().map(|x| x.to_bits()).collect())
        };
        let expected = bits(whole.row(last, stock_idx));
        n_rows += usize::from(expected.is_some());
        assert_eq!(bits(stream.row(idx)), expected, "{} in {last}", stock.code);
        assert_eq!(stream.state(idx), whole.state(last, stock_idx));
        assert_eq!(stream.is_eligible(idx), whole.is_eligible(last, stock_idx));
        if whole.row(last, stock_idx).is_some() {
            assert_eq!(stream.carried(idx), whole.carried(last, stock_idx));
        }
    }
    n_rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    /// Halts of both spellings, gaps, newcomers, delistings, splits and seams.
    #[test]
    fn session_by_session_is_the_whole_panel_to_the_bit(
        seed: u64,
        begin in 0_usize..150,
        seams in prop::collection::vec((0_usize..12, 0_usize..160), 0..6),
    ) {
        const N: usize = 160;
        let bars = panel(&eventful_market(seed, 12, N));
        let spec = both_forms();
        let mut stream = if begin == 0 {
            FeatureStream::new(&spec, &bars.last_sessions(0)).unwrap()
        } else {
            FeatureStream::new(&spec, &part(&bars, 0, begin, &seams)).unwrap()
        };
        let mut n_rows = 0;
        for session_idx in begin..N {
            let to = session_idx + 1;
            stream.push(&part(&bars, session_idx, to, &seams)).unwrap();
            if session_idx % 7 == 0 || to == N {
                n_rows += assert_same(&stream, &spec, &part(&bars, 0, to, &seams));
            }
        }
        prop_assert!(n_rows > 0, "no row was compared");
    }
}

#[test]
fn stocks_that_are_not_named_had_no_bar() {
    let market = eventful_market(41, 8, 150);
    let bars = panel(&market);
    let spec = both_forms();
    let mut stream =
        FeatureStream::new(&spec, &bars.truncated_after(bars.sessions()[148])).unwrap();
    let newest = bars.last_sessions(1).retain_stocks(|i, _| i % 2 == 0);
    stream.push(&newest).unwrap();
    let mut without: Vec<Series> = market;
    for series in without.iter_mut().skip(1).step_by(2) {
        series[149] = None;
    }
    assert!(assert_same(&stream, &spec, &panel(&without)) > 0);
}

#[test]
fn a_session_that_was_passed_is_refused() {
    let bars = panel(&eventful_market(42, 3, 20));
    let mut stream = FeatureStream::new(&both_forms(), &bars).unwrap();
    let error = stream.push(&bars.last_sessions(1)).unwrap_err();
    assert!(matches!(error, FeatureError::SessionNotAfter { .. }));
    assert_eq!(
        error.to_string(),
        "session 2021-01-23 is not after 2021-01-23, the newest one of the stream"
    );
}

#[test]
fn a_life_begins_anew_after_a_long_gap_session_by_session_too() {
    let spec = both_forms();
    let mut market = eventful_market(43, 8, 300);
    // Gaps of 20, 21 and 60 sessions, one before a halted bar.
    for (stock, gap) in [(0, 90..110), (1, 90..111), (2, 90..150), (3, 90..111)] {
        let bar = market[stock].iter().flatten().next().copied();
        market[stock].fill(bar);
        let after = gap.end;
        market[stock][gap].fill(None);
        if stock == 3 {
            let halted = bar.map(|bar| naeil_domain::Bar { volume: 0.0, ..bar });
            market[stock][after] = halted;
        }
    }
    let bars = panel(&market);
    let mut stream = FeatureStream::new(&spec, &bars.last_sessions(0)).unwrap();
    for session_idx in 0..300 {
        let to = session_idx + 1;
        stream.push(&part(&bars, session_idx, to, &[])).unwrap();
        if session_idx >= 85 {
            assert_same(&stream, &spec, &part(&bars, 0, to, &[]));
        }
    }
    let whole = FeaturePanel::compute(&spec, &bars).unwrap();
    let is_eligible = |stock| whole.is_eligible(165, stock);
    assert!(is_eligible(0), "a gap of 20 sessions is carried over");
    assert!(!is_eligible(1), "a gap of 21 begins a warm-up");
}

#[test]
fn a_stock_that_moves_to_another_market_has_its_price_limit() {
    // 20 % in a session: more than KONEX allows, less than KOSDAQ does.
    let rise = |t: usize| if t < 100 { 100.0 } else { 120.0 };
    let series: Series = (0..130)
        .map(|t| Some(crate::synthetic::traded(rise(t) + (t % 3) as f64, 5.0)))
        .collect();
    let bars = panel(&[series]);
    let on = |market, from: usize, to: usize| {
        let mut stocks = bars.stocks().to_vec();
        stocks[0].market = market;
        let mut builder = BarPanelBuilder::new(bars.sessions()[from..to].to_vec(), stocks);
        let of_stock = bars.stock_bars(0);
        for i in from..to {
            let bar = crate::synthetic::traded(of_stock.close[i], of_stock.volume[i]);
            builder.set(0, i - from, &bar);
        }
        builder.build()
    };
    let spec = both_forms();
    let mut stream = FeatureStream::new(&spec, &on(Market::Konex, 0, 90)).unwrap();
    stream.push(&on(Market::Kosdaq, 90, 130)).unwrap();
    assert_eq!(stream.stocks()[0].market, Market::Kosdaq);
    assert!(stream.is_eligible(0));
    let stays = FeatureStream::new(&spec, &on(Market::Konex, 0, 130)).unwrap();
    assert!(!stays.is_eligible(0));
}
