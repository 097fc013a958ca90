//! Ports: the traits behind which everything outside the pure core stands.
//!
//! Each has an embedded adapter (SQLite, in-process, local directory) and may have a production
//! one; a behaviour suite in `naeil-test-support` holds for all of them. Traits that wait for a
//! disk or a network are async; computing is not.

mod bars;
mod cache;
mod clock;
mod forecaster;
mod history;
mod ledger;
mod prediction_log;
mod registry;

pub use bars::{BarRequest, BarSource, DataState, StockDirectory};
pub use cache::{CacheStats, PredictionCache};
pub use clock::{Clock, FixedClock, SystemClock};
pub use forecaster::{
    ForecastError, Forecaster, ForecasterLoader, Forecasts, LoadError, LoadedForecaster,
    WindowBatch, WindowShape,
};
pub use history::{BarHistory, BarSink, RefusedBar, StoredBar};
pub use ledger::Ledger;
pub use prediction_log::PredictionLog;
pub use registry::{ModelRegistry, RegistryError};

/// What went wrong behind a storage port.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or did not answer in time; a retry may help.
    #[error("the store is unavailable while {doing}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// The adapter's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store holds something that this version cannot read.
    #[error("the store holds something unreadable: {0}")]
    Corrupt(String),
    /// The request contradicts what is stored, for instance a second decision for one run.
    #[error("conflict in the store: {0}")]
    Conflict(String),
}
