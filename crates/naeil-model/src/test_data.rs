//! The reference LSTM of the development data folder, for tests: one layer and one output.

use std::path::PathBuf;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::activation::log_sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;

use crate::cell::{LstmLayer, last_hidden};
use crate::dense::{Dense, values};
use crate::weight_file::f32_values;
use crate::weights::NamedTensor;

/// Steps of the reference windows.
pub(crate) const PEER_STEPS: usize = 60;

/// Rows of the reference inputs.
pub(crate) const PEER_ROWS: usize = 64;

/// The names of the reference's tensors, in its file and here.
const NAMES: [(&str, &str); 6] = [
    ("lstm.weight_ih", "lstm.weight_ih_l0"),
    ("lstm.weight_hh", "lstm.weight_hh_l0"),
    ("lstm.bias_ih", "lstm.bias_ih_l0"),
    ("lstm.bias_hh", "lstm.bias_hh_l0"),
    ("dense.weight", "dense.weight"),
    ("dense.bias", "dense.bias"),
];

/// The reference: its weights and what it computed.
pub(crate) struct Peer {
    bytes: Vec<u8>,
    n_features: usize,
    /// In the order of the reference's names.
    pub(crate) tensors: Vec<NamedTensor>,
}

/// The reference's network, in the crate's own parts.
#[derive(Module, Debug)]
pub(crate) struct PeerNetwork {
    lstm: Vec<LstmLayer>,
    dense: Dense,
}

impl Peer {
    /// Reads a reference file, or says on stderr that there is no folder.
    pub(crate) fn read(n_features: usize) -> Option<Self> {
        let dir = std::env::var_os("NAEIL_DEV_DATA").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
            PathBuf::from,
        );
        let path = dir.join(format!("peer-lstm/lstm_f{n_features}.safetensors"));
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("skipped: the development data folder is not there ({error})");
                return None;
            }
        };
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = NAMES.map(|(theirs, ours)| {
            let shape = file.tensor(theirs).unwrap().shape().to_vec();
            NamedTensor {
                name: ours.to_owned(),
                values: f32_values(&file, theirs, &shape).unwrap(),
                shape,
            }
        });
        Some(Self {
            tensors: tensors.into(),
            n_features,
            bytes,
        })
    }

    /// Another tensor of the file.
    pub(crate) fn values(&self, name: &str, shape: &[usize]) -> Vec<f32> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        f32_values(&file, name, shape).unwrap()
    }

    /// What the reference states for each of its tensors: `grad` or `adam3`.
    pub(crate) fn stated(&self, prefix: &str) -> Vec<Vec<f32>> {
        let stated = NAMES.iter().zip(&self.tensors);
        stated
            .map(|((theirs, _), tensor)| self.values(&format!("{prefix}.{theirs}"), &tensor.shape))
            .collect()
    }

    /// The reference's outputs for its inputs, computed in f64.
    pub(crate) fn outputs(&self) -> Vec<f64> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        crate::weight_file::f64_values(&file, "y_f64", &[PEER_ROWS]).unwrap()
    }

    /// The network with these values for its tensors.
    pub(crate) fn network(&self, tensors: &[NamedTensor], device: &Device) -> PeerNetwork {
        let find = |name: &str| tensors.iter().find(|tensor| tensor.name == name).unwrap();
        PeerNetwork {
            lstm: vec![LstmLayer::new(find, 0, device)],
            dense: Dense::new(find, "dense", device),
        }
    }

    /// The logits of the reference inputs from row `first` on.
    pub(crate) fn logits(&self, network: &PeerNetwork, first: usize, device: &Device) -> Tensor<2> {
        let inputs = self.values("x", &[PEER_ROWS, PEER_STEPS, self.n_features]);
        let inputs = inputs[first * PEER_STEPS * self.n_features..].to_vec();
        let shape = [PEER_ROWS - first, PEER_STEPS, self.n_features];
        let windows = Tensor::<3>::from_data(TensorData::new(inputs, shape), device);
        network.dense.forward(last_hidden(&network.lstm, windows))
    }

    /// Loss and gradients of the batch that the reference states them for: rows 32 to 63 with the
    /// labels 0, 1, 0...
    pub(crate) fn gradients(
        &self,
        tensors: &[NamedTensor],
        device: &Device,
    ) -> (f32, Vec<Vec<f32>>) {
        let network = self.network(tensors, device);
        let logits = self.logits(&network, 32, device);
        let up: Vec<f32> = (0..32_u8).map(|row| f32::from(row % 2)).collect();
        let up = Tensor::<2>::from_data(TensorData::new(up, [32, 1]), device);
        let not_up = up.neg().add_scalar(1.0);
        let loss = (not_up * logits.clone() - log_sigmoid(logits)).mean();
        let mut gradients = Collect {
            gradients: GradientsParams::from_grads(loss.backward(), &network),
            values: Vec::new(),
        };
        network.visit(&mut gradients);
        (loss.into_scalar::<f32>(), gradients.values)
    }
}

struct Collect {
    gradients: GradientsParams,
    values: Vec<Vec<f32>>,
}

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.gradients.get::<D>(param.id).expect("a gradient");
        self.values.push(values(gradient));
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

/// The numbers in f64.
pub(crate) fn widen(values: &[f32]) -> impl Iterator<Item = f64> {
    values.iter().map(|&value| f64::from(value))
}
