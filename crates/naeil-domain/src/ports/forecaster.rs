//! The model, as serving sees it.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::forecast::HorizonForecast;
use crate::horizon::Horizon;
use crate::model::ModelDescription;

/// What part of a feature panel a model takes: some columns over some sessions, and every column of
/// the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowShape {
    /// Sessions of the sequence, the as-of session included; at most the lookback of the panel.
    pub seq_length: usize,
    /// The columns taken in each of them, as indices into the columns of the panel.
    pub sequence_columns: Vec<usize>,
    /// Columns of the panel, all of which are taken at the as-of session.
    pub n_columns: usize,
}

impl WindowShape {
    /// Numbers in a window's sequence.
    pub fn sequence_len(&self) -> usize {
        self.seq_length * self.sequence_columns.len()
    }
}

/// Windows of unscaled features.
///
/// # Shapes
/// With the sizes of a [`WindowShape`], row-major:
/// - `sequence`: `[n_windows, seq_length, sequence_columns.len()]`
/// - `wide`: `[n_windows, n_columns]`, the as-of session
#[derive(Debug, Clone, PartialEq)]
pub struct WindowBatch {
    /// How many windows.
    pub n_windows: usize,
    /// Some columns over time.
    pub sequence: Vec<f32>,
    /// Every column at the as-of session.
    pub wide: Vec<f32>,
}

impl WindowBatch {
    /// Room for windows of a shape, all zero.
    pub fn zeros(n_windows: usize, shape: &WindowShape) -> Self {
        Self {
            n_windows,
            sequence: vec![0.0; n_windows * shape.sequence_len()],
            wide: vec![0.0; n_windows * shape.n_columns],
        }
    }
}

/// What a model says of a batch of windows.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecasts {
    /// One entry a window, each in the order of [`Horizon::ALL`].
    pub rows: Vec<[HorizonForecast; Horizon::COUNT]>,
}

/// A model in memory. It computes on the calling thread; one thread owns it.
pub trait Forecaster: Send {
    /// The windows it takes.
    fn shape(&self) -> &WindowShape;

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
    /// The model produced NaN, or quantiles that cross.
    #[error("the model's answer for window {0} is not a sound forecast")]
    OutputUnsound(usize),
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

/// Why a bundle was not admitted, by what there is to do.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file cannot be read: try again.
    #[error("cannot read {path} of the bundle")]
    Io {
        /// The file.
        path: String,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// The directory is not what the manifest says: a file is missing, more, longer, shorter or
    /// changed. Fetch the bundle again; if that does not help, someone changed it.
    #[error("the bundle was altered: {0}")]
    Altered(String),
    /// It has another schema version: use the program that wrote it, or train again.
    #[error(
        "the bundle has schema version {found}, this program reads version {supported}; \
         use the program that wrote it, or train again"
    )]
    Version {
        /// The bundle's.
        found: u32,
        /// This program's.
        supported: u32,
    },
    /// It is not signed by a key that is trusted: tell whoever is on duty.
    #[error("the bundle is not trusted: {0}")]
    Untrusted(String),
    /// It was trained before the oldest that is admitted: a downgrade.
    #[error("the bundle was trained at {trained_at}, nothing older than {minimum} is admitted")]
    Older {
        /// When it was trained.
        trained_at: DateTime<Utc>,
        /// The oldest time admitted.
        minimum: DateTime<Utc>,
    },
    /// The contents make no sense, whoever wrote them: train again.
    #[error("the bundle is refused: {0}")]
    Refused(String),
}
