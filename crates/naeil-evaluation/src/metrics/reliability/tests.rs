use proptest::prelude::*;

use super::*;
use crate::metrics::ranks::ascending;

fn bins_of(probabilities: &[f64], n_bins: usize) -> Bins {
    Bins::of_equal_count(probabilities, &ascending(probabilities), n_bins)
}

#[test]
fn wilson_agrees_with_statsmodels() {
    // proportion_confint(7, 20, method="wilson"), (0, 5)                   (statsmodels 0.15.0)
    let check = |(low, high): (f64, f64), expected: (f64, f64)| {
        assert!((low - expected.0).abs() < 1e-9 && (high - expected.1).abs() < 1e-9);
    };
    check(
        wilson_interval(7, 20),
        (0.181_191_824_101_082_03, 0.567_145_723_314_763_8),
    );
    check(wilson_interval(0, 5), (0.0, 0.434_482_464_783_174_87));
    check(wilson_interval(0, 0), (0.0, 1.0));
}

#[test]
fn bins_worked_by_hand() {
    // Six rows in three bins: (.1 .2) (.3 .3 .3) (.9): the third .3 joins its equals.
    let p = [0.3, 0.9, 0.1, 0.3, 0.2, 0.3];
    let up = [true, true, false, false, false, true];
    let bins = bins_of(&p, 3);
    assert_eq!(bins.bin, [1, 2, 0, 1, 0, 1]);
    let table = bins.table(&p, &up);
    let counts: Vec<usize> = table.iter().map(|bin| bin.n_rows).collect();
    assert_eq!(counts, [2, 3, 1]);
    assert!((table[1].share_up - 2.0 / 3.0).abs() < 1e-12);
    assert!((table[0].mean_probability - 0.15).abs() < 1e-12);
    assert_eq!((table[0].lowest, table[0].highest), (0.1, 0.2));
    assert!((calibration_error(&table).unwrap() - 0.25).abs() < 1e-12);
    // |.3 - 0| + |.9 - 2| + |.9 - 1| = 1.5 over six rows.
    let error = bins.calibration_error(&p, &up, &[0..2, 2..6]);
    assert!((error.value().unwrap() - 0.25).abs() < 1e-12);
}

#[test]
fn a_constant_is_one_bin_and_nothing_is_none() {
    assert_eq!(bins_of(&[0.4; 7], 15).n_bins, 1);
    let none = bins_of(&[], 15);
    assert!(none.table(&[], &[]).is_empty());
    assert!(reliability(&[]).is_empty());
    assert_eq!(calibration_error(&[]), None);
    assert_eq!(
        none.calibration_error(&[], &[], &[0..0, 0..0]).value(),
        None
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn probabilities_that_are_true_have_a_small_error(seed in any::<u64>()) {
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let p: Vec<f64> = (0..20_000).map(|_| 0.3 + 0.4 * random()).collect();
        let up: Vec<bool> = p.iter().map(|p| random() < *p).collect();
        let sessions = [0..10_000, 10_000..20_000];
        let error = |p: &[f64]| {
            let bins = bins_of(p, N_BINS);
            bins.calibration_error(p, &up, &sessions).value().unwrap()
        };
        // A bin's share of 1,333 rows has a standard error of .0137, whose mean magnitude is .011.
        prop_assert!(error(&p) < 0.022);
        let moved: Vec<f64> = p.iter().map(|p| p + 0.05).collect();
        prop_assert!((error(&moved) - 0.05).abs() < 0.02);
    }

    #[test]
    fn bins_hold_an_equal_count_where_nothing_ties(n in 15_usize..400) {
        let p: Vec<f64> = (0..n).map(|i| ((i * 7919) % 10_007) as f64 / 10_007.0).collect();
        let table = bins_of(&p, N_BINS).table(&p, &vec![false; n]);
        prop_assert_eq!(table.len(), N_BINS);
        prop_assert!(table.iter().all(|bin| bin.n_rows.abs_diff(n / N_BINS) <= 1));
    }
}
