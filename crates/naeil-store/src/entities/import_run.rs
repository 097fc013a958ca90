//! One import of one source.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_runs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(column_type = "Text")]
    pub source_name: String,
    #[sea_orm(column_type = "Text")]
    pub source_digest: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub origin: String,
    pub started_at: DateTimeUtc,
    pub finished_at: DateTimeUtc,
    pub rows_read: i64,
    pub stored: i64,
    pub corrected: i64,
    pub unchanged: i64,
    pub refused: i64,
    /// Complete totals as JSON.
    #[sea_orm(column_type = "Text")]
    pub refused_by_reason: Option<String>,
    /// Statements about corporate actions that the run has added.
    pub actions: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
