//! A seeded market in the shape of the Korea Exchange, with an answer that is known.
//!
//! Start at [`SimulatedMarket::generate`]. The market has what makes recorded bars hard (correlated
//! returns with volatility clustering and fat tails, tick sizes, the daily price limit, halts,
//! splits, listings, delistings) and a planted [`signal`]: a function of past bars that shifts the
//! next return. Its rank IC is what a perfect model would reach; with
//! [`MarketConfig::signal_strength`] 0 nothing can be predicted at any horizon.
//!
//! Same configuration, same bars. This crate knows the domain's vocabulary and its own random
//! numbers: no store, no clock, no feature pipeline, no model.

mod actions;
mod config;
mod error;
mod listing;
mod market;
mod prices;
mod rank_correlation;
mod returns;
pub mod signal;
mod stock_path;

pub use config::MarketConfig;
pub use error::SimulatorError;
pub use market::SimulatedMarket;
