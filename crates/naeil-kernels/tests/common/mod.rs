//! What the tests of the kernels share: random layers and the formula in `f64`.
#![allow(dead_code, reason = "no test uses all of it")]

use naeil_kernels::{Execution, Instructions, LstmShape, LstmWeights, PackedLstm};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A layer and windows with values of a seed.
pub(crate) struct Case {
    pub(crate) shape: LstmShape,
    pub(crate) n_windows: usize,
    pub(crate) n_steps: usize,
    pub(crate) weight_ih: Vec<f32>,
    pub(crate) weight_hh: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    pub(crate) windows: Vec<f32>,
}

impl Case {
    pub(crate) fn random(f: usize, h: usize, n_windows: usize, n_steps: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut values = |len: usize, range: f32| -> Vec<f32> {
            (0..len).map(|_| rng.random_range(-range..range)).collect()
        };
        let range = 1.0 / (h as f32).sqrt();
        Self {
            shape: LstmShape {
                input_size: f,
                hidden_size: h,
            },
            n_windows,
            n_steps,
            weight_ih: values(4 * h * f, range),
            weight_hh: values(4 * h * h, range),
            bias: values(4 * h, range),
            windows: values(n_windows * n_steps * f, 2.0),
        }
    }

    pub(crate) fn packed(&self) -> PackedLstm {
        let weights = LstmWeights {
            weight_ih: &self.weight_ih,
            weight_hh: &self.weight_hh,
            bias: &self.bias,
        };
        PackedLstm::pack(self.shape, &weights).unwrap()
    }

    /// Hidden states after every step, `[n_windows, n_steps, H]`, by the formula.
    pub(crate) fn expected(&self) -> Vec<f64> {
        let (f, h) = (self.shape.input_size, self.shape.hidden_size);
        let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
        let mut out = Vec::with_capacity(self.n_windows * self.n_steps * h);
        for window in self.windows.chunks(self.n_steps * f) {
            let (mut state, mut cell) = (vec![0.0_f64; h], vec![0.0_f64; h]);
            for x in window.chunks(f) {
                let z: Vec<f64> = (0..4 * h)
                    .map(|row| {
                        let from_x = (0..f)
                            .map(|k| f64::from(x[k]) * f64::from(self.weight_ih[row * f + k]));
                        let from_h =
                            (0..h).map(|k| state[k] * f64::from(self.weight_hh[row * h + k]));
                        f64::from(self.bias[row]) + from_x.sum::<f64>() + from_h.sum::<f64>()
                    })
                    .collect();
                for unit in 0..h {
                    let gate = |gate: usize| z[gate * h + unit];
                    cell[unit] = sigmoid(gate(1)) * cell[unit] + sigmoid(gate(0)) * gate(2).tanh();
                    state[unit] = sigmoid(gate(3)) * cell[unit].tanh();
                }
                out.extend_from_slice(&state);
            }
        }
        out
    }
}

/// One thread with every instruction set that this processor has; prints those it has not.
pub(crate) fn executions() -> Vec<Execution> {
    Instructions::ALL
        .into_iter()
        .filter_map(|instructions| match Execution::new(instructions, 1) {
            Ok(execution) => Some(execution),
            Err(error) => {
                eprintln!("skipped: {error}");
                None
            }
        })
        .collect()
}

/// The largest difference.
pub(crate) fn distance(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).fold(0.0, |worst, (&f, &e)| {
        let distance = (f64::from(f) - e).abs();
        assert!(distance.is_finite());
        worst.max(distance)
    })
}
