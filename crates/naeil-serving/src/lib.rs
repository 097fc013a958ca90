//! The prediction service: it keeps the champion and the market in memory, answers one stock or
//! many, remembers and logs every answer, and swaps to a new champion or new bars while running.
//!
//! The entry type is [`PredictionService`], built from [`ServicePorts`]. What it must not know:
//! what a network is (a model is a `Forecaster` behind a port), where bars, bundles and logs lie,
//! and how answers travel (HTTP is the API crate's business).
//!
//! How it hangs together: a *state* (champion + market) is built aside and swapped in as one
//! pointer; the champion's model lives on an OS thread of its own, which merges waiting requests
//! into one forward pass; answers enter the cache under a key that names everything they depend
//! on.

mod answer;
mod batcher;
mod champion;
mod config;
mod error;
mod expiry;
mod log_writer;
mod market;
mod metrics;
mod model_info;
mod model_thread;
mod prediction;
mod refresh;
mod scores;
mod service;
mod state;
mod target;

pub use config::{InvalidServiceConfig, ServiceConfig};
pub use error::{InferenceError, PredictError, ServingError};
pub use metrics::{HorizonLabels, ModelLabels, PredictionLabels, RefusalLabels, ServingMetrics};
pub use model_info::{MarketSummary, ServingModel};
pub use refresh::RefreshOutcome;
pub use service::{Asker, PredictionService, Served, ServicePorts};
