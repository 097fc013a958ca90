//! The model as serving uses it: windows in, forecasts out.

use burn::tensor::{Device, Tensor, TensorData};

use naeil_domain::forecast::HorizonForecast;
use naeil_domain::ports::{ForecastError, Forecaster, Forecasts, WindowBatch, WindowShape};
use naeil_features::Scaler;

use crate::dense::values;
use crate::device::inference_device;
use crate::network::LstmNetwork;
use crate::network_config::NetworkConfig;
use crate::scaling::WindowScaler;
use crate::weights::Weights;

/// A trained model that takes unscaled windows.
#[derive(Debug, Clone)]
pub struct LstmForecaster {
    members: Vec<(LstmNetwork, [f32; 3])>,
    scaler: WindowScaler,
    shape: WindowShape,
    device: Device,
}

impl LstmForecaster {
    /// Puts a network for inference on the device.
    pub(crate) fn new(members: &[Weights], scaler: Scaler, config: NetworkConfig) -> Self {
        let device = inference_device();
        Self {
            members: members
                .iter()
                .map(|w| {
                    (
                        LstmNetwork::from_weights(&config, w, &device),
                        w.return_scale(),
                    )
                })
                .collect(),
            scaler: WindowScaler::new(&scaler, &config.window_shape()),
            shape: config.window_shape(),
            device,
        }
    }
}

impl Forecaster for LstmForecaster {
    fn shape(&self) -> &WindowShape {
        &self.shape
    }

    fn forecast(&mut self, windows: &WindowBatch) -> Result<Forecasts, ForecastError> {
        let n = windows.n_windows;
        if n == 0 {
            return Ok(Forecasts { rows: Vec::new() });
        }
        let mut windows = windows.clone();
        self.scaler.transform(&mut windows);
        let (sequence, wide) = (windows.sequence, windows.wide);
        let mut rows = vec![
            [HorizonForecast {
                relative: 0.0,
                direction: 0.0,
                quantiles: Some([0.0; 5])
            }; 3];
            n
        ];
        let share = 1.0 / self.members.len() as f64;
        for (network, scale) in &self.members {
            let outputs = network.forward(
                Tensor::from_data(
                    TensorData::new(
                        sequence.clone(),
                        [n, self.shape.seq_length, self.shape.sequence_columns.len()],
                    ),
                    &self.device,
                ),
                Tensor::from_data(
                    TensorData::new(wide.clone(), [n, self.shape.n_columns]),
                    &self.device,
                ),
                None,
            );
            let (relative, direction) = (values(outputs.relative), values(outputs.direction));
            let quantiles = outputs.quantiles.map(values);
            for (row_idx, row) in rows.iter_mut().enumerate() {
                for (h, forecast) in row.iter_mut().enumerate() {
                    let at = row_idx * 3 + h;
                    forecast.relative += share * f64::from(relative[at]);
                    forecast.direction += share * f64::from(direction[at]);
                    if let Some(all) = &mut forecast.quantiles {
                        for (total, level) in all.iter_mut().zip(&quantiles) {
                            *total += share * f64::from(level[at]) * f64::from(scale[h]);
                        }
                    }
                }
            }
        }
        Ok(Forecasts { rows })
    }
}
