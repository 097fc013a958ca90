//! Which windows may be used, why not, and what is in them.

use naeil_domain::{Bar, StockCode};
use naeil_features::{FeatureError, FeaturePanel, FeatureSpec, VoidWindow};

use crate::synthetic::{Series, eventful_market, panel, quiet_series, traded};

/// Warm-up and lookback of the default spec.
const NEEDED: usize = 60 + 60;

fn compute(series: &[Series]) -> FeaturePanel {
    FeaturePanel::compute(&FeatureSpec::v2(), &panel(series)).expect("bars")
}

#[test]
fn windows_are_the_rows_of_the_panel() {
    let panel = compute(&eventful_market(11, 30, 300));
    let (lookback, n_columns) = (panel.spec().lookback(), panel.spec().n_columns());
    let mut copied = vec![0.0; lookback * n_columns];
    let mut n_windows = 0;
    for session_idx in 0..300 {
        for stock_idx in 0..30 {
            let Ok(window) = panel.window(session_idx, stock_idx) else {
                continue;
            };
            n_windows += 1;
            assert_eq!(window.rows().len(), lookback);
            window.copy_into(&mut copied);
            assert!(copied.iter().all(|x| x.is_finite()));
            for (i, (row, copy)) in window.rows().zip(copied.chunks(n_columns)).enumerate() {
                assert_eq!(row, copy);
                // Rows of gaps inside a window stand only in it.
                if let Some(expected) = panel.row(session_idx + 1 - lookback + i, stock_idx) {
                    assert_eq!(row, expected);
                }
            }
            assert_eq!(window.rows().last(), panel.row(session_idx, stock_idx));
        }
    }
    assert!(n_windows > 1_000, "only {n_windows} windows");
}

#[test]
fn history_is_counted_from_the_first_bar() {
    let mut late = quiet_series(1, 150);
    late[..10].fill(None);
    let panel = compute(&[late]);
    let missing = |sessions_missing| VoidWindow::TooLittleHistory { sessions_missing };
    assert_eq!(panel.window(9, 0).unwrap_err(), VoidWindow::NoBar);
    assert_eq!(panel.window(10, 0).unwrap_err(), missing(NEEDED - 1));
    assert_eq!(panel.window(10 + NEEDED - 2, 0).unwrap_err(), missing(1));
    assert!(panel.window(10 + NEEDED - 1, 0).is_ok());
    assert!(panel.row(10 + 59, 0).is_none());
    assert!(panel.row(10 + 60, 0).is_some());
}

#[test]
fn a_short_panel_has_no_windows_and_says_how_much_is_missing() {
    let panel = compute(&[quiet_series(1, 30)]);
    assert_eq!(
        panel.window(29, 0).unwrap_err().to_string(),
        "the stock's history is 90 sessions too short"
    );
    assert!(panel.row(29, 0).is_none());
}

#[test]
fn a_stock_that_does_not_trade_today_has_no_window() {
    let mut halted = quiet_series(1, 140);
    halted[139] = Some(traded(10_000.0, 0.0));
    let mut gap = quiet_series(2, 140);
    gap[138] = None;
    let panel = compute(&[halted, gap]);
    assert_eq!(panel.window(139, 0).unwrap_err(), VoidWindow::NotTraded);
    assert!(panel.row(139, 0).is_some(), "a halted bar is a bar");
    assert_eq!(panel.window(138, 1).unwrap_err(), VoidWindow::NoBar);
    assert!(panel.row(138, 1).is_none());
    assert!(panel.window(139, 1).is_ok());
}

#[test]
fn five_untraded_sessions_are_allowed_and_six_are_not() {
    let mut series = quiet_series(1, 200);
    for t in [130, 135, 140, 145, 150, 155] {
        series[t] = None;
    }
    let panel = compute(&[series]);
    // The lookback of 189 is 130..=189 and holds all six; that of 190 begins with 131.
    let void = panel.window(189, 0).unwrap_err();
    assert_eq!(
        (void.code(), void),
        (
            "too_many_untraded",
            VoidWindow::TooManyUntraded {
                untraded: 6,
                allowed: 5
            }
        )
    );
    assert!(panel.window(190, 0).is_ok());
    assert!(panel.window(154, 0).is_ok());
}

#[test]
fn an_impossible_move_voids_the_windows_that_hold_it() {
    let mut series = quiet_series(1, 220);
    for bar in series[140..].iter_mut().flatten() {
        // A 2:1 split that nobody recorded.
        *bar = traded(bar.close / 2.0, bar.volume);
    }
    let panel = compute(&[series]);
    assert!(panel.window(139, 0).is_ok());
    assert_eq!(
        panel.window(140, 0).unwrap_err(),
        VoidWindow::ImpossibleMove
    );
    assert_eq!(
        panel.window(199, 0).unwrap_err(),
        VoidWindow::ImpossibleMove
    );
    assert!(panel.window(200, 0).is_ok());
}

#[test]
fn a_stock_that_never_moves_has_defined_features() {
    let panel = compute(&[vec![Some(traded(500.0, 10.0)); NEEDED]]);
    let window = panel.window(NEEDED - 1, 0).unwrap();
    for row in window.rows() {
        for (&x, name) in row.iter().zip(panel.spec().names()) {
            // All of its returns are zero, and everything else is in balance.
            let expected = if name == "zero_share_20" { 1.0 } else { 0.0 };
            assert_eq!(x, expected, "{name}");
        }
    }
}

#[test]
fn columns_answer_a_reversal_after_a_long_rise() {
    let rise = |t: usize| 1_000.0 * 1.01_f64.powi(t as i32);
    let mut series: Series = (0..150).map(|t| Some(traded(rise(t), 100.0))).collect();
    for (i, bar) in series[140..].iter_mut().enumerate() {
        *bar = Some(traded(rise(139) * 0.97_f64.powi(i as i32 + 1), 100.0));
    }
    let panel = compute(&[series]);
    let column = |name: &str, session_idx: usize| {
        let idx = panel.spec().names().iter().position(|n| n == name).unwrap();
        panel.row(session_idx, 0).unwrap()[idx]
    };
    assert_eq!(column("rsi_14", 139), 0.5);
    assert_eq!(column("stochastic_k_14", 139), 0.5);
    assert_eq!(column("obv_slope_20", 139), 1.0);
    // Ten falls of 3 %: each column has turned. The last 20 sessions rose and fell ten times.
    assert!(column("rsi_14", 149) < -0.2);
    assert_eq!(column("stochastic_k_14", 149), -0.5);
    assert_eq!(column("obv_slope_20", 149), 0.0);
    assert!(column("macd_histogram", 149) < 0.0 && column("bollinger_position", 149) < 0.0);
    assert!((column("log_return_5", 149) - 5.0 * 0.97_f32.ln()).abs() < 1e-6);
}

#[test]
fn stocks_are_found_by_code() {
    let panel = compute(&[quiet_series(1, 3), quiet_series(2, 3)]);
    let index = |code: &str| panel.stock_index(&StockCode::parse(code).unwrap());
    assert_eq!((index("000001"), index("000002")), (Some(1), None));
}

#[test]
fn a_bar_with_an_impossible_price_counts_as_missing() {
    let mut series = quiet_series(1, 140);
    let bar = series[100].unwrap();
    series[100] = Some(Bar {
        open: f64::NAN,
        ..bar
    });
    let panel = compute(&[series]);
    assert_eq!(panel.window(100, 0).unwrap_err(), VoidWindow::NoBar);
    assert!(panel.window(139, 0).is_ok());
}

#[test]
fn a_panel_without_sessions_is_refused() {
    let bars = panel(&[quiet_series(1, 3)]).last_sessions(0);
    let error = FeaturePanel::compute(&FeatureSpec::v2(), &bars).unwrap_err();
    assert!(matches!(
        error,
        FeatureError::EmptyPanel {
            sessions: 0,
            stocks: 1
        }
    ));
}
