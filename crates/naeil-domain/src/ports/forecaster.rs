//! The model, as serving sees it.

use std::path::Path;

use crate::horizon::Horizon;
use crate::model::ModelDescription;

/// Windows of unscaled features.
///
/// # Shapes
/// `values`: `[n_windows, lookback, n_features]`, row-major, columns in the order of the model's
/// `feature_names`.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowBatch {
    /// The numbers.
    pub values: Vec<f32>,
    /// How many windows.
    pub n_windows: usize,
    /// Sessions in each.
    pub lookback: usize,
    /// Columns in each session.
    pub n_features: usize,
}

/// What a model says of a batch of windows.
///
/// # Shapes
/// `probability_up`: one array of [`Horizon::COUNT`] a window, in the order of [`Horizon::ALL`].
#[derive(Debug, Clone, PartialEq)]
pub struct Forecasts {
    /// Probability of a rise.
    pub probability_up: Vec<[f64; Horizon::COUNT]>,
}

/// A model in memory. It computes on the calling thread; one thread owns it.
pub trait Forecaster: Send {
    /// Forecasts every window of the batch in one pass.
    ///
    /// # Errors
    /// [`ForecastError`] if the batch does not fit the model or an output is not a number.
    fn forecast(&mut self, windows: &WindowBatch) -> Result<Forecasts, ForecastError>;
}

/// Why a forecast failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ForecastError {
    /// The batch has another shape than the model takes.
    #[error("windows of {found} do not fit a model that takes {expected}")]
    Shape {
        /// What the model takes.
        expected: String,
        /// What it was given.
        found: String,
    },
    /// An input is NaN or infinite.
    #[error("window {0} holds a value that is not finite")]
    InputNotFinite(usize),
    /// The model produced NaN or a value outside 0 to 1.
    #[error("the model's answer for window {0} is not a probability")]
    OutputNotAProbability(usize),
}

/// A loaded model and what its bundle says of it.
pub struct LoadedForecaster {
    /// The model.
    pub forecaster: Box<dyn Forecaster>,
    /// Its description.
    pub description: ModelDescription,
}

impl std::fmt::Debug for LoadedForecaster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadedForecaster")
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

/// Turns a bundle's directory into a model.
pub trait ForecasterLoader: Send + Sync {
    /// Loads and admits a bundle: every digest is verified and the golden vectors are replayed
    /// before anything is returned.
    ///
    /// # Errors
    /// [`LoadError`]; nothing is loaded then.
    fn load(&self, bundle_dir: &Path) -> Result<LoadedForecaster, LoadError>;
}

/// Why a bundle was not admitted.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file cannot be read.
    #[error("cannot read {path} of the bundle")]
    Io {
        /// The file.
        path: String,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what the manifest says, or the manifest makes no sense.
    #[error("the bundle is refused: {0}")]
    Refused(String),
}
