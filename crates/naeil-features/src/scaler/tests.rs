use proptest::prelude::*;

use super::*;

#[test]
fn percentiles_are_linear_between_ranks() {
    // 1..=201 in disorder: rank of 0.5 % is 0.005 x 200 = 1, so 2; of 99.5 % it is 199, so 200.
    let mut values: Vec<f32> = (0..201).map(|i| ((i * 37) % 201 + 1) as f32).collect();
    assert_eq!(percentile(&mut values, 0.005), 2.0);
    assert_eq!(percentile(&mut values, 0.995), 200.0);
    // Two values: rank 0.25 lies a quarter of the way.
    assert_eq!(percentile(&mut [8.0, 4.0], 0.25), 5.0);
    assert_eq!(percentile(&mut [3.0], 0.995), 3.0);
}

#[test]
fn mean_and_deviation_are_those_of_the_clipped_values() {
    // 400 values, half -1 and half 3, but one -900 and one 900 in the tails: the percentiles
    // are -1 and 3 (rank 1.995 and 397.005), so mean 1 and deviation 2.
    let mut values: Vec<f32> = (0..400)
        .map(|i| if i % 2 == 0 { -1.0 } else { 3.0 })
        .collect();
    values[0] = -900.0;
    values[1] = 900.0;
    let scale = ColumnScale::fit(values);
    assert_eq!((scale.low, scale.high), (-1.0, 3.0));
    assert_eq!((scale.mean, scale.std), (1.0, 2.0));
}

#[test]
fn a_constant_column_becomes_zero() {
    let scale = ColumnScale::fit(vec![0.1; 7]);
    assert_eq!(scale.std, 1.0);
    let scaler = Scaler {
        columns: vec![scale],
    };
    let mut values = [0.1, 5.0];
    scaler.transform(&mut values);
    assert_eq!(values, [0.0, 0.0]);
}

#[test]
fn what_is_missing_becomes_the_middle_and_ranks_stay() {
    let scaler = Scaler {
        columns: vec![ColumnScale::fit(vec![1.0, 3.0]), ColumnScale::RANK],
    };
    let root = 3.0_f32.sqrt();
    let mut values = [f32::NAN, -root, 2.0, 0.1];
    scaler.transform(&mut values);
    assert_eq!(values, [0.0, -root, 0.0, 0.1]);
    assert_eq!(ColumnScale::fit(Vec::new()).high, 0.0);
}

#[test]
fn parts_that_make_no_scaler_are_refused() {
    let message = |mean: &[f32], std: &[f32], low: &[f32], high: &[f32]| {
        Scaler::from_parts(mean, std, low, high)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message(&[0.0], &[1.0, 1.0], &[0.0], &[0.0]),
        "the scaler is invalid: mean, std, low and high have [1, 2, 1, 1] values, \
         expected the same number of each"
    );
    assert!(message(&[], &[], &[], &[]).contains("[0, 0, 0, 0]"));
    for (mean, std, low, high) in [
        (f32::NAN, 1.0, 0.0, 1.0),
        (0.0, 0.0, 0.0, 1.0),
        (0.0, -1.0, 0.0, 1.0),
        (0.0, 1.0, 2.0, 1.0),
        (0.0, 1.0, f32::NEG_INFINITY, 1.0),
    ] {
        let text = message(&[0.0, mean], &[1.0, std], &[0.0, low], &[1.0, high]);
        assert!(
            text.starts_with("the scaler is invalid: column 1 has"),
            "{text}"
        );
    }
}

#[test]
fn crossed_bounds_in_a_file_are_refused() {
    let text = r#"{"mean":[0.0],"std":[1.0],"low":[2.0],"high":[1.0]}"#;
    assert!(serde_json::from_str::<Scaler>(text).is_err());
}

#[test]
#[should_panic(expected = "whole rows of 2 columns")]
fn half_a_row_is_a_mistake() {
    let scaler = Scaler::from_parts(&[0.0; 2], &[1.0; 2], &[0.0; 2], &[1.0; 2]).unwrap();
    scaler.transform(&mut [0.0; 3]);
}

proptest! {
    #[test]
    fn the_inverse_gives_back_the_clipped_value(
        training in prop::collection::vec(-5.0_f32..5.0, 2..300),
        x in -20.0_f32..20.0,
    ) {
        let scale = ColumnScale::fit(training);
        let scaler = Scaler { columns: vec![scale] };
        let mut values = [x];
        scaler.transform(&mut values);
        prop_assert!(values[0].is_finite());
        scaler.inverse_transform(&mut values);
        let clipped = x.clamp(scale.low, scale.high);
        prop_assert!((values[0] - clipped).abs() <= 1e-5, "{} for {clipped}", values[0]);
    }

    #[test]
    fn json_keeps_every_bit(training in prop::collection::vec(-1e3_f32..1e3, 2..50)) {
        let scaler = Scaler { columns: vec![ColumnScale::fit(training)] };
        let text = serde_json::to_string(&scaler).unwrap();
        prop_assert_eq!(serde_json::from_str::<Scaler>(&text).unwrap(), scaler);
    }
}
