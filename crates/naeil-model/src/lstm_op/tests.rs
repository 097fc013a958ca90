use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use naeil_kernels::Output;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Operands, lstm_every, lstm_last, unrolled};

/// A layer's weights on a device that records operations.
#[derive(Clone)]
struct Weights {
    weight_ih: Tensor<2>,
    weight_hh: Tensor<2>,
    bias: Tensor<1>,
}

impl Weights {
    fn random(input_size: usize, hidden_size: usize, device: &Device) -> Self {
        let rows = 4 * hidden_size;
        let seed = (100 * input_size + hidden_size) as u64;
        Self {
            weight_ih: random([rows, input_size], 0.4, seed, device).require_grad(),
            weight_hh: random([rows, hidden_size], 0.4, seed + 1, device).require_grad(),
            bias: random([rows], 0.4, seed + 2, device).require_grad(),
        }
    }

    fn over(&self, windows: Tensor<3>) -> Operands {
        Operands {
            windows,
            weight_ih: self.weight_ih.clone(),
            weight_hh: self.weight_hh.clone(),
            bias: self.bias.clone(),
        }
    }

    fn fused_last(&self, windows: Tensor<3>) -> Tensor<2> {
        let Operands {
            windows,
            weight_ih,
            weight_hh,
            bias,
        } = self.over(windows);
        lstm_last(windows, weight_ih, weight_hh, bias)
    }

    fn fused_every(&self, windows: Tensor<3>) -> Tensor<3> {
        let Operands {
            windows,
            weight_ih,
            weight_hh,
            bias,
        } = self.over(windows);
        lstm_every(windows, weight_ih, weight_hh, bias)
    }

    fn gradients(&self, loss: Tensor<1>) -> [Tensor<1>; 3] {
        let gradients = loss.backward();
        let flat = |matrix: &Tensor<2>| {
            let gradient = matrix.grad(&gradients).expect("the matrix is used");
            gradient.flatten::<1>(0, 1)
        };
        let bias = self.bias.grad(&gradients).expect("the bias is used");
        [flat(&self.weight_ih), flat(&self.weight_hh), bias]
    }
}

/// Values between `-range` and `range`.
fn random<const D: usize>(shape: [usize; D], range: f32, seed: u64, device: &Device) -> Tensor<D> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| rng.random_range(-range..range))
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn windows(shape: [usize; 3], device: &Device) -> Tensor<3> {
    random(shape, 2.0, 0, device)
}

/// A loss whose gradient differs from state to state.
fn loss<const D: usize>(hiddens: Tensor<D>) -> Tensor<1> {
    (hiddens.clone() * hiddens.clone() + hiddens).sum()
}

fn assert_close<const D: usize>(found: Tensor<D>, expected: Tensor<D>) {
    found
        .into_data()
        .assert_approx_eq::<f32>(&expected.into_data(), Tolerance::rel_abs(1e-4, 2e-5));
}

#[test]
fn the_fused_layer_agrees_with_the_unrolled_one() {
    let device = Device::flex().autodiff();
    for [batch_size, seq_length, input_size, hidden_size] in
        [[5, 7, 3, 9], [1, 1, 1, 1], [50, 3, 18, 64]]
    {
        let weights = Weights::random(input_size, hidden_size, &device);
        let windows = windows([batch_size, seq_length, input_size], &device);
        let fused = weights.fused_last(windows.clone());
        let oracle = unrolled::last(weights.over(windows));
        assert_close(fused.clone().detach(), oracle.clone().detach());
        let found = weights.gradients(loss(fused));
        let expected = weights.gradients(loss(oracle));
        for (found, expected) in found.into_iter().zip(expected) {
            assert_close(found, expected);
        }
    }
}

#[test]
fn two_stacked_layers_agree_with_the_unrolled_ones_in_every_gradient() {
    let device = Device::flex().autodiff();
    let lower = Weights::random(4, 10, &device);
    let upper = Weights::random(10, 6, &device);
    let windows = windows([9, 5, 4], &device).require_grad();
    let fused = upper.fused_last(lower.fused_every(windows.clone()));
    let oracle = upper.over(unrolled::every(lower.over(windows.clone())));
    let oracle = unrolled::last(oracle);
    assert_close(fused.clone().detach(), oracle.clone().detach());
    let mut found = loss(fused).backward();
    let mut expected = loss(oracle).backward();
    for layer in [&lower, &upper] {
        for matrix in [&layer.weight_ih, &layer.weight_hh] {
            let found = matrix.grad_remove(&mut found).expect("the matrix is used");
            assert_close(found, matrix.grad_remove(&mut expected).expect("as above"));
        }
        let found = layer
            .bias
            .grad_remove(&mut found)
            .expect("the bias is used");
        assert_close(
            found,
            layer.bias.grad_remove(&mut expected).expect("as above"),
        );
    }
    let found = windows.grad(&found).expect("the windows are used");
    assert_close(found, windows.grad(&expected).expect("as above"));
}

#[test]
fn without_autodiff_the_values_are_the_same_bits() {
    let device = Device::flex();
    let tracked = Weights::random(4, 10, &device.clone().autodiff());
    let plain = Weights {
        weight_ih: tracked.weight_ih.clone().inner(),
        weight_hh: tracked.weight_hh.clone().inner(),
        bias: tracked.bias.clone().inner(),
    };
    let windows = windows([9, 5, 4], &device);
    let recorded = tracked.fused_every(windows.clone());
    let plain_hiddens = plain.fused_every(windows.clone());
    let bits = |tensor: Tensor<3>| tensor.into_data().try_into_vec::<f32>().expect("f32");
    assert_eq!(bits(recorded.inner()), bits(plain_hiddens.clone()));
    let last = plain.fused_last(windows);
    let after_last = plain_hiddens.narrow(1, 4, 1).squeeze_dim::<2>(1);
    last.into_data().assert_eq(&after_last.into_data(), true);
}

#[test]
fn windows_and_frozen_weights_without_a_gradient_get_none() {
    let device = Device::flex().autodiff();
    let mut weights = Weights::random(4, 10, &device);
    weights.weight_ih = Tensor::from_inner(weights.weight_ih.inner());
    let windows = windows([3, 5, 4], &device);
    let gradients = loss(weights.fused_last(windows.clone())).backward();
    assert!(windows.grad(&gradients).is_none());
    assert!(weights.weight_ih.grad(&gradients).is_none());
    assert!(weights.weight_hh.grad(&gradients).is_some());
}

#[test]
fn windows_that_do_not_lie_in_order_are_read_in_order() {
    let device = Device::flex().autodiff();
    let weights = Weights::random(4, 10, &device);
    let turned = windows([4, 5, 3], &device);
    let windows = turned.permute([2, 1, 0]);
    let copy = Tensor::<3>::from_data(windows.clone().into_data(), &device);
    let found = weights.fused_last(windows);
    found
        .into_data()
        .assert_eq(&weights.fused_last(copy).into_data(), true);
}

#[test]
#[should_panic(expected = "cannot have weights")]
fn shapes_that_contradict_each_other_are_named() {
    let device = Device::flex().autodiff();
    let weights = Weights::random(4, 10, &device);
    weights.fused_last(windows([3, 5, 6], &device));
}

#[test]
fn many_steps_on_one_model_reuse_their_tapes() {
    // Batches of different sizes take each other's tapes out of the pool.
    let device = Device::flex().autodiff();
    let weights = Weights::random(4, 10, &device);
    let gradients = |batch_size| {
        let hiddens = weights.fused_last(windows([batch_size, 5, 4], &device));
        weights
            .gradients(loss(hiddens))
            .map(|gradient| gradient.into_data().try_into_vec::<f32>().expect("f32"))
    };
    let first = gradients(60);
    for batch_size in [3, 100, 1] {
        gradients(batch_size);
    }
    // A pass that is never followed by a backward one gives its tape back, too.
    drop(weights.fused_every(windows([20, 5, 4], &device)));
    assert_eq!(gradients(60), first);
}

#[test]
fn a_device_without_the_fused_step_unrolls_the_layer() {
    // Recomputing what a backward pass needs is a burn strategy that the fused step has not.
    let device = Device::flex().autodiff().gradient_checkpointing();
    let weights = Weights::random(4, 10, &device);
    let windows = windows([3, 5, 4], &device);
    assert!(super::flex::run::<2>(&weights.over(windows.clone()), Output::Last).is_none());
    let unrolled = weights.fused_last(windows.clone());
    let plain = Device::flex();
    let fused = Weights::random(4, 10, &plain.clone().autodiff());
    let fused = fused.fused_last(Tensor::from_data(windows.into_data(), &plain));
    unrolled
        .into_data()
        .assert_approx_eq::<f32>(&fused.into_data(), Tolerance::absolute(1e-6));
}
