//! The newest session, moved on one session at a time, is the last session of the whole panel.

use naeil_domain::{BarPanel, BarPanelBuilder};
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
