//! Features, labels, windows, scaler and date split: everything between bars and a model.
//!
//! Start at [`FeaturePanel::compute`]: it turns a [`naeil_domain::BarPanel`] into the panel
//! `[session, stock, column]` that [`FeatureSpec`] describes, and training and serving both call
//! it. Pure functions: this crate does no I/O, knows no clock, no store and no model, and what it
//! computes for a session depends on nothing later than that session.
#![warn(missing_docs)]

mod carried;
mod column_plan;
mod error;
mod fold;
mod gather;
pub mod indicators;
mod label;
mod market_state;
mod panel;
mod rank;
mod scaler;
mod session_major;
mod spec;
mod split;
mod stream;
mod trading_record;
mod window;

pub use carried::SessionState;
pub use error::FeatureError;
pub use fold::{Fold, TrainingWindow, WalkForward};
pub use indicators::Indicator;
pub use label::{Labels, VoidCounts, VoidLabel};
pub use market_state::MarketState;
pub use panel::FeaturePanel;
pub use scaler::Scaler;
pub use spec::{FeatureColumn, FeatureSpec, Form, SERVING_SESSIONS};
pub use split::DateSplit;
pub use stream::FeatureStream;
pub use trading_record::MAX_UNTRADED;
pub use window::{VoidWindow, Window};
