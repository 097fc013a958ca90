//! The schema's history; each step can be undone.
//!
//! A step either only *expands* (a nullable column, a table, an index: what earlier binaries do
//! still works) or *contracts*. One that contracts moves the row of `schema_floor` to its own name,
//! and binaries that do not know that step refuse the store. All others open it, so that a schema
//! may be brought up to date while earlier binaries go on serving.

mod apply;
mod m20261123_000001_first;
mod m20261123_000002_history;
mod m20261124_000003_intervals;

#[cfg(test)]
pub(crate) mod later;
#[cfg(test)]
mod tests;

use sea_orm_migration::prelude::*;

pub(crate) use apply::{Standing, apply, standing};

/// Brings a database to this version's schema.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_first::Migration),
            Box::new(m20261123_000002_history::Migration),
            Box::new(m20261124_000003_intervals::Migration),
        ]
    }
}
