//! The model as serving uses it: windows in, probabilities out.

use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use naeil_domain::Horizon;
use naeil_domain::ports::{ForecastError, Forecaster, Forecasts, WindowBatch};
use naeil_features::Scaler;

use crate::cell::values;
use crate::device::inference_device;
use crate::network::LstmNetwork;
use crate::network_config::NetworkConfig;
use crate::weights::Weights;

/// Windows computed at a time: enough to fill the matrix products, few enough that a chunk's
/// buffers stay in the cache and that there are chunks for every core.
const CHUNK: usize = 64;

/// The fewest windows the network is run over. A product with a single column takes another path
/// in the backend, which is slower and rounds otherwise; one window is computed twice instead.
const SMALLEST_BATCH: usize = 2;

/// A trained LSTM that takes unscaled windows.
///
/// Its answer for a window does not depend on the windows beside it: alone or in a batch it is the
/// same, to the last bit on the default backend and within 1e-6 on `ndarray`.
#[derive(Debug, Clone)]
pub struct LstmForecaster {
    network: LstmNetwork,
    scaler: Scaler,
    config: NetworkConfig,
    device: Device,
}

impl LstmForecaster {
    /// Puts a network for inference on the device.
    pub(crate) fn new(weights: &Weights, scaler: Scaler, config: NetworkConfig) -> Self {
        let device = inference_device();
        Self {
            network: LstmNetwork::from_weights(weights, &device),
            scaler,
            config,
            device,
        }
    }

    fn check(&self, windows: &WindowBatch) -> Result<(), ForecastError> {
        let NetworkConfig {
            seq_length,
            input_size,
            ..
        } = self.config;
        let shape_fits = windows.lookback == seq_length && windows.n_features == input_size;
        let n_values = windows
            .n_windows
            .checked_mul(seq_length)
            .and_then(|n| n.checked_mul(input_size));
        if !shape_fits || n_values != Some(windows.values.len()) {
            return Err(ForecastError::Shape {
                expected: format!("[n, {seq_length}, {input_size}]"),
                found: format!(
                    "[{}, {}, {}] in {} values",
                    windows.n_windows,
                    windows.lookback,
                    windows.n_features,
                    windows.values.len()
                ),
            });
        }
        match windows.values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(ForecastError::InputNotFinite(
                at / (seq_length * input_size),
            )),
            None => Ok(()),
        }
    }

    fn forecast_chunk(&self, unscaled: &[f32]) -> Vec<f32> {
        let mut scaled = unscaled.to_vec();
        self.scaler.transform(&mut scaled);
        logits(
            &self.network,
            scaled,
            [self.config.seq_length, self.config.input_size],
            &self.device,
        )
    }
}

impl Forecaster for LstmForecaster {
    fn forecast(&mut self, windows: &WindowBatch) -> Result<Forecasts, ForecastError> {
        self.check(windows)?;
        let window_len = self.config.seq_length * self.config.input_size;
        let chunks: Vec<Vec<f32>> = windows
            .values
            .par_chunks(CHUNK * window_len)
            .map(|chunk| self.forecast_chunk(chunk))
            .collect();
        let mut probability_up = Vec::with_capacity(windows.n_windows);
        for logits in &chunks {
            let (rows, _) = logits.as_chunks::<{ Horizon::COUNT }>();
            for row in rows {
                let probabilities = row.map(probability);
                if probabilities.iter().any(|p| !(0.0..=1.0).contains(p)) {
                    return Err(ForecastError::OutputNotAProbability(probability_up.len()));
                }
                probability_up.push(probabilities);
            }
        }
        Ok(Forecasts { probability_up })
    }
}

/// Runs the network over scaled windows of shape `[n, seq_length, input_size]`, at least one.
pub(crate) fn logits(
    network: &LstmNetwork,
    mut scaled: Vec<f32>,
    window_shape: [usize; 2],
    device: &Device,
) -> Vec<f32> {
    let [seq_length, input_size] = window_shape;
    let n_windows = scaled.len() / (seq_length * input_size);
    if n_windows < SMALLEST_BATCH {
        scaled.extend_from_within(..);
    }
    let n_computed = scaled.len() / (seq_length * input_size);
    let data = TensorData::new(scaled, [n_computed, seq_length, input_size]);
    let mut logits = values(network.forward(Tensor::<3>::from_data(data, device), None));
    logits.truncate(logits.len() / n_computed * n_windows);
    logits
}

/// The probability that belongs to a logit.
pub(crate) fn probability(logit: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(logit)).exp())
}

#[cfg(test)]
mod tests;
