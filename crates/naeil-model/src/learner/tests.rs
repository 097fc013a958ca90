use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use safetensors::SafeTensors;

use super::*;
use crate::cell::values;
use crate::device::training_device;
use crate::network_config::NetworkConfig;
use crate::test_data::{greatest_difference, peer_batch, peer_file, peer_tensor, peer_weights};
use crate::weight_file::f32_values;

/// Gradients in the order of `Weights::tensors`.
struct Collect<'a> {
    gradients: &'a GradientsParams,
    values: Vec<Vec<f32>>,
}

impl ModuleVisitor for Collect<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.gradients.get::<D>(param.id).expect("a gradient");
        self.values.push(values(gradient));
    }
}

fn collect(network: &LstmNetwork, gradients: &GradientsParams) -> Vec<Vec<f32>> {
    let mut collect = Collect {
        gradients,
        values: Vec::new(),
    };
    network.visit(&mut collect);
    collect.values
}

fn widen(values: &[f32]) -> impl Iterator<Item = f64> {
    values.iter().map(|&value| f64::from(value))
}

fn check_gradients(n_features: usize) {
    let Some(bytes) = peer_file(n_features) else {
        return;
    };
    let weights = peer_weights(&bytes);
    let learner = Learner::new(&weights, training_device(), 1e-3, None);
    let (_, gradients) = learner.gradients(peer_batch(&bytes, n_features), None);
    let found = collect(&learner.network, &gradients);
    for (tensor, found) in weights.tensors().iter().zip(&found) {
        let expected = peer_tensor(&bytes, "grad", tensor.name, &tensor.shape);
        let difference = greatest_difference(widen(found), widen(&expected));
        assert!(difference < 1e-6, "{}: {difference}", tensor.name);
    }
}

#[test]
fn gradients_are_the_references_with_8_features() {
    check_gradients(8);
}

#[test]
fn gradients_are_the_references_with_24_features() {
    check_gradients(24);
}

#[test]
fn three_steps_of_adam_are_the_references() {
    for n_features in [8, 24] {
        let Some(bytes) = peer_file(n_features) else {
            return;
        };
        let mut learner = Learner::new(&peer_weights(&bytes), training_device(), 1e-3, None);
        let losses: Vec<f32> = (0..3)
            .map(|_| learner.step(peer_batch(&bytes, n_features), None))
            .collect();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let expected = f32_values(&file, "train_losses", &[3]).unwrap();
        let difference = greatest_difference(widen(&losses), widen(&expected));
        assert!(difference < 1e-6, "losses: {difference}");
        for tensor in learner.weights().tensors() {
            let expected = peer_tensor(&bytes, "adam3", tensor.name, &tensor.shape);
            let difference = greatest_difference(widen(tensor.values), widen(&expected));
            assert!(difference < 2e-5, "{}: {difference}", tensor.name);
        }
    }
}

fn small_learner(limit: Option<f32>) -> Learner {
    let config = NetworkConfig {
        input_size: 2,
        hidden_size: 3,
        dropout: 0.0,
        seq_length: 4,
    };
    let weights = Weights::initial(&config, &[0.0, 0.5, -0.5], 3);
    Learner::new(&weights, training_device(), 1e-3, limit)
}

fn small_batch(weight: Vec<f32>) -> Batch {
    Batch {
        windows: (0..16_u8).map(|i| f32::from(i) / 8.0 - 1.0).collect(),
        shape: [2, 4, 2],
        up: vec![1.0, 0.0, 1.0, 0.0, 1.0, 1.0],
        weight,
        offset: vec![0.0; 6],
    }
}

#[test]
fn a_gradient_reaches_every_parameter() {
    let learner = small_learner(None);
    let (_, gradients) = learner.gradients(small_batch(vec![0.5; 6]), None);
    let found = collect(&learner.network, &gradients);
    assert_eq!(found.len(), 6);
    for (gradient, tensor) in found.iter().zip(learner.weights().tensors()) {
        assert_eq!(gradient.len(), tensor.values.len());
        assert!(
            gradient.iter().all(|&value| value != 0.0),
            "{}",
            tensor.name
        );
    }
}

#[test]
fn a_void_label_teaches_nothing() {
    let learner = small_learner(None);
    // The second horizon is void in both rows.
    let (_, gradients) = learner.gradients(small_batch(vec![0.5, 0.0, 0.5, 0.5, 0.0, 0.5]), None);
    let dense_bias = &collect(&learner.network, &gradients)[5];
    assert_eq!(dense_bias[1], 0.0);
    assert!(dense_bias[0] != 0.0 && dense_bias[2] != 0.0);
}

#[test]
fn an_offset_moves_the_logit_of_the_loss() {
    // A bias of 0.5 with offset -0.5 is a logit near 0 (the dense weights are tiny): the loss of
    // one row and one horizon is ln 2 = 0.693; with offset 9.5 it is ln(1 + e^10) = 10.00005 for
    // a fall.
    let learner = small_learner(None);
    let loss = |offset: f32| {
        let mut batch = small_batch(vec![0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        batch.offset = vec![offset; 6];
        learner.gradients(batch, None).0
    };
    assert!((loss(-0.5) - 0.693).abs() < 0.01, "{}", loss(-0.5));
    assert!((loss(9.5) - 10.0).abs() < 0.01, "{}", loss(9.5));
}

#[test]
fn clipping_keeps_the_direction_and_bounds_the_norm() {
    let learner = small_learner(None);
    let gradients = || learner.gradients(small_batch(vec![0.5; 6]), None).1;
    let before: Vec<f32> = collect(&learner.network, &gradients()).concat();
    let norm = before.iter().map(|g| g * g).sum::<f32>().sqrt();

    let limit = norm / 4.0;
    let clipped = clip(&learner.network, gradients(), limit);
    let after: Vec<f32> = collect(&learner.network, &clipped).concat();
    let difference = greatest_difference(widen(&after), before.iter().map(|&g| f64::from(g) / 4.0));
    assert!(difference < 1e-7, "{difference}");

    let untouched = clip(&learner.network, gradients(), norm * 2.0);
    assert_eq!(collect(&learner.network, &untouched).concat(), before);
}
