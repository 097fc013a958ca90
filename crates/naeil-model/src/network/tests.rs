use safetensors::SafeTensors;

use super::*;
use crate::device::inference_device;
use crate::inference::{logits, probability};
use crate::network_config::NetworkConfig;
use crate::test_data::{
    PEER_ROWS, PEER_STEPS, greatest_difference, peer_file, peer_inputs, peer_weights,
};
use crate::weight_file::f64_values;

fn check_peer(n_features: usize) {
    let Some(bytes) = peer_file(n_features) else {
        return;
    };
    let device = inference_device();
    let network = LstmNetwork::from_weights(&peer_weights(&bytes), &device);
    let inputs = peer_inputs(&bytes, n_features);
    let logits = logits(&network, inputs, [PEER_STEPS, n_features], &device);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let expected = f64_values(&file, "y_f64", &[PEER_ROWS]).unwrap();
    let difference = greatest_difference(logits.into_iter().map(probability), expected);
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
///
/// dense    2 * 0.293826 - 0.5 = 0.087651
/// ```
#[test]
fn two_steps_worked_by_hand() {
    let weights = Weights {
        input_size: 1,
        hidden_size: 1,
        n_outputs: 1,
        weight_ih: vec![0.5, 0.25, 1.0, -0.5],
        weight_hh: vec![0.1, 0.2, 0.3, 0.4],
        bias_ih: vec![0.1; 4],
        bias_hh: vec![0.2; 4],
        dense_weight: vec![2.0],
        dense_bias: vec![-0.5],
    };
    let device = inference_device();
    let network = LstmNetwork::from_weights(&weights, &device);
    let logits = logits(&network, vec![1.0, 2.0], [2, 1], &device);
    assert!((logits[0] - 0.087_651).abs() < 2e-6, "{logits:?}");
}

#[test]
fn weights_come_back_from_the_device_as_they_went() {
    let config = NetworkConfig {
        input_size: 3,
        hidden_size: 5,
        dropout: 0.0,
        seq_length: 4,
    };
    let weights = Weights::initial(&config, &[0.1, -0.2, 0.3], 7);
    let network = LstmNetwork::from_weights(&weights, &inference_device());
    assert_eq!(network.to_weights(3), weights);
    assert_ne!(weights, Weights::initial(&config, &[0.1, -0.2, 0.3], 8));
}

#[test]
fn an_output_does_not_depend_on_the_batch_around_it() {
    let config = NetworkConfig {
        input_size: 23,
        hidden_size: 40,
        dropout: 0.0,
        seq_length: 12,
    };
    let weights = Weights::initial(&config, &[0.1, -0.2, 0.3], 7);
    let device = inference_device();
    let network = LstmNetwork::from_weights(&weights, &device);
    let window_len = 12 * 23;
    let values: Vec<f32> = (0..130 * window_len)
        .map(|i| ((i * 37 % 101) as f32 / 50.0 - 1.0) * 2.0)
        .collect();
    let together = logits(&network, values.clone(), [12, 23], &device);
    for n in [1, 2, 3, 17, 64] {
        let apart: Vec<f32> = values
            .chunks(n * window_len)
            .flat_map(|chunk| logits(&network, chunk.to_vec(), [12, 23], &device))
            .collect();
        // The flex backend's matrix products sum in the same order whatever the batch.
        #[cfg(not(feature = "ndarray"))]
        assert_eq!(apart, together, "{n}");
        #[cfg(feature = "ndarray")]
        for (apart, together) in apart.iter().zip(&together) {
            assert!((apart - together).abs() < 1e-6, "{n}: {apart} {together}");
        }
    }
}
