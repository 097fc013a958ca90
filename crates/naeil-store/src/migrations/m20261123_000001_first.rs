//! Stocks, bars as known, import runs, the prediction log and the ledger.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(stocks()).await?;
        manager.create_table(import_runs()).await?;
        let backend = manager.get_database_backend();
        manager.create_table(bars(backend)).await?;
        manager.create_table(observed_sessions()).await?;
        manager.create_table(predictions()).await?;
        manager.create_index(predictions_by_stock()).await?;
        manager.create_index(predictions_once()).await?;
        manager.create_table(ledger()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "ledger",
            "predictions",
            "observed_sessions",
            "bars",
            "import_runs",
            "stocks",
        ] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        Ok(())
    }
}

fn column(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
}

fn row_id() -> ColumnDef {
    column("id")
        .big_integer()
        .not_null()
        .auto_increment()
        .primary_key()
        .take()
}

fn stocks() -> TableCreateStatement {
    Table::create()
        .table("stocks")
        .col(row_id())
        .col(column("code").text().not_null().unique_key())
        .col(column("name").text().not_null())
        .col(column("market").text().not_null())
        .col(column("first_session").date().not_null())
        .col(column("last_session").date().not_null())
        .col(column("isin").text().null())
        .col(column("sector").text().null())
        .col(column("listed_on").date().null())
        .col(column("delisted_on").date().null())
        .take()
}

fn import_runs() -> TableCreateStatement {
    Table::create()
        .table("import_runs")
        .col(row_id())
        .col(column("source_name").text().not_null())
        .col(column("source_digest").text().null())
        .col(column("origin").text().not_null())
        .col(column("started_at").timestamp_with_time_zone().not_null())
        .col(column("finished_at").timestamp_with_time_zone().not_null())
        .col(column("rows_read").big_integer().not_null())
        .col(column("stored").big_integer().not_null())
        .col(column("corrected").big_integer().not_null())
        .col(column("unchanged").big_integer().not_null())
        .col(column("refused").big_integer().not_null())
        .take()
}

/// Append-only: a correction is a row with the next revision.
fn bars(backend: DbBackend) -> TableCreateStatement {
    let mut table = Table::create()
        .table("bars")
        .col(column("stock_id").big_integer().not_null())
        .col(column("session").date().not_null())
        .col(column("revision").integer().not_null())
        .col(column("open").double().not_null())
        .col(column("high").double().not_null())
        .col(column("low").double().not_null())
        .col(column("close").double().not_null())
        .col(column("volume").double().not_null())
        .col(column("adjustment_factor").double().not_null())
        .col(column("basis").text().not_null())
        .col(column("recorded_at").timestamp_with_time_zone().not_null())
        .col(column("import_run_id").big_integer().not_null())
        .primary_key(
            Index::create()
                .col("stock_id")
                .col("session")
                .col("revision"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("bars", "stock_id")
                .to("stocks", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("bars", "import_run_id")
                .to("import_runs", "id"),
        )
        .take();
    if backend == DbBackend::Sqlite {
        // One tree ordered by the key instead of a heap and an index beside it: the scan of a
        // stock's sessions is then one range.
        table.extra("WITHOUT ROWID");
    }
    table
}

/// The sessions that have a bar, kept beside the bars because finding them there means reading all
/// of them.
fn observed_sessions() -> TableCreateStatement {
    Table::create()
        .table("observed_sessions")
        .col(column("session").date().not_null().primary_key())
        .col(
            column("first_recorded_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .take()
}

fn predictions() -> TableCreateStatement {
    Table::create()
        .table("predictions")
        .col(row_id())
        .col(column("request_id").text().not_null())
        .col(column("prediction_id").text().not_null())
        .col(column("subject").text().null())
        .col(column("stock_code").text().not_null())
        .col(column("horizon").text().not_null())
        .col(column("direction").text().not_null())
        .col(column("confidence").double().not_null())
        .col(column("probability_up").double().not_null())
        .col(column("relative_percentile").double().not_null())
        .col(column("relative_of").big_integer().not_null())
        .col(column("model_version").text().not_null())
        .col(column("model_digest").text().not_null())
        .col(column("as_of").date().not_null())
        .col(column("target_session").date().not_null())
        .col(column("data_revision").big_integer().not_null())
        .col(column("reasons").text().not_null())
        .col(column("predicted_at").timestamp_with_time_zone().not_null())
        .col(column("answered_at").timestamp_with_time_zone().not_null())
        .col(column("latency_us").big_integer().not_null())
        .col(column("cache_hit").boolean().not_null())
        .take()
}

fn predictions_by_stock() -> IndexCreateStatement {
    Index::create()
        .name("predictions_by_stock")
        .table("predictions")
        .col("stock_code")
        .col("answered_at")
        .take()
}

fn predictions_once() -> IndexCreateStatement {
    Index::create()
        .name("predictions_once")
        .table("predictions")
        .col("request_id")
        .col("prediction_id")
        .col("answered_at")
        .unique()
        .take()
}

fn ledger() -> TableCreateStatement {
    Table::create()
        .table("ledger")
        .col(row_id())
        .col(column("run_id").text().not_null().unique_key())
        .col(column("decided_at").timestamp_with_time_zone().not_null())
        .col(column("verdict").text().not_null())
        .col(column("reason").text().not_null())
        .col(column("candidate_version").text().not_null())
        .col(column("candidate_digest").text().not_null())
        .col(column("champion_version").text().null())
        .col(column("evidence").text().not_null())
        .take()
}
