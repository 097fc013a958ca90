//! One answer that was given.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "predictions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(column_type = "Text")]
    pub request_id: String,
    #[sea_orm(column_type = "Text")]
    pub prediction_id: String,
    #[sea_orm(column_type = "Text")]
    pub subject: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub stock_code: String,
    #[sea_orm(column_type = "Text")]
    pub horizon: String,
    #[sea_orm(column_type = "Text")]
    pub direction: String,
    pub confidence: f64,
    pub probability_up: f64,
    pub relative_percentile: f64,
    pub relative_of: i64,
    #[sea_orm(column_type = "Text")]
    pub model_version: String,
    #[sea_orm(column_type = "Text")]
    pub model_digest: String,
    pub as_of: Date,
    pub target_session: Date,
    pub data_revision: i64,
    /// Stable words, separated by spaces, in the answer's order.
    #[sea_orm(column_type = "Text")]
    pub reasons: String,
    pub predicted_at: DateTimeUtc,
    pub answered_at: DateTimeUtc,
    pub latency_us: i64,
    pub cache_hit: bool,
    /// The return interval; null in answers without one.
    pub interval_lower: Option<f64>,
    pub interval_median: Option<f64>,
    pub interval_upper: Option<f64>,
    pub interval_level: Option<f64>,
    /// Null: the probability was the network's own.
    #[sea_orm(column_type = "Text")]
    pub calibration_digest: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
