//! Bars one by one as they are stored, and what is known about them: what a quality check reads.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{BarRequest, StoreError};
use crate::bar::Bar;
use crate::corporate_action::CorporateAction;
use crate::session::Session;
use crate::stock::Stock;

/// One bar as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct StoredBar<'a> {
    /// Its stock.
    pub stock: &'a Stock,
    /// Its session.
    pub session: Session,
    /// Its values as they came, a bare halt's zeros included. The adjustment factor is the whole
    /// one: what the source states times every corporate action up to the session.
    pub bar: Bar,
    /// 1 for the first value that was known, one more for each correction.
    pub revision: u32,
}

/// Takes stored bars one by one.
pub type BarSink<'s> = dyn for<'b> FnMut(StoredBar<'b>) + Send + 's;

/// A row that an import refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedBar {
    /// The stock's code as it stood there.
    pub code: String,
    /// The date as it stood there.
    pub date: String,
    /// The word of the reason, for instance `duplicate_row`.
    pub reason: String,
    /// How many rows of that code and date were refused for that reason in one import.
    pub count: u64,
}

/// The history behind the bars of one exchange.
#[async_trait]
pub trait BarHistory: Send + Sync {
    /// Hands over every stored bar that the request asks for: stocks ascending by code, each one's
    /// sessions ascending, of several revisions the newest that was known.
    async fn scan(&self, request: &BarRequest, sink: &mut BarSink<'_>) -> Result<(), StoreError>;

    /// The corporate actions in force as known at a time (`None` for now), ascending by code and
    /// session; those taken back are left out.
    async fn actions(
        &self,
        as_known_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<CorporateAction>, StoreError>;

    /// The rows that imports refused, ascending; the same row refused by several imports is told
    /// once.
    async fn refused(&self) -> Result<Vec<RefusedBar>, StoreError>;
}
