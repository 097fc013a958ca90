//! A step that a later version might take, for tests: it only expands, or it also moves the floor.

use sea_orm_migration::prelude::*;

use super::Migrator;

/// Ours and one that expands.
pub(crate) struct Expanded;

/// Ours and one that contracts.
pub(crate) struct Contracted;

struct Later {
    name: &'static str,
    moves_floor: bool,
}

impl MigrationName for Later {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Later {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for sql in [
            "ALTER TABLE bars ADD COLUMN turnover double precision NULL",
            "ALTER TABLE predictions ADD COLUMN note text NULL",
            "ALTER TABLE stocks ADD COLUMN nickname text NULL",
            "ALTER TABLE import_runs ADD COLUMN host text NULL",
            "ALTER TABLE corporate_actions ADD COLUMN note text NULL",
            "ALTER TABLE ledger ADD COLUMN signed_by text NULL",
            "CREATE TABLE outcomes (id bigint NOT NULL PRIMARY KEY, was_right boolean)",
            "CREATE INDEX bars_by_session ON bars (session)",
        ] {
            db.execute_unprepared(sql).await?;
        }
        if self.moves_floor {
            let moved = format!("UPDATE schema_floor SET migration = '{}'", self.name);
            db.execute_unprepared(&moved).await?;
        }
        Ok(())
    }
}

fn ours_and(later: Later) -> Vec<Box<dyn MigrationTrait>> {
    let mut steps = Migrator::migrations();
    steps.push(Box::new(later));
    steps
}

impl MigratorTrait for Expanded {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        ours_and(Later {
            name: "m20991231_000001_expands",
            moves_floor: false,
        })
    }
}

impl MigratorTrait for Contracted {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        ours_and(Later {
            name: "m20991231_000002_contracts",
            moves_floor: true,
        })
    }
}
