//! Filling the store with bars.
//!
//! A [`RowSource`] reads rows and types them; `admission` judges each one; `staging` keeps the
//! good ones aside; `merge` adds what is new or different, and what base prices then state about
//! corporate actions, in one step. Everything between the first row and the last happens in one
//! transaction, so an import that stops half-way, for whatever reason, has stored nothing.

mod actions;
mod actions_file;
mod admission;
mod changes;
mod columns;
mod csv;
pub mod database;
mod details;
mod file;
mod iter;
pub mod krx;
mod layout;
mod merge;
mod observed;
mod parquet;
mod reading;
mod refused;
mod rejects;
mod report;
mod row;
mod run;
mod session_set;
mod staging;
mod stated;
mod text;

pub use actions::{ActionsReport, EnteredAction};
pub use actions_file::read_actions;
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
#[cfg(test)]
pub(crate) use run::take_turn;
pub(crate) use run::wait_for_turns;
