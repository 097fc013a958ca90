//! A database that another team fills: a read-only view of its stocks and its daily prices.
//!
//! Only PostgreSQL is spoken. Nothing is written there: everything happens in one read-only
//! transaction that sees the tables as they were when it began.

mod columns;
mod error;
mod mapping;
mod query;
mod source;

pub use error::DatabaseError;
pub use mapping::{DatabaseMapping, PricesTable, StocksTable};
pub use source::{DatabaseSource, SessionRange};
