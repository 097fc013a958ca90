//! The vocabulary of naeil: stocks, sessions, bars, horizons, predictions, the trading calendar,
//! the decision policy, and the ports (traits) behind which every outside part stands.
//!
//! Start at [`ports`] to see what the system is made of and at [`calendar::TradingCalendar`] to
//! see how it tells time. This crate does no I/O, has no async runtime and serialises nothing:
//! wire and file formats live at the boundary that needs them.
#![warn(missing_docs)]

pub mod bar;
pub mod bar_panel;
pub mod calendar;
pub mod calibration;
pub mod corporate_action;
pub mod digest;
pub mod evaluation;
pub mod exchange;
pub mod forecast;
pub mod horizon;
pub mod ledger;
pub mod model;
pub mod policy;
pub mod ports;
pub mod prediction;
pub mod session;
pub mod stock;

pub use bar::{Bar, BarDefect, MAX_PLAUSIBLE_VOLUME, PLAUSIBLE_PRICES, PriceBasis};
pub use bar_panel::{BarPanel, BarPanelBuilder};
pub use calendar::{CalendarBasis, CalendarError, LiveCalendar, TradingCalendar};
pub use calibration::{
    Calibration, HorizonCalibration, IntervalCalibration, InvalidCalibration, ReturnInterval,
};
pub use corporate_action::{ActionKind, ActionSource, CorporateAction};
pub use digest::Digest;
pub use evaluation::{Baseline, EvaluationReport, HorizonEvaluation, Scores};
pub use exchange::{Exchange, greatest_move};
pub use forecast::{HorizonForecast, QUANTILE_LEVELS};
pub use horizon::Horizon;
pub use ledger::{LedgerEntry, Verdict};
pub use model::{Alias, DateWindow, ModelDescription, ModelVersion};
pub use policy::{DecisionPolicy, Direction, Thresholds};
pub use prediction::{CacheKey, LoggedPrediction, Prediction, PredictionId, Reason, RelativePlace};
pub use session::Session;
pub use stock::{DataOrigin, Market, Stock, StockCode, StockDetails};
