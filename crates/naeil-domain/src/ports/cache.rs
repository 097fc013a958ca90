//! The prediction cache.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::prediction::{CacheKey, Prediction};

/// What a cache has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheStats {
    /// Look-ups that found an answer.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// Answers held now; may lag a moment behind.
    pub entries: u64,
}

/// Remembers answers until they grow old. A cache that fails is a miss, never an error: answers
/// can always be computed again.
#[async_trait]
pub trait PredictionCache: Send + Sync {
    /// The remembered answer, if there is one that has not expired at `now`.
    async fn get(&self, key: &CacheKey, now: DateTime<Utc>) -> Option<Arc<Prediction>>;

    /// Remembers an answer until `expires_at`.
    async fn put(&self, key: CacheKey, prediction: Arc<Prediction>, expires_at: DateTime<Utc>);

    /// Forgets everything.
    async fn clear(&self);

    /// What it has done so far.
    async fn stats(&self) -> CacheStats;
}
