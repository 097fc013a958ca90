//! Stocks of several exchanges, whose codes may be the same, and when each detail was stated.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use super::column;

/// What the first step's table has.
const COLUMNS: &str = "id, code, name, market, first_session, last_session, isin, sector, \
                       listed_on, delisted_on";

/// The sessions whose rows stated the details last, and the first one with a base price.
const STATED: [&str; 5] = [
    "isin_as_of",
    "sector_as_of",
    "listed_as_of",
    "delisted_as_of",
    "stated_from",
];

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Sqlite {
        let select = format!(
            "INSERT INTO stocks_rebuilt ({COLUMNS}, exchange) SELECT {COLUMNS}, 'XKRX' FROM stocks"
        );
        return rebuild(manager, with_exchange(), &select).await;
    }
    let db = manager.get_connection();
    for sql in [
        "ALTER TABLE stocks ADD COLUMN exchange text NOT NULL DEFAULT 'XKRX'",
        "ALTER TABLE stocks ALTER COLUMN exchange DROP DEFAULT",
        "ALTER TABLE stocks DROP CONSTRAINT stocks_code_key",
        "ALTER TABLE stocks ADD CONSTRAINT stocks_exchange_code_key UNIQUE (exchange, code)",
    ] {
        db.execute_unprepared(sql).await?;
    }
    for name in STATED {
        let add = Table::alter()
            .table("stocks")
            .add_column(column(name).date().null())
            .take();
        manager.alter_table(add).await?;
    }
    Ok(())
}

/// Forgets the other exchanges, whose codes would not be told apart.
pub(super) async fn down(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for sql in [
        "DELETE FROM bars WHERE stock_id IN (SELECT id FROM stocks WHERE exchange <> 'XKRX')",
        "DELETE FROM stocks WHERE exchange <> 'XKRX'",
    ] {
        db.execute_unprepared(sql).await?;
    }
    if manager.get_database_backend() == DbBackend::Sqlite {
        let select = format!("INSERT INTO stocks_rebuilt ({COLUMNS}) SELECT {COLUMNS} FROM stocks");
        return rebuild(manager, without_exchange(), &select).await;
    }
    for name in STATED.into_iter().rev() {
        let drop = Table::alter().table("stocks").drop_column(name).take();
        manager.alter_table(drop).await?;
    }
    for sql in [
        "ALTER TABLE stocks DROP COLUMN exchange",
        "ALTER TABLE stocks ADD CONSTRAINT stocks_code_key UNIQUE (code)",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// SQLite cannot change a table's constraints: a new table takes the old one's place. References
/// to it are by name and go on holding; they must not be enforced meanwhile.
async fn rebuild(
    manager: &SchemaManager<'_>,
    table: TableCreateStatement,
    fill: &str,
) -> Result<(), DbErr> {
    manager.create_table(table).await?;
    let db = manager.get_connection();
    for sql in [
        fill,
        "DROP TABLE stocks",
        "ALTER TABLE stocks_rebuilt RENAME TO stocks",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

fn base() -> TableCreateStatement {
    Table::create()
        .table("stocks_rebuilt")
        .col(
            column("id")
                .big_integer()
                .not_null()
                .auto_increment()
                .primary_key(),
        )
        .take()
}

fn rest(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table
        .col(column("name").text().not_null())
        .col(column("market").text().not_null())
        .col(column("first_session").date().not_null())
        .col(column("last_session").date().not_null())
        .col(column("isin").text().null())
        .col(column("sector").text().null())
        .col(column("listed_on").date().null())
        .col(column("delisted_on").date().null())
}

fn without_exchange() -> TableCreateStatement {
    let mut table = base();
    table.col(column("code").text().not_null().unique_key());
    rest(&mut table).take()
}

fn with_exchange() -> TableCreateStatement {
    let mut table = base();
    table.col(column("code").text().not_null());
    rest(&mut table).col(column("exchange").text().not_null());
    for name in STATED {
        table.col(column(name).date().null());
    }
    table
        .index(Index::create().unique().col("exchange").col("code"))
        .take()
}
