//! The reference LSTM of the development data folder, for tests.

use std::path::PathBuf;

use safetensors::SafeTensors;

use crate::data::Batch;
use crate::weight_file::{f32_values, from_bytes};
use crate::weights::Weights;

/// Steps of the reference windows.
pub(crate) const PEER_STEPS: usize = 60;

/// Rows of the reference inputs.
pub(crate) const PEER_ROWS: usize = 64;

/// Bytes of a reference file, or nothing (and the reason on stderr) without the folder.
pub(crate) fn peer_file(n_features: usize) -> Option<Vec<u8>> {
    let dir = std::env::var_os("NAEIL_DEV_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = dir.join(format!("peer-lstm/lstm_f{n_features}.safetensors"));
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            eprintln!("skipped: the development data folder is not there ({error})");
            None
        }
    }
}

/// The reference weights, one output.
pub(crate) fn peer_weights(bytes: &[u8]) -> Weights {
    from_bytes(bytes).unwrap()
}

/// Another set of weights in the same file: `grad` or `adam3`.
pub(crate) fn peer_tensor(bytes: &[u8], prefix: &str, name: &str, shape: &[usize]) -> Vec<f32> {
    let file = SafeTensors::deserialize(bytes).unwrap();
    f32_values(&file, &format!("{prefix}.{name}"), shape).unwrap()
}

/// The reference inputs, `[64, 60, n_features]`.
pub(crate) fn peer_inputs(bytes: &[u8], n_features: usize) -> Vec<f32> {
    let file = SafeTensors::deserialize(bytes).unwrap();
    f32_values(&file, "x", &[PEER_ROWS, PEER_STEPS, n_features]).unwrap()
}

/// The batch whose gradients and Adam steps the reference states: rows 32 to 63, labels 0, 1, 0...
pub(crate) fn peer_batch(bytes: &[u8], n_features: usize) -> Batch {
    let row_len = PEER_STEPS * n_features;
    Batch {
        windows: peer_inputs(bytes, n_features)[32 * row_len..].to_vec(),
        shape: [32, PEER_STEPS, n_features],
        up: (0..32_u8).map(|row| f32::from(row % 2)).collect(),
        weight: vec![1.0 / 32.0; 32],
        offset: vec![0.0; 32],
    }
}

/// The greatest absolute difference.
pub(crate) fn greatest_difference(
    a: impl IntoIterator<Item = f64>,
    b: impl IntoIterator<Item = f64>,
) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = (a.into_iter().collect(), b.into_iter().collect());
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(&b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}
