//! Exchanges, base prices, corporate actions, refused rows, what else is known about stocks, bars
//! packed by the month, and the floor below which a binary must not open the store.
//!
//! This step contracts: a binary that knows only the first one cannot read what it leaves.

use sea_orm_migration::prelude::*;

mod blocks;
mod sessions;
mod stocks;

pub(super) const NAME: &str = "m20261123_000002_history";

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        NAME
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        stocks::up(manager).await?;
        sessions::up(manager).await?;
        for added in [base_price(), refused_by_reason(), n_actions()] {
            manager.alter_table(added).await?;
        }
        manager.create_table(corporate_actions()).await?;
        manager.create_table(refused_rows()).await?;
        blocks::up(manager).await?;
        manager.create_table(schema_floor()).await?;
        let floor = format!("INSERT INTO schema_floor (migration) VALUES ('{NAME}')");
        let db = manager.get_connection();
        db.execute_unprepared(&floor).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "schema_floor",
            "bar_blocks",
            "refused_rows",
            "corporate_actions",
        ];
        for table in tables {
            let drop = Table::drop().table(table).take();
            manager.drop_table(drop).await?;
        }
        for (table, column) in [
            ("import_runs", "actions"),
            ("import_runs", "refused_by_reason"),
            ("bars", "base_price"),
        ] {
            let drop = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(drop).await?;
        }
        sessions::down(manager).await?;
        stocks::down(manager).await
    }
}

fn column(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
}

fn add(table: &'static str, column: ColumnDef) -> TableAlterStatement {
    Table::alter().table(table).add_column(column).take()
}

fn base_price() -> TableAlterStatement {
    add("bars", column("base_price").double().null().take())
}

/// Complete totals as JSON, however many rows are kept one by one.
fn refused_by_reason() -> TableAlterStatement {
    add(
        "import_runs",
        column("refused_by_reason").text().null().take(),
    )
}

/// Statements about corporate actions that a run has added.
fn n_actions() -> TableAlterStatement {
    add(
        "import_runs",
        column("actions").big_integer().not_null().default(0).take(),
    )
}

/// Append-only like the bars: what is said later about the same session is the next revision.
fn corporate_actions() -> TableCreateStatement {
    Table::create()
        .table("corporate_actions")
        .col(column("stock_id").big_integer().not_null())
        .col(column("session").date().not_null())
        .col(column("source").text().not_null())
        .col(column("revision").integer().not_null())
        .col(column("kind").text().not_null())
        .col(column("ratio").double().not_null())
        .col(column("recorded_at").timestamp_with_time_zone().not_null())
        .col(column("import_run_id").big_integer().not_null())
        .primary_key(
            Index::create()
                .col("stock_id")
                .col("session")
                .col("source")
                .col("revision"),
        )
        .foreign_key(&mut reference("corporate_actions", "stock_id", "stocks"))
        .foreign_key(&mut reference(
            "corporate_actions",
            "import_run_id",
            "import_runs",
        ))
        .take()
}

/// By code, date and reason first, so that an import finds what an earlier one has told already.
fn refused_rows() -> TableCreateStatement {
    Table::create()
        .table("refused_rows")
        .col(column("code").text().not_null())
        .col(column("date").text().not_null())
        .col(column("reason").text().not_null())
        .col(column("import_run_id").big_integer().not_null())
        .col(column("exchange").text().null())
        .col(column("count").big_integer().not_null())
        .primary_key(
            Index::create()
                .col("code")
                .col("date")
                .col("reason")
                .col("import_run_id"),
        )
        .foreign_key(&mut reference(
            "refused_rows",
            "import_run_id",
            "import_runs",
        ))
        .take()
}

/// One row: the oldest step that a binary must know to open the store. A step that only expands
/// leaves it where it is; one that contracts moves it to itself.
fn schema_floor() -> TableCreateStatement {
    Table::create()
        .table("schema_floor")
        .col(column("migration").text().not_null().primary_key())
        .take()
}

fn reference(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, column).to(to, "id").take()
}
