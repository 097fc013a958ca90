use proptest::prelude::*;

use super::*;

#[test]
fn an_edge_cuts_through_a_stock() {
    // Fifteen stocks, one and a half a decile: the top decile holds two thirds of the best stock
    // and one third of the next.
    let scores: Vec<f64> = (0..15).map(f64::from).collect();
    let stocks: Vec<u32> = (100..115).collect();
    let returns: Vec<f64> = (0..15).map(|i| f64::from(i) * 0.01).collect();
    let deciles = SessionDeciles::sort(&scores, &stocks, &returns).unwrap();
    let top: Vec<(u32, f64)> = deciles.top.clone().into_iter().collect();
    assert_eq!(top.len(), 2);
    assert_eq!((top[0].0, top[1].0), (113, 114));
    assert!((top[0].1 - 1.0 / 3.0).abs() < 1e-12 && (top[1].1 - 2.0 / 3.0).abs() < 1e-12);
    // (.13 + 2 * .14) / 3 = .41 / 3; the bottom (2 * .00 + .01) / 3.
    assert!((deciles.returns[9] - 0.41 / 3.0).abs() < 1e-12);
    assert!((deciles.spread() - 0.40 / 3.0).abs() < 1e-12);
}

#[test]
fn a_score_that_says_nothing_has_ten_equal_deciles_and_no_turnover() {
    let returns: Vec<f64> = (0..20).map(|i| f64::from(i) * 0.01).collect();
    let stocks: Vec<u32> = (0..20).collect();
    let deciles = SessionDeciles::sort(&[1.0; 20], &stocks, &returns).unwrap();
    assert!(deciles.returns.iter().all(|r| (r - 0.095).abs() < 1e-12));
    assert!(deciles.turnover_from(&deciles).abs() < 1e-12);
    assert_eq!(
        SessionDeciles::sort(&[1.0; 9], &stocks[..9], &returns[..9]),
        None
    );
}

#[test]
fn turnover_is_what_is_replaced() {
    let stocks: Vec<u32> = (0..20).collect();
    let of = |scores: [f64; 20]| SessionDeciles::sort(&scores, &stocks, &[0.0; 20]).unwrap();
    let first: [f64; 20] = std::array::from_fn(|i| i as f64);
    // Stock 17 takes the place of 18 in the top decile (two stocks); the bottom stays.
    let mut second = first;
    second.swap(17, 18);
    assert!((of(second).turnover_from(&of(first)) - 0.25).abs() < 1e-12);
    // Turned upside down, both are replaced.
    let third = first.map(|score| -score);
    assert!((of(third).turnover_from(&of(first)) - 1.0).abs() < 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn weights_add_up_and_the_order_of_rows_does_not_matter(
        rows in prop::collection::vec((0_u8..8, -0.1..0.1_f64), 10..70),
        turn in 0_usize..70,
    ) {
        let of = |rows: &[(usize, (u8, f64))]| {
            let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.1.0)).collect();
            let stocks: Vec<u32> = rows.iter().map(|row| row.0 as u32).collect();
            let returns: Vec<f64> = rows.iter().map(|row| row.1.1).collect();
            SessionDeciles::sort(&scores, &stocks, &returns).unwrap()
        };
        let mut rows: Vec<(usize, (u8, f64))> = rows.into_iter().enumerate().collect();
        let deciles = of(&rows);
        for side in [&deciles.top, &deciles.bottom] {
            prop_assert!((side.values().sum::<f64>() - 1.0).abs() < 1e-9);
        }
        let mean = rows.iter().map(|row| row.1.1).sum::<f64>() / rows.len() as f64;
        let of_deciles = deciles.returns.iter().sum::<f64>() / 10.0;
        prop_assert!((mean - of_deciles).abs() < 1e-9);
        let by = turn % rows.len();
        rows.rotate_left(by);
        prop_assert_eq!(of(&rows), deciles);
    }
}
