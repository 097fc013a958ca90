//! The forward pass against the reference LSTM of the development data folder: weights, inputs and
//! states that other implementations are checked with too.

mod common;

use std::path::PathBuf;

use common::{distance, executions};
use naeil_kernels::{Execution, LstmShape, LstmWeights, Output, PackedLstm, forward};
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
