//! The schema's history; each step can be undone.

mod m20261123_000001_first;

#[cfg(test)]
mod tests;

use sea_orm_migration::prelude::*;

/// Brings a database to this version's schema.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261123_000001_first::Migration)]
    }
}
