use burn::tensor::TensorData;
use proptest::prelude::*;

use super::*;
use crate::cell::{LstmLayer, last_hidden};
use crate::dense::values;
use crate::device::inference_device;
use crate::test_data::{Peer, greatest_difference, widen};
use crate::weights::NamedTensor;

fn check_peer(n_features: usize) {
    let Some(peer) = Peer::read(n_features) else {
        return;
    };
    let device = inference_device();
    let network = peer.network(&peer.tensors, &device);
    let logits = values(peer.logits(&network, 0, &device));
    let found = widen(&logits).map(|logit| 1.0 / (1.0 + (-logit).exp()));
    let difference = greatest_difference(found, peer.outputs());
    // The reference's own tolerance is 5e-6 for any f32 implementation.
    assert!(difference < 1e-6, "{difference}");
}

#[test]
fn reference_weights_give_the_reference_outputs_with_8_features() {
    check_peer(8);
}

#[test]
fn reference_weights_give_the_reference_outputs_with_24_features() {
    check_peer(24);
}

/// One input, one hidden unit, two steps, worked by hand with x = 1, then 2:
///
/// ```text
/// weights  i: w 0.5, u 0.1    f: w 0.25, u 0.2    g: w 1, u 0.3    o: w -0.5, u 0.4
/// biases   b_ih = 0.1 in all, b_hh = 0.2 in all
///
/// step 1   z_i = 0.5 + 0.3 = 0.8       sigmoid 0.689974
///          z_f = 0.25 + 0.3 = 0.55     (times c = 0)
///          z_g = 1 + 0.3 = 1.3         tanh    0.861723
///          z_o = -0.5 + 0.3 = -0.2     sigmoid 0.450166
///          c = 0.689974 * 0.861723 = 0.594567
///          h = 0.450166 * tanh(0.594567) = 0.450166 * 0.533172 = 0.240016
///
/// step 2   z_i = 1 + 0.3 + 0.1 * 0.240016 = 1.324002     sigmoid 0.789847
///          z_f = 0.5 + 0.3 + 0.2 * 0.240016 = 0.848003   sigmoid 0.700148
///          z_g = 2 + 0.3 + 0.3 * 0.240016 = 2.372005     tanh    0.982743
///          z_o = -1 + 0.3 + 0.4 * 0.240016 = -0.603994   sigmoid 0.353431
///          c = 0.700148 * 0.594567 + 0.789847 * 0.982743 = 1.192501
///          h = 0.353431 * tanh(1.192501) = 0.353431 * 0.831353 = 0.293826
/// ```
#[test]
fn two_steps_worked_by_hand() {
    let tensors = [
        ("weight_ih", vec![4, 1], vec![0.5, 0.25, 1.0, -0.5]),
        ("weight_hh", vec![4, 1], vec![0.1, 0.2, 0.3, 0.4]),
        ("bias_ih", vec![4], vec![0.1; 4]),
        ("bias_hh", vec![4], vec![0.2; 4]),
    ]
    .map(|(name, shape, values)| NamedTensor {
        name: format!("lstm.{name}_l0"),
        shape,
        values,
    });
    let find = |name: &str| tensors.iter().find(|tensor| tensor.name == name).unwrap();
    let device = inference_device();
    let layer = LstmLayer::new(find, 0, &device);
    let windows = Tensor::<3>::from_data(TensorData::new(vec![1.0_f32, 2.0], [1, 2, 1]), &device);
    let hidden = values(last_hidden(&[layer], windows));
    assert!((hidden[0] - 0.293_826).abs() < 1e-6, "{hidden:?}");
}

fn config(n_layers: usize) -> NetworkConfig {
    NetworkConfig {
        n_columns: 5,
        sequence_columns: vec![0, 1, 4],
        seq_length: 4,
        hidden_size: 6,
        n_layers,
        wide_size: 3,
        quantile_size: 2,
        dropout: 0.0,
    }
}

fn outputs(config: &NetworkConfig, weights: &Weights, n: usize, sequence: Vec<f32>) -> Outputs {
    let device = inference_device();
    let network = LstmNetwork::from_weights(config, weights, &device);
    let columns: Vec<f32> = (0..n * 5).map(|i| (i % 7) as f32 - 3.0).collect();
    network.forward(
        Tensor::<3>::from_data(TensorData::new(sequence, [n, 4, 3]), &device),
        Tensor::<2>::from_data(TensorData::new(columns, [n, 5]), &device),
        None,
    )
}

fn some_sequence(n: usize) -> Vec<f32> {
    (0..n * 12).map(|i| (i % 5) as f32 / 2.0 - 1.0).collect()
}

#[test]
fn every_head_has_an_output_a_window_and_horizon_whatever_the_layers() {
    for n_layers in 1..=3 {
        let config = config(n_layers);
        let weights = Weights::initial(&config, [1.0; 3], 3);
        let outputs = outputs(&config, &weights, 2, some_sequence(2));
        assert_eq!(outputs.relative.dims(), [2, 3]);
        assert_eq!(outputs.direction.dims(), [2, 3]);
        for quantile in outputs.quantiles {
            assert_eq!(quantile.dims(), [2, 3]);
        }
    }
}

#[test]
fn the_first_forecast_knows_nothing() {
    let config = config(1);
    let weights = Weights::initial(&config, [1.0; 3], 3);
    let outputs = outputs(&config, &weights, 2, some_sequence(2));
    let small = |values: Vec<f32>| values.iter().all(|value| value.abs() < 0.15);
    assert!(small(values(outputs.relative)) && small(values(outputs.direction)));
    let [.., median, _, _] = outputs.quantiles;
    assert!(small(values(median)));
}

#[test]
fn quantiles_step_away_from_the_median() {
    // Three horizons, all alike: median 1; softplus(0) = ln 2 = 0.693147 down to 25 %, and softplus
    // of a very negative number, 0, further down; softplus(1) = 1.313262 up to 75 %, and softplus
    // of 40, which is 40, up to 95 %.
    let row = [1.0, 0.0, -200.0, 1.0, 40.0]
        .map(|value| [value; 3])
        .concat();
    let steps = Tensor::<2>::from_data(TensorData::new(row, [1, 15]), &inference_device());
    let found = ascending(steps).map(|quantile| values(quantile)[2]);
    let expected = [0.306_853, 0.306_853, 1.0, 2.313_262, 42.313_262];
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn quantiles_never_cross(steps in prop::collection::vec(-90.0_f32..90.0, 30)) {
        let steps = Tensor::<2>::from_data(TensorData::new(steps, [2, 15]), &inference_device());
        let quantiles = ascending(steps).map(values);
        for (lower, higher) in quantiles.iter().zip(&quantiles[1..]) {
            for (lower, higher) in lower.iter().zip(higher) {
                prop_assert!(lower.is_finite() && higher.is_finite() && lower <= higher);
            }
        }
    }
}

#[test]
fn a_dropped_unit_counts_nothing_and_the_quantiles_drop_nothing() {
    let config = config(1);
    let weights = Weights::initial(&config, [1.0; 3], 3);
    let device = inference_device();
    let network = LstmNetwork::from_weights(&config, &weights, &device);
    let run = |masks: Option<DropoutMasks>| {
        let sequence = TensorData::new(some_sequence(2), [2, 4, 3]);
        let columns = TensorData::new(vec![0.5_f32; 10], [2, 5]);
        network.forward(
            Tensor::<3>::from_data(sequence, &device),
            Tensor::<2>::from_data(columns, &device),
            masks,
        )
    };
    let masks = |value: f32| DropoutMasks {
        hidden: Tensor::full([2, 6], value, &device),
        wide: Tensor::full([2, 3], value, &device),
    };
    let (kept, ones, nothing) = (run(None), run(Some(masks(1.0))), run(Some(masks(0.0))));
    assert_eq!(values(kept.relative), values(ones.relative));
    // The heads' biases start at 0.
    assert_eq!(values(nothing.relative), [0.0; 6]);
    assert_eq!(values(nothing.direction), [0.0; 6]);
    for (kept, dropped) in kept.quantiles.into_iter().zip(nothing.quantiles) {
        assert_eq!(values(kept), values(dropped));
    }
}
