//! Golden vectors: windows and the answers the model gave when it was written.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use naeil_domain::Horizon;
use naeil_domain::ports::{ForecastError, Forecaster, Forecasts, WindowBatch};

use crate::error::ModelError;
use crate::network_config::NetworkConfig;
use crate::weight_file::{f32_bytes, f32_values, f64_values};

/// How far a replayed probability may lie from the one kept: other processors round otherwise.
const TOLERANCE: f64 = 1e-5;

/// More windows than this would only make loading slow.
const MAX_WINDOWS: usize = 1024;

const INPUTS: &str = "inputs";
const PROBABILITY_UP: &str = "probability_up";

/// Windows with the probabilities that belong to them.
pub(crate) struct Golden {
    windows: WindowBatch,
    expected: Vec<[f64; Horizon::COUNT]>,
}

impl Golden {
    /// Asks the model for its answers to `windows`.
    pub(crate) fn record(
        forecaster: &mut dyn Forecaster,
        windows: &WindowBatch,
    ) -> Result<Self, ModelError> {
        if !(1..=MAX_WINDOWS).contains(&windows.n_windows) {
            return Err(ModelError::Contents(format!(
                "{} golden windows, there must be 1 to {MAX_WINDOWS}",
                windows.n_windows
            )));
        }
        let Forecasts { probability_up } = forecaster.forecast(windows)?;
        Ok(Self {
            windows: windows.clone(),
            expected: probability_up,
        })
    }

    /// The bytes of `golden.safetensors`.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let WindowBatch {
            n_windows,
            lookback,
            n_features,
            ..
        } = self.windows;
        let inputs = f32_bytes(&self.windows.values);
        let expected: Vec<u8> = self
            .expected
            .iter()
            .flatten()
            .flat_map(|p| p.to_le_bytes())
            .collect();
        let failed = |error| ModelError::Contents(format!("the golden windows: {error}"));
        let inputs = TensorView::new(Dtype::F32, vec![n_windows, lookback, n_features], &inputs)
            .map_err(failed)?;
        let expected = TensorView::new(Dtype::F64, vec![n_windows, Horizon::COUNT], &expected)
            .map_err(failed)?;
        safetensors::serialize([(INPUTS, inputs), (PROBABILITY_UP, expected)], None).map_err(failed)
    }

    /// Reads `golden.safetensors` of a model with this network.
    pub(crate) fn from_bytes(bytes: &[u8], network: &NetworkConfig) -> Result<Self, String> {
        let file = SafeTensors::deserialize(bytes)
            .map_err(|error| format!("not a readable safetensors file: {error}"))?;
        if file.len() != 2 {
            return Err(format!("{} tensors, there must be 2", file.len()));
        }
        let n_windows = file
            .tensor(INPUTS)
            .ok()
            .and_then(|view| view.shape().first().copied())
            .ok_or_else(|| format!("tensor '{INPUTS}' is missing"))?;
        if !(1..=MAX_WINDOWS).contains(&n_windows) {
            return Err(format!(
                "{n_windows} windows, there must be 1 to {MAX_WINDOWS}"
            ));
        }
        let (lookback, n_features) = (network.seq_length, network.input_size);
        let values = f32_values(&file, INPUTS, &[n_windows, lookback, n_features])
            .map_err(|error| error.to_string())?;
        let expected = f64_values(&file, PROBABILITY_UP, &[n_windows, Horizon::COUNT])
            .map_err(|error| error.to_string())?;
        let (rows, _) = expected.as_chunks::<{ Horizon::COUNT }>();
        Ok(Self {
            windows: WindowBatch {
                values,
                n_windows,
                lookback,
                n_features,
            },
            expected: rows.to_vec(),
        })
    }

    /// Asks the model again and compares.
    pub(crate) fn replay(&self, forecaster: &mut dyn Forecaster) -> Result<(), String> {
        let answers = forecaster
            .forecast(&self.windows)
            .map_err(|error: ForecastError| error.to_string())?;
        let pairs = answers.probability_up.iter().zip(&self.expected);
        for (window_idx, (found, expected)) in pairs.enumerate() {
            for horizon in Horizon::ALL {
                let (found, expected) = (found[horizon.index()], expected[horizon.index()]);
                // Written so that a NaN in the file fails too.
                let agrees = (found - expected).abs() <= TOLERANCE;
                if !agrees {
                    return Err(format!(
                        "window {window_idx} gives {found} at {horizon}, the bundle says {expected}"
                    ));
                }
            }
        }
        Ok(())
    }
}
