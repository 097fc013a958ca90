//! Nothing after a session changes what is said about it.

use naeil_domain::Horizon;
use naeil_features::{FeaturePanel, Form, Labels, SERVING_SESSIONS, Window};
use proptest::prelude::*;

use crate::synthetic::{both_forms, eventful_market, panel, quiet_series, raw_columns, traded};

pub(crate) fn bits(window: &Window<'_>) -> Vec<u32> {
    window.rows().flatten().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn cutting_the_future_off_leaves_every_bit_in_place(seed: u64, cut in 130_usize..259) {
        let bars = panel(&eventful_market(seed, 10, 260));
        let known = bars.truncated_after(bars.sessions()[cut]);
        let spec = both_forms();
        let whole = FeaturePanel::compute(&spec, &bars).unwrap();
        let truncated = FeaturePanel::compute(&spec, &known).unwrap();
        prop_assert_eq!(truncated.sessions().len(), cut + 1);
        let mut n_windows = 0;
        for session_idx in 0..=cut {
            for stock_idx in 0..10 {
                let row = |panel: &FeaturePanel| {
                    let row = panel.row(session_idx, stock_idx)?;
                    Some(row.iter().map(|x| x.to_bits()).collect::<Vec<_>>())
                };
                prop_assert_eq!(row(&whole), row(&truncated));
                let expected = whole.window(session_idx, stock_idx).map(|w| bits(&w));
                n_windows += usize::from(expected.is_ok());
                let found = truncated.window(session_idx, stock_idx).map(|w| bits(&w));
                prop_assert_eq!(found, expected);
            }
        }
        prop_assert!(n_windows > 0, "a market without a single window proves nothing");
    }

    #[test]
    fn labels_know_their_target_and_nothing_after_it(seed: u64, cut in 30_usize..119) {
        let bars = panel(&eventful_market(seed, 6, 120));
        let whole = Labels::compute(&bars);
        let truncated = Labels::compute(&bars.truncated_after(bars.sessions()[cut]));
        for session_idx in 0..=cut {
            for stock_idx in 0..6 {
                for horizon in Horizon::ALL {
                    let found = truncated.forward_return(session_idx, stock_idx, horizon);
                    let expected = if session_idx + horizon.steps() <= cut {
                        whole.forward_return(session_idx, stock_idx, horizon)
                    } else {
                        None
                    };
                    prop_assert_eq!(found.map(f32::to_bits), expected.map(f32::to_bits));
                }
            }
        }
    }
}

#[test]
fn a_server_s_sessions_give_what_the_whole_history_gives() {
    // Recursions that began at different sessions agree once 260 sessions have passed.
    let bars = panel(&eventful_market(3, 40, 730));
    let spec = both_forms();
    let whole = FeaturePanel::compute(&spec, &bars).unwrap();
    let (mut n_compared, mut n_void) = (0, 0);
    for as_of in [450, 600, 729] {
        let served = bars
            .truncated_after(bars.sessions()[as_of])
            .last_sessions(SERVING_SESSIONS);
        let served = FeaturePanel::compute_last(&spec, &served, spec.lookback()).unwrap();
        for stock_idx in 0..40 {
            let trained = whole.window(as_of, stock_idx);
            let served = served.window(spec.lookback() - 1, stock_idx);
            let (Ok(trained), Ok(served)) = (&trained, &served) else {
                // What is void in training is void in serving, for the same reason.
                assert_eq!(trained.err(), served.err(), "{as_of} {stock_idx}");
                n_void += 1;
                continue;
            };
            let forms = spec.columns().iter().map(|column| column.form).cycle();
            let values = trained.rows().flatten().zip(served.rows().flatten());
            for ((expected, found), form) in values.zip(forms) {
                if form == Form::Rank {
                    // No two of so few stocks are close enough to change places.
                    assert_eq!(expected.to_bits(), found.to_bits());
                    continue;
                }
                // Single precision of values up to about 1, and the recursions' residual: 5e-9.
                assert!(
                    (expected - found).abs() <= 1.2e-7 * expected.abs().max(0.25),
                    "{expected} {found}"
                );
            }
            n_compared += 1;
        }
    }
    assert!(n_compared > 30, "only {n_compared} windows to compare");
    assert!(n_void > 10, "only {n_void} void windows to compare");
}

#[test]
fn a_server_that_sees_only_the_end_of_a_long_halt_gives_what_the_whole_history_gives() {
    // Trading resumed 56 sessions ago: the window begins with four halted sessions. Halts begin
    // inside the server's sessions, just after their start, and before it.
    const RESUMED: usize = 674;
    for n_halted in [30, 69, 70, 150, 255, 262, 264, 300, 400] {
        let mut series = quiet_series(9, 730);
        let halt = RESUMED - n_halted..RESUMED;
        let close = series[halt.start - 1].map(|bar| bar.close).unwrap();
        series[halt].fill(Some(traded(close, 0.0)));
        let bars = panel(&[series]);
        let spec = raw_columns();
        let whole = FeaturePanel::compute(&spec, &bars).unwrap();
        let served = FeaturePanel::compute(&spec, &bars.last_sessions(SERVING_SESSIONS)).unwrap();
        let trained = whole.window(729, 0).unwrap();
        let served = served.window(SERVING_SESSIONS - 1, 0).unwrap();
        for (expected, found) in trained.rows().zip(served.rows()) {
            for ((expected, found), name) in expected.iter().zip(found).zip(spec.names()) {
                assert!(
                    (expected - found).abs() <= 1e-7,
                    "{name}, {n_halted} halted: {found}, expected {expected}"
                );
            }
        }
    }
}

#[test]
fn a_server_whose_sessions_begin_in_a_gap_gives_what_the_whole_history_gives() {
    const BEGIN: usize = 730 - SERVING_SESSIONS;
    let spec = raw_columns();
    let (mut n_usable, mut n_void) = (0, 0);
    for n_missing in [1, 5, 20, 21, 30, 150, 300] {
        for seen in [0, 1, 10, 20, 21, 60, 140, 199, 200, 201, 230, 264, 265] {
            if seen > n_missing {
                continue;
            }
            // The server sees the last `seen` sessions of the gap.
            let mut series = quiet_series(9, 730);
            let resumed = BEGIN + seen;
            series[resumed - n_missing..resumed].fill(None);
            let bars = panel(&[series]);
            let whole = FeaturePanel::compute(&spec, &bars).unwrap();
            let read = bars.last_sessions(SERVING_SESSIONS);
            let served = FeaturePanel::compute(&spec, &read).unwrap();
            let trained = whole.window(729, 0);
            let served = served.window(SERVING_SESSIONS - 1, 0);
            let what = format!("{n_missing} sessions missing, {seen} of them seen");
            assert_eq!(trained.as_ref().err(), served.as_ref().err(), "{what}");
            let (Ok(trained), Ok(served)) = (trained, served) else {
                n_void += 1;
                continue;
            };
            n_usable += 1;
            for (expected, found) in trained.rows().zip(served.rows()) {
                for ((expected, found), name) in expected.iter().zip(found).zip(spec.names()) {
                    assert!(
                        (expected - found).abs() <= 1.2e-7 * expected.abs().max(0.25),
                        "{name}, {what}: {found}, expected {expected}"
                    );
                }
            }
        }
    }
    assert!(
        n_usable > 20 && n_void > 2,
        "{n_usable} usable, {n_void} void"
    );
}
