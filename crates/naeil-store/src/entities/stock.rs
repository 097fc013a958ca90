//! A listed stock.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stocks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(column_type = "Text")]
    pub code: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub market: String,
    pub first_session: Date,
    pub last_session: Date,
    #[sea_orm(column_type = "Text")]
    pub isin: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub sector: Option<String>,
    pub listed_on: Option<Date>,
    pub delisted_on: Option<Date>,
    #[sea_orm(column_type = "Text")]
    pub exchange: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
