//! Golden vectors: windows and the forecasts the model gave when it was written.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use naeil_domain::Horizon;
use naeil_domain::forecast::{HorizonForecast, QUANTILE_LEVELS};
use naeil_domain::ports::{ForecastError, Forecaster, Forecasts, WindowBatch};

use super::tensors::Expected;
use crate::error::ModelError;
use crate::network_config::NetworkConfig;
use crate::weight_file::{f32_bytes, f32_values, f64_values};

/// How far a replayed number may lie from the one kept: other processors round otherwise.
const TOLERANCE: f64 = 1e-5;

/// More windows than this would only make loading slow.
pub(super) const MAX_WINDOWS: usize = 1024;

const SEQUENCE: &str = "sequence";
const WIDE: &str = "wide";
const RELATIVE: &str = "relative";
const DIRECTION: &str = "direction";
const QUANTILES: &str = "quantiles";

const LEVELS: usize = QUANTILE_LEVELS.len();

type Row = [HorizonForecast; Horizon::COUNT];

/// Windows with the forecasts that belong to them.
///
/// # Shapes
/// With N windows, S steps, F sequence columns, C columns:
/// - `sequence`: `[N, S, F]`, `wide`: `[N, C]`, f32, unscaled
/// - `relative`, `direction`: `[N, 3]`, `quantiles`: `[N, 3, 5]`, f64
pub(crate) struct Golden {
    windows: WindowBatch,
    expected: Vec<Row>,
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
        let Forecasts { rows } = forecaster.forecast(windows)?;
        Ok(Self {
            windows: windows.clone(),
            expected: rows,
        })
    }

    /// What the file of so many windows holds.
    pub(super) fn expected_file(n_windows: usize, network: &NetworkConfig) -> Expected {
        let inputs = network.seq_length * network.sequence_columns.len() + network.n_columns;
        let outputs = Horizon::COUNT * (2 + LEVELS);
        Expected {
            n_tensors: 5,
            data_bytes: (n_windows * (4 * inputs + 8 * outputs)) as u64,
        }
    }

    /// The bytes of `golden.safetensors`.
    pub(crate) fn to_bytes(&self, network: &NetworkConfig) -> Result<Vec<u8>, ModelError> {
        let n = self.windows.n_windows;
        let numbers = |of: &dyn Fn(&HorizonForecast) -> Vec<f64>| -> Vec<u8> {
            let numbers = self.expected.iter().flatten().flat_map(of);
            numbers.flat_map(f64::to_le_bytes).collect()
        };
        let nan = [f64::NAN; LEVELS];
        let (horizons, columns) = (Horizon::COUNT, network.sequence_columns.len());
        let tensors = [
            (
                SEQUENCE,
                Dtype::F32,
                vec![n, network.seq_length, columns],
                f32_bytes(&self.windows.sequence),
            ),
            (
                WIDE,
                Dtype::F32,
                vec![n, network.n_columns],
                f32_bytes(&self.windows.wide),
            ),
            (
                RELATIVE,
                Dtype::F64,
                vec![n, horizons],
                numbers(&|f| vec![f.relative]),
            ),
            (
                DIRECTION,
                Dtype::F64,
                vec![n, horizons],
                numbers(&|f| vec![f.direction]),
            ),
            (
                QUANTILES,
                Dtype::F64,
                vec![n, horizons, LEVELS],
                numbers(&|f| f.quantiles.unwrap_or(nan).to_vec()),
            ),
        ];
        let failed = |error| ModelError::Contents(format!("the golden windows: {error}"));
        let mut views = Vec::with_capacity(tensors.len());
        for (name, dtype, shape, bytes) in &tensors {
            let view = TensorView::new(*dtype, shape.clone(), bytes).map_err(failed)?;
            views.push((*name, view));
        }
        safetensors::serialize(views, None).map_err(failed)
    }

    /// Reads `golden.safetensors` with so many windows of a model with this network.
    ///
    /// # Errors
    /// Text for people: what is wrong with it.
    pub(crate) fn from_bytes(
        bytes: &[u8],
        n_windows: usize,
        network: &NetworkConfig,
    ) -> Result<Self, String> {
        let expected = Self::expected_file(n_windows, network);
        expected.check_header(bytes)?;
        let file = SafeTensors::deserialize(bytes)
            .map_err(|error| format!("not a readable safetensors file: {error}"))?;
        if file.len() != expected.n_tensors {
            return Err(format!("{} tensors, there must be 5", file.len()));
        }
        let text = |error: ModelError| error.to_string();
        let (n, horizons) = (n_windows, Horizon::COUNT);
        let sequence_shape = [n, network.seq_length, network.sequence_columns.len()];
        let windows = WindowBatch {
            n_windows,
            sequence: f32_values(&file, SEQUENCE, &sequence_shape).map_err(text)?,
            wide: f32_values(&file, WIDE, &[n, network.n_columns]).map_err(text)?,
        };
        let relative = f64_values(&file, RELATIVE, &[n, horizons]).map_err(text)?;
        let direction = f64_values(&file, DIRECTION, &[n, horizons]).map_err(text)?;
        let quantiles = f64_values(&file, QUANTILES, &[n, horizons, LEVELS]).map_err(text)?;
        let (quantiles, _) = quantiles.as_chunks::<LEVELS>();
        let forecast = |at: usize| HorizonForecast {
            relative: relative[at],
            direction: direction[at],
            quantiles: Some(quantiles[at]),
        };
        let row = |row: usize| std::array::from_fn(|idx| forecast(row * horizons + idx));
        Ok(Self {
            windows,
            expected: (0..n).map(row).collect(),
        })
    }

    /// Asks the model again and compares.
    ///
    /// # Errors
    /// Text for people: the first window that gets another answer.
    pub(crate) fn replay(&self, forecaster: &mut dyn Forecaster) -> Result<(), String> {
        let answers = forecaster
            .forecast(&self.windows)
            .map_err(|error: ForecastError| error.to_string())?;
        for (window_idx, (found, expected)) in answers.rows.iter().zip(&self.expected).enumerate() {
            for horizon in Horizon::ALL {
                let (found, expected) = (&found[horizon.index()], &expected[horizon.index()]);
                for ((name, found), (_, expected)) in numbers(found).zip(numbers(expected)) {
                    // Written so that a NaN in the file fails too.
                    let agrees = (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0);
                    if !agrees {
                        return Err(format!(
                            "window {window_idx} gives {name} {found} at {horizon}, the bundle says {expected}"
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Every number of a forecast with what it is.
fn numbers(forecast: &HorizonForecast) -> impl Iterator<Item = (&'static str, f64)> {
    let outputs = [
        (RELATIVE, forecast.relative),
        (DIRECTION, forecast.direction),
    ];
    let quantiles = forecast.quantiles.unwrap_or([f64::NAN; LEVELS]);
    outputs
        .into_iter()
        .chain(quantiles.map(|quantile| ("quantile", quantile)))
}
