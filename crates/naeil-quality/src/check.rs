//! Reading the history and judging it.

use chrono::{DateTime, Utc};
use naeil_domain::ports::{BarHistory, BarRequest, StoreError};
use naeil_domain::{Exchange, TradingCalendar};

use crate::report::QualityReport;

/// What to check.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// The exchange that the history belongs to.
    pub exchange: Exchange,
    /// Which bars.
    pub bars: BarRequest,
    /// The exchange's calendar, if it has one.
    pub calendar: Option<TradingCalendar>,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Checks the bars of a request.
///
/// # Errors
/// The history's.
pub async fn check(
    _history: &dyn BarHistory,
    _request: &CheckRequest,
) -> Result<QualityReport, StoreError> {
    Ok(QualityReport {
        findings: Vec::new(),
    })
}
