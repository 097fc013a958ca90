use super::*;

/// erf by its Taylor series in f64, exact to about 1e-12 up to 4.
fn series(x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > 1e-17 {
        n += 1.0;
        term *= -x * x / n;
        sum += term / (2.0 * n + 1.0);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

#[test]
fn erf_agrees_with_its_series_and_a_table() {
    for i in -400..=400_i16 {
        let x = f32::from(i) / 100.0;
        let expected = series(f64::from(x));
        assert!((f64::from(erf(x)) - expected).abs() < 5e-7, "erf({x})");
    }
    // Abramowitz and Stegun, table 7.1.
    assert!((erf(0.5) - 0.520_499_9).abs() < 5e-7);
    assert!((erf(2.0) - 0.995_322_3).abs() < 5e-7);
    assert!((erf(-30.0) + 1.0).abs() < 5e-7);
}

#[test]
fn gelu_and_softplus_worked_by_hand() {
    // 1 Phi(1) = 0.8413447, -1 Phi(-1) = -0.1586553.
    let mut values = [0.0, 1.0, -1.0, 100.0, -100.0];
    gelu(&mut values);
    for (found, expected) in values
        .iter()
        .zip([0.0, 0.841_344_7, -0.158_655_3, 100.0, 0.0])
    {
        assert!(
            (found - expected).abs() < 1e-4 * expected.abs().max(0.01),
            "{found} {expected}"
        );
    }
    assert!((softplus(0.0) - std::f32::consts::LN_2).abs() < 1e-7);
    assert_eq!(softplus(1000.0), 1000.0);
    assert_eq!(softplus(-1000.0), 0.0);
    // ln(1 + e) = 1.3132617.
    assert!((softplus(1.0) - 1.313_261_7).abs() < 1e-6);
}

#[test]
fn layer_norm_worked_by_hand() {
    // Mean 2.5, variance 1.25.
    let mut row = [1.0, 2.0, 3.0, 4.0];
    layer_norm(&mut row, &[1.0, 1.0, 2.0, 1.0], &[0.0, 0.5, 0.0, 0.0]);
    let unit = 1.0 / 1.250_01_f32.sqrt();
    let expected = [-1.5 * unit, 0.5 - 0.5 * unit, unit, 1.5 * unit];
    for (found, expected) in row.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

#[test]
fn a_packed_layer_is_the_plain_product() {
    for (n_inputs, n_outputs) in [(1, 1), (3, 5), (76, 48), (96, 6), (7, 33)] {
        let number = |i: usize| ((i * 37 % 101) as f32 - 50.0) / 50.0;
        let weight: Vec<f32> = (0..n_inputs * n_outputs).map(number).collect();
        let bias: Vec<f32> = (0..n_outputs).map(|i| number(i + 13)).collect();
        let input: Vec<f32> = (0..n_inputs).map(|i| number(i + 29)).collect();
        let layer = PackedLinear::pack(n_inputs, &weight, &bias).unwrap();
        let mut out = vec![0.0; layer.n_outputs()];
        layer.forward(&input, &mut out);
        for (output, found) in out.iter().enumerate() {
            let row = &weight[output * n_inputs..(output + 1) * n_inputs];
            let products = row
                .iter()
                .zip(&input)
                .map(|(w, x)| f64::from(*w) * f64::from(*x));
            let expected = f64::from(bias[output]) + products.sum::<f64>();
            assert!(
                (f64::from(*found) - expected).abs() < 1e-5,
                "{found} {expected}"
            );
        }
    }
}

#[test]
fn layers_that_do_not_fit_are_refused() {
    assert!(PackedLinear::pack(0, &[], &[0.0]).is_err());
    assert!(PackedLinear::pack(2, &[1.0], &[0.0]).is_err());
    assert!(PackedLinear::pack(2, &[], &[]).is_err());
}
