//! The return interval and the calibration of logged answers. This step only expands.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261124_000003_intervals"
    }
}

const NUMBERS: [&str; 4] = [
    "interval_lower",
    "interval_median",
    "interval_upper",
    "interval_level",
];

const CALIBRATION: &str = "calibration_digest";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in NUMBERS {
            let column = ColumnDef::new(name).double().null().take();
            manager.alter_table(add(column)).await?;
        }
        let column = ColumnDef::new(CALIBRATION).text().null().take();
        manager.alter_table(add(column)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in NUMBERS.into_iter().chain([CALIBRATION]) {
            let drop = Table::alter().table("predictions").drop_column(name).take();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}

fn add(column: ColumnDef) -> TableAlterStatement {
    Table::alter()
        .table("predictions")
        .add_column(column)
        .take()
}
