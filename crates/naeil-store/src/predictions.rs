//! The prediction log.

use async_trait::async_trait;
use naeil_domain::ports::{PredictionLog, StoreError};
use naeil_domain::{LoggedPrediction, StockCode};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, TransactionTrait};

use crate::entities::prediction;
use crate::sql::store_error;
use crate::store::Store;

/// Rows in one statement; 26 parameters a row stay below SQLite's limit of 32,766.
const ROWS_PER_INSERT: usize = 1000;

#[async_trait]
impl PredictionLog for Store {
    async fn append(&self, answers: &[LoggedPrediction]) -> Result<(), StoreError> {
        if answers.is_empty() {
            return Ok(());
        }
        let failed = store_error("writing the prediction log");
        let transaction = self.db.begin().await.map_err(&failed)?;
        for chunk in answers.chunks(ROWS_PER_INSERT) {
            let rows = chunk.iter().map(to_row).collect::<Result<Vec<_>, _>>()?;
            prediction::Entity::insert_many(rows)
                .on_conflict_do_nothing_on([
                    prediction::Column::RequestId,
                    prediction::Column::PredictionId,
                    prediction::Column::AnsweredAt,
                ])
                .exec_without_returning(&transaction)
                .await
                .map_err(&failed)?;
        }
        transaction.commit().await.map_err(&failed)
    }

    async fn count(&self, stock_code: &StockCode) -> Result<u64, StoreError> {
        prediction::Entity::find()
            .filter(prediction::Column::StockCode.eq(stock_code.as_str()))
            .count(&self.db)
            .await
            .map_err(store_error("counting logged predictions"))
    }
}

fn to_row(answer: &LoggedPrediction) -> Result<prediction::ActiveModel, StoreError> {
    let prediction = &*answer.prediction;
    let interval = prediction.return_interval;
    let reasons: Vec<&str> = prediction.reasons.iter().map(|r| r.code()).collect();
    let data_revision = i64::try_from(prediction.data_revision).map_err(|_| {
        StoreError::Conflict(format!(
            "data revision {} is beyond any that a store gives",
            prediction.data_revision
        ))
    })?;
    Ok(prediction::ActiveModel {
        id: NotSet,
        request_id: Set(answer.request_id.clone()),
        prediction_id: Set(prediction.id.to_string()),
        subject: Set(answer.subject.clone()),
        stock_code: Set(prediction.stock_code.to_string()),
        horizon: Set(prediction.horizon.as_str().to_owned()),
        direction: Set(prediction.direction.as_str().to_owned()),
        confidence: Set(prediction.confidence),
        probability_up: Set(prediction.probability_up),
        relative_percentile: Set(prediction.relative.percentile),
        relative_of: Set(i64::try_from(prediction.relative.of).unwrap_or(i64::MAX)),
        model_version: Set(prediction.model_version.clone()),
        model_digest: Set(prediction.model_digest.to_string()),
        as_of: Set(prediction.as_of.date()),
        target_session: Set(prediction.target_session.date()),
        data_revision: Set(data_revision),
        reasons: Set(reasons.join(" ")),
        predicted_at: Set(prediction.predicted_at),
        answered_at: Set(answer.answered_at),
        latency_us: Set(i64::try_from(answer.latency.as_micros()).unwrap_or(i64::MAX)),
        cache_hit: Set(answer.cache_hit),
        interval_lower: Set(interval.map(|interval| interval.lower)),
        interval_median: Set(interval.map(|interval| interval.median)),
        interval_upper: Set(interval.map(|interval| interval.upper)),
        interval_level: Set(interval.map(|interval| interval.level)),
        calibration_digest: Set(prediction
            .calibration_digest
            .map(|digest| digest.to_string())),
    })
}
