//! The prediction log.

use async_trait::async_trait;

use super::StoreError;
use crate::prediction::LoggedPrediction;
use crate::stock::StockCode;

/// Keeps every answer that was given, to be judged when its target session has come.
#[async_trait]
pub trait PredictionLog: Send + Sync {
    /// Appends answers; one that is already there (same request, prediction and time) is kept
    /// once. The time is part of it because clients choose request ids, and may choose one twice.
    async fn append(&self, answers: &[LoggedPrediction]) -> Result<(), StoreError>;

    /// How many answers were given for a stock.
    async fn count(&self, stock_code: &StockCode) -> Result<u64, StoreError>;
}
