use proptest::prelude::*;

use super::*;

const SCORES: [f64; 8] = [0.3, 0.1, 0.9, 0.4, 0.8, 0.2, 0.7, 0.6];
const RETURNS: [f64; 8] = [0.02, -0.01, 0.03, 0.00, 0.01, -0.02, -0.03, 0.05];

#[test]
fn without_factors_it_is_the_rank_ic() {
    let expected = correlation(&average_ranks(&SCORES), &average_ranks(&RETURNS));
    let beyond = rank_ic_beyond_factors(&SCORES, &RETURNS, &[]);
    assert!((beyond.unwrap() - expected.unwrap()).abs() < 1e-12);
}

#[test]
fn a_score_made_of_the_factors_has_nothing_left() {
    let doubled = SCORES.map(|score| 2.0 * score);
    let opposite = SCORES.map(|score| -score.powi(3));
    assert_eq!(
        rank_ic_beyond_factors(&SCORES, &RETURNS, &[&doubled, &opposite]),
        Some(0.0)
    );
}

#[test]
fn what_does_not_vary_is_undefined() {
    assert_eq!(rank_ic_beyond_factors(&[1.0; 8], &RETURNS, &[]), None);
    assert_eq!(rank_ic_beyond_factors(&SCORES, &[0.0; 8], &[]), None);
    assert_eq!(
        rank_ic_beyond_factors(&SCORES[..4], &RETURNS[..4], &[]),
        None
    );
}

#[test]
fn a_factor_without_any_value_or_without_variation_takes_nothing_out() {
    let plain = rank_ic_beyond_factors(&SCORES, &RETURNS, &[]);
    let with = rank_ic_beyond_factors(&SCORES, &RETURNS, &[&[f64::NAN; 8], &[3.0; 8]]);
    assert_eq!(plain, with);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_residual_is_orthogonal_and_a_repeated_factor_changes_nothing(
        rows in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64), 10..60),
    ) {
        let a: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let b: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let returns: Vec<f64> = rows.iter().map(|row| row.2).collect();
        let basis = orthonormal(&[&a, &b, &a]);
        prop_assert_eq!(basis.len(), 2);
        prop_assert!(dot(&basis[0], &basis[1]).abs() < 1e-12);
        let scores: Vec<f64> = a.iter().zip(&returns).map(|(a, r)| a + r).collect();
        // Not equal to the bit: ties of residuals may break by rounding.
        let once = rank_ic_beyond_factors(&scores, &returns, &[&a, &b]).unwrap();
        let twice = rank_ic_beyond_factors(&scores, &returns, &[&a, &b, &a]).unwrap();
        prop_assert!((once - twice).abs() < 1e-9);
    }
}
