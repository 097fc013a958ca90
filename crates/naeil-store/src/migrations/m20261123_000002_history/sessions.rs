//! Observed sessions belong to an exchange.

use sea_orm_migration::prelude::*;

use super::column;

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let sessions = Table::create()
        .table("exchange_sessions")
        .col(column("exchange").text().not_null())
        .col(column("session").date().not_null())
        .col(recorded_at())
        .primary_key(Index::create().col("exchange").col("session"))
        .take();
    manager.create_table(sessions).await?;
    let carry = "INSERT INTO exchange_sessions (exchange, session, first_recorded_at) \
                 SELECT 'XKRX', session, first_recorded_at FROM observed_sessions";
    replace(manager, carry, "observed_sessions").await
}

pub(super) async fn down(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let sessions = Table::create()
        .table("observed_sessions")
        .col(column("session").date().not_null().primary_key())
        .col(recorded_at())
        .take();
    manager.create_table(sessions).await?;
    let carry = "INSERT INTO observed_sessions (session, first_recorded_at) \
                 SELECT session, first_recorded_at FROM exchange_sessions \
                 WHERE exchange = 'XKRX'";
    replace(manager, carry, "exchange_sessions").await
}

async fn replace(
    manager: &SchemaManager<'_>,
    carry: &str,
    earlier: &'static str,
) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(carry).await?;
    manager
        .drop_table(Table::drop().table(earlier).take())
        .await
}

fn recorded_at() -> ColumnDef {
    column("first_recorded_at")
        .timestamp_with_time_zone()
        .not_null()
        .take()
}
