//! What the market did, by hand.

use naeil_features::MarketState;

use crate::synthetic::{Series, panel, traded};

fn series(closes: [Option<f64>; 4]) -> Series {
    closes
        .map(|close| close.map(|close| traded(close, 1.0)))
        .to_vec()
}

#[test]
fn means_and_shares_by_hand() {
    let mut halted = series([Some(50.0), Some(50.0), Some(55.0), Some(55.0)]);
    halted[1] = Some(traded(50.0, 0.0));
    let states = MarketState::by_session(&panel(&[
        series([Some(100.0), Some(110.0), Some(110.0), None]),
        series([None, Some(10.0), Some(9.0), None]),
        // Falls by half: a corporate action, which traded and is not counted.
        series([Some(8.0), Some(8.0), Some(4.0), None]),
        halted,
    ]));
    let found: Vec<_> = states
        .iter()
        .map(|state| (state.n_traded, state.share_of_rises))
        .collect();
    // First bars have no close before them. In the second session the first stock rose and the
    // third stood still; in the third, of an unchanged one, a fall and a rise over a halt, one rose.
    let expected = [
        (3, None),
        (3, Some(0.5)),
        (4, Some(1.0 / 3.0)),
        (1, Some(0.0)),
    ];
    assert_eq!(found, expected);
    let mean = |i: usize| states[i].mean_log_return.unwrap();
    assert_eq!(states[0].mean_log_return, None);
    // ln 1.1 / 2; (0 + ln 0.9 + ln 1.1) / 3; 0.
    assert!((mean(1) - 0.047_655_089_902).abs() < 1e-12);
    assert!((mean(2) + 0.003_350_111_951).abs() < 1e-12);
    assert_eq!(mean(3), 0.0);
}
