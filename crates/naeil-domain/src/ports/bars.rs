//! Bars and stocks.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreError;
use crate::bar_panel::BarPanel;
use crate::session::Session;
use crate::stock::{DataOrigin, Stock, StockCode, StockDetails};

/// Which bars to read; the default is all of them as known now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BarRequest {
    /// Only these stocks; `None` for every stock.
    pub codes: Option<Vec<StockCode>>,
    /// Only the last so many sessions of the source.
    pub last_sessions: Option<usize>,
    /// Only sessions up to this one.
    pub until: Option<Session>,
    /// Bars as they were known at this time; `None` for now.
    pub as_known_at: Option<DateTime<Utc>>,
}

/// The state of the bars as a whole; cheap to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataState {
    /// Changes whenever any bar is added or corrected; it only grows.
    pub revision: u64,
    /// The newest session with a bar.
    pub last_session: Session,
    /// Where the bars come from.
    pub origin: DataOrigin,
}

/// A source of the bars of one exchange.
#[async_trait]
pub trait BarSource: Send + Sync {
    /// The state of the bars, or `None` while there is not one bar.
    async fn data_state(&self) -> Result<Option<DataState>, StoreError>;

    /// Reads bars. Sessions are those of the trading calendar where it covers the dates, else the
    /// ones observed; stocks without a bar in the request are left out.
    async fn bars(&self, request: &BarRequest) -> Result<BarPanel, StoreError>;
}

/// The table of the stocks of one exchange.
#[async_trait]
pub trait StockDirectory: Send + Sync {
    /// Every stock, ascending by code.
    async fn stocks(&self) -> Result<Vec<Stock>, StoreError>;

    /// What else is known about every stock, ascending by code.
    async fn details(&self) -> Result<Vec<(StockCode, StockDetails)>, StoreError>;
}
