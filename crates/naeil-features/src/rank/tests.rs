use proptest::prelude::*;

use super::*;

/// Ranks one column whose stocks are all eligible.
fn ranked(values: &[f32]) -> Vec<f32> {
    let mut rows = values.to_vec();
    rank_columns(&mut rows, 1, &[0], |_| true, &mut RankBuffers::default());
    rows
}

#[test]
fn ranks_by_hand() {
    // Of four: (0.5, 1.5, 2.5, 3.5) / 4 - 0.5 = -0.375, -0.125, 0.125, 0.375, times the root of 12.
    let root = 12.0_f64.sqrt();
    let expected = [0.125, -0.375, 0.375, -0.125].map(|x: f64| (x * root) as f32);
    assert_eq!(ranked(&[3.0, -7.0, 1e9, 0.5]), expected);
    // The two equal ones share ranks 2 and 3, so the middle; minus zero is zero.
    let expected = [0.0, -0.375, 0.0, 0.375].map(|x: f64| (x * root) as f32);
    assert_eq!(ranked(&[-0.0, -1.0, 0.0, 1.0]), expected);
    assert_eq!(ranked(&[5.0]), [0.0]);
    assert_eq!(ranked(&[5.0; 3]), [0.0; 3]);
}

#[test]
fn who_is_not_eligible_is_zero_and_counts_for_nobody() {
    // Columns: raw, ranked, raw, ranked. The second stock is not eligible; the fourth has no value
    // in the last column.
    let mut rows = [
        [1.0, 10.0, 1.0, 30.0],
        [2.0, 99.0, 2.0, f32::NAN],
        [3.0, 20.0, 3.0, 20.0],
        [4.0, 30.0, 4.0, f32::NAN],
    ]
    .concat();
    let mut buffers = RankBuffers::default();
    rank_columns(&mut rows, 4, &[1, 3], |i| i != 1, &mut buffers);
    let third = (12.0_f64.sqrt() / 3.0) as f32;
    let quarter = (12.0_f64.sqrt() / 4.0) as f32;
    let expected = [
        [1.0, -third, 1.0, quarter],
        [2.0, 0.0, 2.0, 0.0],
        [3.0, 0.0, 3.0, -quarter],
        [4.0, third, 4.0, 0.0],
    ]
    .concat();
    assert_eq!(rows, expected);
    // The buffers of a larger session leave nothing behind in a smaller one.
    let mut rows = vec![1.0, 2.0];
    rank_columns(&mut rows, 1, &[0], |_| true, &mut buffers);
    assert_eq!(rows, [-quarter, quarter]);
    rank_columns(&mut rows, 1, &[0], |_| false, &mut buffers);
    assert_eq!(rows, [0.0, 0.0]);
}

proptest! {
    /// Counting, value by value, says the same.
    #[test]
    fn ranks_agree_with_counting(
        values in prop::collection::vec(
            prop_oneof![
                -1e30_f32..1e30,
                -1.0_f32..1.0,
                (-3_i8..3).prop_map(f32::from),
                Just(f32::INFINITY),
                Just(f32::NEG_INFINITY),
                Just(f32::MIN_POSITIVE / 4.0),
            ],
            1..300,
        ),
    ) {
        let n = values.len() as f64;
        for (value, found) in values.iter().zip(ranked(&values)) {
            let below = values.iter().filter(|other| *other < value).count() as f64;
            let equal = values.iter().filter(|other| *other == value).count() as f64;
            let expected = ((below + equal / 2.0) / n - 0.5) * 12.0_f64.sqrt();
            prop_assert_eq!(found, expected as f32);
        }
    }

    #[test]
    fn ranks_are_centred_with_unit_variance_and_answer_only_to_order(
        values in prop::collection::hash_set(-1_000_000_i32..1_000_000, 2..400),
    ) {
        let values: Vec<f32> = values.into_iter().map(|x| x as f32).collect();
        let ranks = ranked(&values);
        let n = ranks.len() as f64;
        let mean = ranks.iter().map(|&r| f64::from(r)).sum::<f64>() / n;
        let variance = ranks.iter().map(|&r| f64::from(r).powi(2)).sum::<f64>() / n;
        prop_assert!(mean.abs() < 1e-6, "mean {mean}");
        prop_assert!((variance - (1.0 - 1.0 / (n * n))).abs() < 1e-6, "variance {variance}");
        let stretched: Vec<f32> = values.iter().map(|x| x * 8.0).collect();
        prop_assert_eq!(ranked(&stretched), ranks.clone());
        let reversed: Vec<f32> = values.iter().map(|x| -x).collect();
        let mirrored: Vec<f32> = ranks.iter().map(|r| -r).collect();
        for (a, b) in ranked(&reversed).iter().zip(&mirrored) {
            prop_assert!((a - b).abs() < 1e-6);
        }
    }
}
