//! The store: bars, stocks, the prediction log and the ledger in a relational database, and the
//! importers that fill it.
//!
//! Start at [`Store::open`]; it implements the ports `BarSource`, `StockDirectory`,
//! `PredictionLog` and `Ledger`, and [`Store::import`] fills it from a [`import::RowSource`].
//! SQLite is the only database for now; statements are written so that PostgreSQL runs them too.
//!
//! This is the only crate that names sea-orm. It must not know features, models, HTTP or where its
//! configuration comes from.
#![warn(missing_docs)]

mod bars;
mod entities;
mod error;
pub mod import;
mod ledger;
mod migrations;
mod predictions;
mod sql;
mod stocks;
mod store;

pub use error::{ImportError, StoreOpenError};
pub use import::{ImportOptions, ImportPhase, ImportProgress, ImportReport};
pub use store::Store;
