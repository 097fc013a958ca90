//! The store: bars, stocks, the prediction log and the ledger in a relational database, and the
//! importers that fill it.
//!
//! Start at [`Store::open`], which takes the address of a SQLite file or of a PostgreSQL database;
//! the store implements the ports `BarSource`, `BarHistory`, `StockDirectory`, `PredictionLog` and
//! `Ledger`. [`Store::import`] fills it from a [`import::RowSource`], and
//! [`Store::import_actions`] takes corporate actions that users enter.
//!
//! Bars and corporate actions are append-only: a correction is the next revision, and a read may ask
//! for what was known at a time. A handle reads the bars of one exchange
//! ([`Store::for_exchange`]). The newest value of each bar is kept a second time, packed by the
//! month, because rows cost a database's client more than bytes.
//!
//! This is the only crate that names sea-orm. It must not know features, models, HTTP or where its
//! configuration comes from.
#![warn(missing_docs)]

mod actions;
mod bars;
mod entities;
mod error;
mod history;
pub mod import;
mod ledger;
mod migrations;
mod packed;
mod predictions;
mod sql;
mod stocks;
mod store;

pub use error::{ActionsError, ImportError, StoreOpenError};
pub use import::{ImportOptions, ImportPhase, ImportProgress, ImportReport};
pub use store::Store;
