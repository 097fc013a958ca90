//! Labels by hand, and why some are void.

use naeil_domain::{Bar, BarPanelBuilder, Horizon, Market};
use naeil_features::{Labels, VoidLabel};

use crate::synthetic::{Series, panel, quiet_series, traded};

const ONE: Horizon = Horizon::OneDay;
const FIVE: Horizon = Horizon::FiveDays;
const TWENTY: Horizon = Horizon::TwentyDays;

fn series(closes: &[f64]) -> Series {
    closes
        .iter()
        .map(|&close| Some(traded(close, 1.0)))
        .collect()
}

#[test]
fn returns_are_simple_and_an_unchanged_close_is_not_up() {
    let labels = Labels::compute(&panel(&[series(&[
        100.0, 110.0, 110.0, 99.0, 100.0, 125.0,
    ])]));
    // 110/100 - 1 = 0.1, unchanged, 99/110 - 1 = -0.1; over five sessions 125/100 - 1 = 0.25.
    assert_eq!(labels.forward_return(0, 0, ONE), Some(0.1));
    assert_eq!(labels.forward_return(1, 0, ONE), Some(0.0));
    assert_eq!(labels.forward_return(2, 0, ONE), Some(-0.1));
    assert_eq!(labels.forward_return(0, 0, FIVE), Some(0.25));
    let up = |session_idx| labels.is_up(session_idx, 0, ONE);
    assert_eq!(
        (up(0), up(1), up(2), up(5)),
        (Some(true), Some(false), Some(false), None)
    );
    let counts = labels.void_counts();
    assert_eq!(counts.get(ONE, VoidLabel::TargetOutsidePanel), 1);
    assert_eq!(counts.get(FIVE, VoidLabel::TargetOutsidePanel), 5);
    assert_eq!(
        (counts.total(ONE), counts.total(FIVE), counts.total(TWENTY)),
        (1, 5, 6)
    );
}

#[test]
fn an_unchanged_close_stays_unchanged_across_a_split() {
    let mut bars = series(&[1_000.0; 7]);
    let factor = 10.0 / 3.0;
    for bar in bars[3..].iter_mut().flatten() {
        *bar = Bar {
            adjustment_factor: factor,
            ..traded(1_000.0 / factor, 1.0)
        };
    }
    let labels = Labels::compute(&panel(&[bars]));
    assert_eq!(labels.forward_return(2, 0, ONE), Some(0.0));
    assert_eq!(labels.forward_return(0, 0, FIVE), Some(0.0));
}

#[test]
fn both_ends_must_have_traded() {
    let mut bars = quiet_series(1, 10);
    bars[3] = Some(traded(9_999.0, 0.0));
    bars[6] = None;
    bars[9] = None;
    let labels = Labels::compute(&panel(&[bars]));
    for void in [2, 3, 5, 6, 8, 9] {
        assert_eq!(labels.forward_return(void, 0, ONE), None, "session {void}");
    }
    for known in [0, 1, 4, 7] {
        assert!(
            labels.forward_return(known, 0, ONE).is_some(),
            "session {known}"
        );
    }
    let counts = labels.void_counts();
    // The life ends with session 8, so session 9 is no label that could have been.
    assert_eq!(counts.get(ONE, VoidLabel::AsOfNotTraded), 2);
    assert_eq!(counts.get(ONE, VoidLabel::TargetNotTraded), 3);
}

#[test]
fn a_run_of_five_untraded_sessions_is_allowed_and_six_is_not() {
    let mut five = quiet_series(1, 21);
    five[8..13].fill(None);
    five[15] = None;
    let mut six = five.clone();
    six[13] = None;
    let labels = Labels::compute(&panel(&[five, six]));
    assert!(labels.forward_return(0, 0, TWENTY).is_some());
    assert_eq!(labels.forward_return(0, 1, TWENTY), None);
    assert_eq!(labels.void_counts().get(TWENTY, VoidLabel::LongHalt), 1);
}

#[test]
fn an_impossible_move_inside_voids_and_one_before_does_not() {
    let labels = Labels::compute(&panel(&[series(&[
        100.0, 100.0, 150.0, 150.0, 150.0, 150.0, 150.0, 150.0,
    ])]));
    assert_eq!(labels.forward_return(1, 0, ONE), None);
    assert_eq!(labels.forward_return(0, 0, FIVE), None);
    assert_eq!(labels.forward_return(1, 0, FIVE), None);
    assert_eq!(labels.forward_return(2, 0, FIVE), Some(0.0));
    assert_eq!(labels.void_counts().get(FIVE, VoidLabel::ImpossibleMove), 2);
}

#[test]
fn a_switch_of_price_basis_inside_voids_and_one_before_does_not() {
    let closes = [100.0, 101.0, 102.0, 101.0, 100.0, 99.0, 100.0, 101.0];
    let bars = panel(&[series(&closes)]);
    let mut builder = BarPanelBuilder::new(bars.sessions().to_vec(), bars.stocks().to_vec());
    for (session_idx, &close) in closes.iter().enumerate() {
        builder.set(0, session_idx, &traded(close, 1.0));
    }
    builder.mark_seam(0, 2);
    let labels = Labels::compute(&builder.build());
    assert_eq!(labels.forward_return(1, 0, ONE), None);
    assert_eq!(labels.forward_return(1, 0, FIVE), None);
    assert!(labels.forward_return(0, 0, ONE).is_some());
    assert!(labels.forward_return(2, 0, FIVE).is_some());
    assert_eq!(labels.void_counts().get(FIVE, VoidLabel::ImpossibleMove), 2);
}

#[test]
fn the_limit_is_that_of_the_stock_s_market() {
    // KONEX moves by at most 15 %.
    let closes = [100.0, 120.0, 120.0];
    let bars = panel(&[series(&closes), series(&closes)]);
    let mut stocks = bars.stocks().to_vec();
    stocks[1].market = Market::Konex;
    let mut builder = BarPanelBuilder::new(bars.sessions().to_vec(), stocks);
    for (session_idx, &close) in closes.iter().enumerate() {
        (0..2).for_each(|stock_idx| builder.set(stock_idx, session_idx, &traded(close, 1.0)));
    }
    let labels = Labels::compute(&builder.build());
    assert!(labels.forward_return(0, 0, ONE).is_some());
    assert_eq!(labels.forward_return(0, 1, ONE), None);
}

#[test]
fn a_target_after_the_delisting_is_void() {
    let mut delisted = quiet_series(1, 30);
    delisted[10..].fill(None);
    let labels = Labels::compute(&panel(&[delisted, quiet_series(2, 30)]));
    assert!(labels.forward_return(8, 0, ONE).is_some());
    assert_eq!(labels.forward_return(9, 0, ONE), None);
    assert_eq!(labels.forward_return(5, 0, FIVE), None);
    assert!(labels.void_counts().get(TWENTY, VoidLabel::TargetNotTraded) >= 10);
}

#[test]
fn no_bars_make_no_labels() {
    let labels = Labels::compute(&panel(&[quiet_series(1, 3)]).last_sessions(0));
    assert_eq!(labels.void_counts().total(ONE), 0);
}
