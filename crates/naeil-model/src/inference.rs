//! The model as serving uses it: windows in, forecasts out. Nothing here needs burn.

mod member;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use naeil_domain::Horizon;
use naeil_domain::forecast::{HorizonForecast, QUANTILE_LEVELS};
use naeil_domain::ports::{ForecastError, Forecaster, Forecasts, WindowBatch, WindowShape};
use naeil_features::Scaler;
use naeil_kernels::{Execution, Instructions};

use crate::error::ModelError;
use crate::network_config::NetworkConfig;
use crate::scaling::WindowScaler;
use crate::weights::Weights;
use member::{Member, Scratch};

/// Windows computed at a time: few enough that they and the states of a step stay in the cache,
/// enough that every load of a weight serves many.
const CHUNK: usize = 48;

/// What a window's outputs are added up from.
const NOTHING: HorizonForecast = HorizonForecast {
    relative: 0.0,
    direction: 0.0,
    quantiles: Some([0.0; QUANTILE_LEVELS.len()]),
};

/// A trained model that takes unscaled windows: an ensemble whose members' logits and quantiles are
/// averaged.
///
/// Its answer for a window depends on the window alone: by itself or in any batch, on any number of
/// threads, today or after a restart it is the same to the last bit on one kind of processor.
/// Processors with other vector instructions differ by rounding.
#[derive(Debug, Clone)]
pub struct LstmForecaster {
    members: Vec<Member>,
    scaler: WindowScaler,
    shape: WindowShape,
    execution: Execution,
    /// Buffers for batches of a single chunk.
    scratch: Scratch,
}

impl LstmForecaster {
    /// Packs the members' weights.
    ///
    /// # Errors
    /// [`ModelError`] if there is no member, or network, weights and scaler do not belong together.
    pub(crate) fn new(
        members: &[Weights],
        scaler: &Scaler,
        network: &NetworkConfig,
    ) -> Result<Self, ModelError> {
        network.validate()?;
        if members.is_empty() {
            return Err(ModelError::Weights("there is no member".to_owned()));
        }
        if scaler.n_columns() != network.n_columns {
            return Err(ModelError::Contents(format!(
                "the scaler has {} columns, the network takes {}",
                scaler.n_columns(),
                network.n_columns
            )));
        }
        let shape = network.window_shape();
        // The chunks are what runs side by side, so a chunk's kernels keep to its thread.
        let execution = Execution::new(Instructions::detect(), 1)
            .map_err(|error| ModelError::Contents(error.to_string()))?;
        Ok(Self {
            members: members
                .iter()
                .map(|weights| Member::pack(weights, network))
                .collect::<Result<_, _>>()?,
            scaler: WindowScaler::new(scaler, &shape),
            shape,
            execution,
            scratch: Scratch::EMPTY,
        })
    }

    /// How many networks answer together.
    pub fn n_members(&self) -> usize {
        self.members.len()
    }

    fn check(&self, windows: &WindowBatch) -> Result<(), ForecastError> {
        let WindowBatch {
            n_windows,
            sequence,
            wide,
        } = windows;
        let (sequence_len, n_columns) = (self.shape.sequence_len(), self.shape.n_columns);
        let fits = n_windows.checked_mul(sequence_len) == Some(sequence.len())
            && n_windows.checked_mul(n_columns) == Some(wide.len());
        if fits {
            return Ok(());
        }
        Err(ForecastError::Shape {
            expected: format!(
                "[n, {}, {}] and [n, {n_columns}]",
                self.shape.seq_length,
                self.shape.sequence_columns.len(),
            ),
            found: format!(
                "{n_windows} windows in {} and {} values",
                sequence.len(),
                wide.len()
            ),
        })
    }

    /// Fills `rows` with the forecasts of a chunk of windows, the first of which is `first`.
    fn forecast_chunk(
        &self,
        scratch: &mut Scratch,
        first: usize,
        chunk: (&[f32], &[f32]),
        rows: &mut [[HorizonForecast; Horizon::COUNT]],
    ) -> Result<(), ForecastError> {
        let (sequence, wide) = chunk;
        let windows = sequence
            .chunks_exact(self.shape.sequence_len())
            .zip(wide.chunks_exact(self.shape.n_columns));
        for (idx, (sequence, wide)) in windows.enumerate() {
            if !(all_finite(sequence) && all_finite(wide)) {
                return Err(ForecastError::InputNotFinite(first + idx));
            }
        }
        scratch.fill(sequence, wide);
        self.scaler.transform(&mut scratch.windows);
        for member in &self.members {
            member
                .add_outputs(self.execution, scratch, self.shape.seq_length, rows)
                .map_err(|error| ForecastError::Shape {
                    expected: "windows that the kernels take".to_owned(),
                    found: error.to_string(),
                })?;
        }
        let n_members = self.members.len() as f64;
        for (idx, row) in rows.iter_mut().enumerate() {
            for forecast in row.iter_mut() {
                forecast.relative /= n_members;
                forecast.direction /= n_members;
                for quantile in forecast.quantiles.iter_mut().flatten() {
                    *quantile /= n_members;
                }
            }
            if !row.iter().all(HorizonForecast::is_sound) {
                return Err(ForecastError::OutputUnsound(first + idx));
            }
        }
        Ok(())
    }
}

impl Forecaster for LstmForecaster {
    fn shape(&self) -> &WindowShape {
        &self.shape
    }

    fn forecast(&mut self, windows: &WindowBatch) -> Result<Forecasts, ForecastError> {
        self.check(windows)?;
        let n = windows.n_windows;
        let mut rows = vec![[NOTHING; Horizon::COUNT]; n];
        if n == 1 {
            let mut scratch = std::mem::replace(&mut self.scratch, Scratch::EMPTY);
            let chunk = (windows.sequence.as_slice(), windows.wide.as_slice());
            let done = self.forecast_chunk(&mut scratch, 0, chunk, &mut rows);
            self.scratch = scratch;
            return done.map(|()| Forecasts { rows });
        }
        let size = n.div_ceil(rayon::current_num_threads()).clamp(1, CHUNK);
        let (sequence_len, n_columns) = (self.shape.sequence_len(), self.shape.n_columns);
        let results: Vec<Result<(), ForecastError>> = rows
            .par_chunks_mut(size)
            .zip(windows.sequence.par_chunks(size * sequence_len))
            .zip(windows.wide.par_chunks(size * n_columns))
            .enumerate()
            .map_init(
                || Scratch::EMPTY,
                |scratch, (idx, ((rows, sequence), wide))| {
                    self.forecast_chunk(scratch, idx * size, (sequence, wide), rows)
                },
            )
            .collect();
        // The first chunk that failed, whichever failed first.
        results.into_iter().collect::<Result<(), _>>()?;
        Ok(Forecasts { rows })
    }
}

/// Whether every value is a number; without a branch in the loop, so that it is vectorised.
fn all_finite(values: &[f32]) -> bool {
    values
        .iter()
        .fold(true, |all, value| all & value.is_finite())
}
