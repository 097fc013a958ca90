//! Filling the store with bars.
//!
//! A [`RowSource`] reads rows and types them; `admission` judges each one; `staging` keeps the
//! good ones aside; `merge` adds what is new or different in one step. Everything between the
//! first row and the last happens in one transaction, so an import that stops half-way, for
//! whatever reason, has stored nothing.

mod admission;
mod columns;
mod csv;
pub mod database;
mod file;
mod imported;
mod iter;
pub mod krx;
mod layout;
mod merge;
mod parquet;
mod reading;
mod rejects;
mod report;
mod row;
mod run;
mod session_set;
mod staging;
mod text;

pub use file::FileSource;
pub use iter::IterSource;
pub use layout::{
    Layout, LayoutColumns, LayoutConstants, LayoutError, SHIPPED, ShippedLayout, TextEncoding,
    TextForm,
};
pub use report::{ImportOptions, ImportPhase, ImportProgress, ImportReport};
pub use row::{
    ReadRow, Refusal, RefusalReason, RefusedRow, RowDetails, RowSink, RowSource, SourceRow,
};
