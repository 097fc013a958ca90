//! What a retrain needs from outside.

use std::sync::Arc;

use naeil_domain::TradingCalendar;
use naeil_domain::ports::{BarHistory, BarSource, Clock, ForecasterLoader, Ledger, ModelRegistry};
use naeil_model::SigningKey;

/// The ports of a retrain.
#[derive(Clone)]
pub struct PipelinePorts {
    /// Where bars are read; of the exchange that the settings name.
    pub bars: Arc<dyn BarSource>,
    /// The history behind them, which the quality checks read.
    pub history: Arc<dyn BarHistory>,
    /// The exchange's calendar, if it has one.
    pub calendar: Option<TradingCalendar>,
    /// Where bundles are registered and aliases moved.
    pub registry: Arc<dyn ModelRegistry>,
    /// Where every decision is recorded.
    pub ledger: Arc<dyn Ledger>,
    /// Loads candidate and champion exactly as a server would.
    pub loader: Arc<dyn ForecasterLoader>,
    /// Signs the bundles that are written, where there is a key.
    pub signing_key: Option<SigningKey>,
    /// Tells the time that manifests and bundles state.
    pub clock: Arc<dyn Clock>,
}
