use super::*;

const VOID: f32 = f32::NAN;

fn targets(returns: &[[f32; 3]]) -> SessionTargets {
    SessionTargets::new(&SessionWindows {
        session_idx: 0,
        stock_idxs: (0..returns.len() as u32).collect(),
        returns: returns.to_vec(),
    })
}

#[test]
fn percentiles_are_ranks_within_the_session_and_the_market_is_its_share_of_rises() {
    // One day ahead: -0.02, 0, 0 and 0.03 have ranks 1, 2.5, 2.5 and 4 among 4, one of them rose:
    // (1 + 0.5) / (4 + 1) = 0.3, ln(0.3 / 0.7) = -0.847298.
    // Five days ahead one is void: 0.01 and 0.05 and 0.02 are 1, 3 and 2 of 3; all rose:
    // 3.5 / 4, ln 7 = 1.945910.
    let found = targets(&[
        [0.00, 0.01, VOID],
        [-0.02, 0.05, VOID],
        [0.00, VOID, VOID],
        [0.03, 0.02, VOID],
    ]);
    let column = |horizon_idx: usize| found.percentiles.iter().map(move |row| row[horizon_idx]);
    assert!(column(0).eq([2.0 / 4.0, 0.5 / 4.0, 2.0 / 4.0, 3.5 / 4.0]));
    let five: Vec<f32> = column(1).collect();
    assert_eq!(
        (five[0], five[1], five[3]),
        (0.5 / 3.0, 2.5 / 3.0, 1.5 / 3.0)
    );
    assert!(five[2].is_nan());
    assert!((found.market[0] + 0.847_298).abs() < 1e-6);
    assert!((found.market[1] - 1.945_91).abs() < 1e-6);
    // Nothing is known: an even market.
    assert!(column(2).all(f32::is_nan));
    assert_eq!(found.market[2], 0.0);
}
