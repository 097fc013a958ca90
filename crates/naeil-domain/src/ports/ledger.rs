//! The ledger of promotion decisions.

use async_trait::async_trait;

use super::StoreError;
use crate::ledger::LedgerEntry;

/// An append-only record of decisions.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Appends a decision.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the run already has another decision; repeating the same one is
    /// accepted and changes nothing.
    async fn record(&self, entry: &LedgerEntry) -> Result<(), StoreError>;

    /// All decisions, oldest first.
    async fn entries(&self) -> Result<Vec<LedgerEntry>, StoreError>;
}
