//! Ranks inside a market: who is ranked, against whom, and what is kept.

use naeil_domain::{BarPanel, BarPanelBuilder};
use naeil_features::{
    FeatureColumn, FeatureError, FeaturePanel, FeatureSpec, Form, Indicator, SessionState,
    VoidWindow,
};
use proptest::prelude::*;

use crate::no_look_ahead::bits;
use crate::synthetic::{both_forms, eventful_market, panel, quiet_series, raw_columns, traded};

fn one_day_returns(forms: &[Form]) -> FeatureSpec {
    let column = |form: &Form| FeatureColumn {
        name: format!("{form:?}"),
        indicator: Indicator::LogReturn { period: 1 },
        form: *form,
    };
    FeatureSpec::new(3, 1, forms.iter().map(column).collect()).expect("a valid spec")
}

#[test]
fn a_session_s_eligible_stocks_are_ranked_among_each_other() {
    let mut halted = quiet_series(4, 10);
    halted[8] = Some(traded(halted[7].unwrap().close, 0.0));
    let mut jumped = quiet_series(5, 10);
    for bar in jumped[6..].iter_mut().flatten() {
        *bar = traded(bar.close * 3.0, bar.volume);
    }
    let mut late = quiet_series(6, 10);
    late[..8].fill(None);
    let market = [
        quiet_series(1, 10),
        quiet_series(2, 10),
        quiet_series(3, 10),
        halted,
        jumped,
        late,
    ];
    let panel =
        FeaturePanel::compute(&one_day_returns(&[Form::Rank, Form::Raw]), &panel(&market)).unwrap();
    let eligible = |session_idx: usize| -> Vec<bool> {
        (0..6)
            .map(|stock_idx| panel.is_eligible(session_idx, stock_idx))
            .collect()
    };
    // Session 8: halted, a jump two sessions ago, in its warm-up. Session 9: all.
    assert_eq!(eligible(8), [true, true, true, false, false, false]);
    assert_eq!(eligible(9), [true; 6]);
    assert_eq!(panel.state(8, 3), SessionState::Halted);
    assert_eq!((panel.carried(8, 3), panel.carried(9, 3)), (1, 0));
    let row = |stock_idx: usize| panel.row(8, stock_idx).unwrap();
    let mut raw: Vec<(f32, f32)> = (0..3).map(|i| (row(i)[1], row(i)[0])).collect();
    raw.sort_by(|a, b| a.0.total_cmp(&b.0));
    let third = (12.0_f64.sqrt() / 3.0) as f32;
    assert_eq!(
        raw.iter().map(|pair| pair.1).collect::<Vec<_>>(),
        [-third, 0.0, third]
    );
    assert_eq!(row(3)[0], 0.0);
    assert_eq!(row(4)[0], 0.0);
    assert!(row(4)[1] != 0.0);
    assert!(panel.row(8, 5).is_none());
}

#[test]
fn a_rank_without_its_raw_column_is_the_same() {
    let bars = panel(&eventful_market(31, 20, 60));
    let compute = |forms: &[Form]| FeaturePanel::compute(&one_day_returns(forms), &bars).unwrap();
    let (both, alone) = (compute(&[Form::Raw, Form::Rank]), compute(&[Form::Rank]));
    for session_idx in 0..60 {
        for stock_idx in 0..20 {
            let rank = both.row(session_idx, stock_idx).map(|row| row[1]);
            assert_eq!(rank, alone.row(session_idx, stock_idx).map(|row| row[0]));
        }
    }
}

#[test]
fn raw_columns_are_the_same_beside_ranks() {
    let bars = panel(&eventful_market(32, 20, 200));
    let both = FeaturePanel::compute(&both_forms(), &bars).unwrap();
    let raw = FeaturePanel::compute(&raw_columns(), &bars).unwrap();
    let n_raw = raw.spec().n_columns();
    for session_idx in 0..200 {
        for stock_idx in 0..20 {
            let of_both = both.row(session_idx, stock_idx).map(|row| &row[..n_raw]);
            assert_eq!(of_both, raw.row(session_idx, stock_idx));
        }
    }
}

#[test]
fn a_seam_voids_windows_and_ranks() {
    let spec = one_day_returns(&[Form::Raw, Form::Rank]);
    let plain = panel(&[quiet_series(1, 40), quiet_series(2, 40)]);
    let mut builder = BarPanelBuilder::new(plain.sessions().to_vec(), plain.stocks().to_vec());
    for (stock_idx, series) in [quiet_series(1, 40), quiet_series(2, 40)]
        .iter()
        .enumerate()
    {
        for (session_idx, bar) in series.iter().enumerate() {
            builder.set(stock_idx, session_idx, &bar.unwrap());
        }
    }
    builder.mark_seam(0, 20);
    let bars: BarPanel = builder.build();
    let panel = FeaturePanel::compute(&spec, &bars).unwrap();
    for session_idx in [20, 21, 22] {
        assert_eq!(
            panel.window(session_idx, 0).unwrap_err(),
            VoidWindow::ImpossibleMove
        );
        assert!(!panel.is_eligible(session_idx, 0));
        assert!(panel.window(session_idx, 1).is_ok());
    }
    assert!(panel.window(19, 0).is_ok() && panel.window(23, 0).is_ok());
}

#[test]
fn a_spec_that_a_server_could_not_rank_alike_is_refused() {
    let column = FeatureColumn {
        name: "rank".to_owned(),
        indicator: Indicator::Gap {},
        form: Form::Rank,
    };
    let error = FeatureSpec::new(161, 5, vec![column]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the feature spec is invalid: ranks need two lookbacks, 322 sessions, a server reads 320"
    );
}

#[test]
fn nothing_to_keep_is_refused() {
    let bars = panel(&[quiet_series(1, 3)]);
    let error = FeaturePanel::compute_last(&both_forms(), &bars, 0).unwrap_err();
    assert!(matches!(error, FeatureError::EmptyPanel { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_kept_is_what_the_whole_panel_holds(seed: u64, n_kept in 1_usize..300) {
        const N: usize = 250;
        let bars = panel(&eventful_market(seed, 12, N));
        let spec = both_forms();
        let whole = FeaturePanel::compute(&spec, &bars).unwrap();
        let kept = FeaturePanel::compute_last(&spec, &bars, n_kept).unwrap();
        let n_kept = n_kept.min(N);
        prop_assert_eq!(kept.sessions(), &whole.sessions()[N - n_kept..]);
        for session_idx in 0..n_kept {
            let in_whole = N - n_kept + session_idx;
            for stock_idx in 0..12 {
                let row = |panel: &FeaturePanel, at: usize| {
                    let row = panel.row(at, stock_idx)?;
                    Some(row.iter().map(|x| x.to_bits()).collect::<Vec<_>>())
                };
                prop_assert_eq!(row(&whole, in_whole), row(&kept, session_idx));
                prop_assert_eq!(
                    whole.state(in_whole, stock_idx),
                    kept.state(session_idx, stock_idx)
                );
                prop_assert_eq!(
                    whole.carried(in_whole, stock_idx),
                    kept.carried(session_idx, stock_idx)
                );
                let found = kept.window(session_idx, stock_idx).map(|w| bits(&w));
                if session_idx + 1 >= spec.lookback() {
                    let expected = whole.window(in_whole, stock_idx).map(|w| bits(&w));
                    prop_assert_eq!(found, expected);
                } else {
                    prop_assert!(found.is_err(), "a window that was not kept");
                }
            }
        }
    }
}
