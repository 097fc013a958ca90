//! Forward and backward against the reference LSTM of the development data folder: weights, inputs,
//! states, gradients and Adam steps that other implementations are checked with too.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use std::path::PathBuf;

use common::{distance, executions};
use naeil_kernels::{
    Execution, LstmShape, LstmWeights, Output, OutputGradient, PackedLstm, Tape, backward, forward,
    forward_training,
};
use safetensors::SafeTensors;

/// A file of the development data folder, or `None` with the reason printed.
fn reference(file: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("NAEIL_DEV_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = folder.join("peer-lstm").join(file);
    if !path.is_file() {
        eprintln!("skipped: no {} (set NAEIL_DEV_DATA)", path.display());
        return None;
    }
    Some(std::fs::read(path).unwrap())
}

fn f32s(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let data = file.tensor(name).unwrap();
    let bytes = data.data().chunks_exact(4);
    bytes
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
        .collect()
}

fn f64s(file: &SafeTensors<'_>, name: &str) -> Vec<f64> {
    let data = file.tensor(name).unwrap();
    let bytes = data.data().chunks_exact(8);
    bytes
        .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
        .collect()
}

#[test]
fn the_last_states_are_those_of_the_reference() {
    for (name, f) in [("lstm_f8.safetensors", 8), ("lstm_f24.safetensors", 24)] {
        let Some(bytes) = reference(name) else {
            return;
        };
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let (ih, hh) = (f32s(&file, "lstm.bias_ih"), f32s(&file, "lstm.bias_hh"));
        let bias: Vec<f32> = ih.iter().zip(&hh).map(|(ih, hh)| ih + hh).collect();
        let shape = LstmShape {
            input_size: f,
            hidden_size: 128,
        };
        let weights = LstmWeights {
            weight_ih: &f32s(&file, "lstm.weight_ih"),
            weight_hh: &f32s(&file, "lstm.weight_hh"),
            bias: &bias,
        };
        let lstm = PackedLstm::pack(shape, &weights).unwrap();
        let windows = f32s(&file, "x");
        let expected = f64s(&file, "h_last_f64");
        let dense: Vec<f64> = f32s(&file, "dense.weight")
            .into_iter()
            .map(f64::from)
            .collect();
        let dense_bias = f64::from(f32s(&file, "dense.bias")[0]);
        let y_expected = f64s(&file, "y_f64");
        for single in executions() {
            for threads in [1, 2] {
                let execution = Execution::new(single.instructions(), threads).unwrap();
                let mut h = vec![0.0; 64 * 128];
                forward(execution, &lstm, &windows, 60, Output::Last, &mut h).unwrap();
                let at_h = distance(&h, &expected);
                let y: Vec<f32> = h
                    .chunks(128)
                    .map(|h| {
                        let z: f64 = h.iter().zip(&dense).map(|(&h, w)| f64::from(h) * w).sum();
                        (1.0 / (1.0 + (-z - dense_bias).exp())) as f32
                    })
                    .collect();
                let at_y = distance(&y, &y_expected);
                let instructions = execution.instructions().as_str();
                eprintln!("{name}, {instructions}: h {at_h:.1e}, y {at_y:.1e}");
                assert!(
                    at_h < 5e-6 && at_y < 1e-6,
                    "{instructions}: {at_h:e}, {at_y:e}"
                );
            }
        }
    }
}

/// A parameter that Adam moves, with its two moments.
struct Parameter {
    name: &'static str,
    values: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Parameter {
    /// One step of Adam (Kingma and Ba, 2015), number `step` from 1 on; rate 1e-3.
    fn step(&mut self, gradient: &[f32], step: i32) {
        let (beta_1, beta_2) = (0.9_f32, 0.999_f32);
        let corrections = [1.0 - beta_1.powi(step), 1.0 - beta_2.powi(step)];
        for (idx, gradient) in gradient.iter().enumerate() {
            let (first, second) = (&mut self.first[idx], &mut self.second[idx]);
            *first = beta_1 * *first + (1.0 - beta_1) * gradient;
            *second = beta_2 * *second + (1.0 - beta_2) * gradient * gradient;
            let (first, second) = (*first / corrections[0], *second / corrections[1]);
            self.values[idx] -= 1e-3 * first / (second.sqrt() + 1e-8);
        }
    }
}

#[test]
fn gradients_and_three_adam_steps_are_those_of_the_reference() {
    for (file_name, f) in [("lstm_f8.safetensors", 8), ("lstm_f24.safetensors", 24)] {
        let Some(bytes) = reference(file_name) else {
            return;
        };
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let windows = f32s(&file, "x").split_off(32 * 60 * f);
        let labels = f32s(&file, "train_labels");
        let losses = f32s(&file, "train_losses");
        for execution in executions() {
            let mut parameters = [
                "lstm.weight_ih",
                "lstm.weight_hh",
                "lstm.bias_ih",
                "lstm.bias_hh",
                "dense.weight",
                "dense.bias",
            ]
            .map(|name| {
                let values = f32s(&file, name);
                let zeros = vec![0.0; values.len()];
                Parameter {
                    name,
                    values,
                    first: zeros.clone(),
                    second: zeros,
                }
            });
            let mut tape = Tape::default();
            for (step, expected_loss) in (1..).zip(&losses) {
                let (loss, gradients) =
                    mean_cross_entropy(execution, &parameters, &windows, &labels, &mut tape);
                assert!((loss - f64::from(*expected_loss)).abs() < 1e-6, "{loss}");
                for (parameter, gradient) in parameters.iter_mut().zip(&gradients) {
                    if step == 1 {
                        let name = format!("grad.{}", parameter.name);
                        let expected = f32s(&file, &name).into_iter().map(f64::from);
                        let apart = distance(gradient, &expected.collect::<Vec<_>>());
                        assert!(apart < 1e-6, "{name}: {apart:e}");
                    }
                    parameter.step(gradient, step);
                }
            }
            for parameter in &parameters {
                let name = format!("adam3.{}", parameter.name);
                let expected = f32s(&file, &name).into_iter().map(f64::from);
                let apart = distance(&parameter.values, &expected.collect::<Vec<_>>());
                eprintln!("{file_name}, {name}: {apart:.1e}");
                assert!(apart < 2e-5, "{name}: {apart:e}");
            }
        }
    }
}

/// The reference's training loss, and its gradient at every parameter.
fn mean_cross_entropy(
    execution: Execution,
    parameters: &[Parameter; 6],
    windows: &[f32],
    labels: &[f32],
    tape: &mut Tape,
) -> (f64, [Vec<f32>; 6]) {
    let [weight_ih, weight_hh, bias_ih, bias_hh, dense, dense_bias] =
        parameters.each_ref().map(|parameter| &parameter.values);
    let bias: Vec<f32> = bias_ih.iter().zip(bias_hh).map(|(i, h)| i + h).collect();
    let shape = LstmShape {
        input_size: weight_ih.len() / 512,
        hidden_size: 128,
    };
    let weights = LstmWeights {
        weight_ih,
        weight_hh,
        bias: &bias,
    };
    let lstm = PackedLstm::pack(shape, &weights).unwrap();
    let mut hiddens = vec![0.0; labels.len() * 128];
    let output = Output::Last;
    forward_training(execution, &lstm, windows, 60, output, &mut hiddens, tape).unwrap();
    let (mut loss, mut at_dense, mut at_dense_bias) = (0.0, vec![0.0_f32; 128], 0.0);
    let mut at_hiddens = Vec::new();
    let share = 1.0 / labels.len() as f64;
    for (hidden, label) in hiddens.chunks(128).zip(labels) {
        let product = hidden
            .iter()
            .zip(dense)
            .map(|(h, w)| f64::from(*h) * f64::from(*w));
        let z = product.sum::<f64>() + f64::from(dense_bias[0]);
        let label = f64::from(*label);
        loss += share * ((1.0 + z.exp()).ln() - label * z);
        let at_z = share * (1.0 / (1.0 + (-z).exp()) - label);
        at_dense_bias += at_z as f32;
        for (at_dense, hidden) in at_dense.iter_mut().zip(hidden) {
            *at_dense += at_z as f32 * hidden;
        }
        at_hiddens.extend(dense.iter().map(|w| at_z as f32 * w));
    }
    let given = OutputGradient::Last(&at_hiddens);
    let at = backward(execution, &lstm, windows, tape, given, None).unwrap();
    let gradients = [
        at.weight_ih,
        at.weight_hh,
        at.bias.clone(),
        at.bias,
        at_dense,
        vec![at_dense_bias],
    ];
    (loss, gradients)
}
