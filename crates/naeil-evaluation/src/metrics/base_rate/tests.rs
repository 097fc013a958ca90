use proptest::prelude::*;

use super::*;

#[test]
fn agrees_with_scipy() {
    // d = brentq(lambda d: expit(logit(p) + d).sum() - 1, -20, 20, xtol=1e-15, rtol=1e-15)
    // expit(logit(p) + d)                                                    (SciPy 1.17.1)
    let expected = [
        0.049_861_262_501_35,
        0.122_761_617_910_706_37,
        0.173_493_269_627_984_61,
        0.653_883_849_959_959_1,
    ];
    let shifted = given_base_rate(&[0.2, 0.4, 0.5, 0.9], 1).unwrap();
    for (shifted, expected) in shifted.iter().zip(expected) {
        assert!((shifted - expected).abs() < 1e-9, "{shifted} {expected}");
    }
}

#[test]
fn a_session_of_one_class_has_no_shift_and_a_constant_becomes_the_base_rate() {
    assert_eq!(given_base_rate(&[0.2, 0.4], 0), None);
    assert_eq!(given_base_rate(&[0.2, 0.4], 2), None);
    assert_eq!(given_base_rate(&[], 0), None);
    // Certainty included: what the majority baseline says.
    for constant in [0.0, 0.3, 1.0] {
        let shifted = given_base_rate(&[constant; 4], 1).unwrap();
        assert!(shifted.iter().all(|p| (p - 0.25).abs() < 1e-12));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_mean_is_the_base_rate_and_any_constant_shift_is_forgotten(
        logits in prop::collection::vec(-8.0..8.0_f64, 2..60),
        share in 0.0..1.0_f64,
        constant in -5.0..5.0_f64,
    ) {
        let n_rises = 1 + (share * (logits.len() - 1) as f64) as usize;
        prop_assume!(n_rises < logits.len());
        let of = |constant: f64| {
            let p: Vec<f64> = logits.iter().map(|z| sigmoid(z + constant)).collect();
            given_base_rate(&p, n_rises).unwrap()
        };
        let (plain, moved) = (of(0.0), of(constant));
        prop_assert!((plain.iter().sum::<f64>() - n_rises as f64).abs() < 1e-9);
        for (a, b) in plain.iter().zip(&moved) {
            prop_assert!((a - b).abs() < 1e-7, "{a} {b}");
        }
    }

    #[test]
    fn certainties_of_both_kinds_are_solved(n_sure in 1_usize..20, n_rises in 1_usize..39) {
        let mut p = vec![0.0; 20 - n_sure];
        p.extend(vec![1.0; n_sure]);
        p.extend(vec![0.4; 20]);
        let shifted = given_base_rate(&p, n_rises).unwrap();
        prop_assert!((shifted.iter().sum::<f64>() - n_rises as f64).abs() < 1e-6);
    }
}
