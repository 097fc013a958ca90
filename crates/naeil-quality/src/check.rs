//! Reading the history and judging it.

use chrono::{DateTime, NaiveDate, Utc};
use naeil_domain::ports::{BarHistory, BarRequest, StoreError};
use naeil_domain::{Exchange, Stock, TradingCalendar};

use crate::axis::Axis;
use crate::findings::{self, Facts};
use crate::market::MarketTally;
use crate::moves;
use crate::report::QualityReport;
use crate::series::{self, Row};

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
    history: &dyn BarHistory,
    request: &CheckRequest,
) -> Result<QualityReport, StoreError> {
    check_since(history, request, None).await
}

/// As [`check`], of bars from a day on; what lies before it is as if it were not stored.
///
/// # Errors
/// The history's.
pub async fn check_since(
    history: &dyn BarHistory,
    request: &CheckRequest,
    from: Option<NaiveDate>,
) -> Result<QualityReport, StoreError> {
    let actions = history.actions(request.bars.as_known_at).await?;
    let mut reading = Reading {
        stock: None,
        rows: Vec::new(),
        market: MarketTally::default(),
        actions: &actions,
    };
    history
        .scan(&request.bars, &mut |stored| {
            let day = stored.session.date();
            if from.is_none_or(|from| day >= from) {
                reading.take(stored.stock, Row::new(day, &stored));
            }
        })
        .await?;
    reading.finish_stock();
    let mut market = reading.market;
    let refused = history.refused().await?;

    let axis = Axis::new(&mut market, request.calendar.as_ref());
    moves::place(&mut market, &axis);
    Ok(findings::report(&Facts {
        request,
        market: &market,
        axis: &axis,
        actions: &actions,
        refused: &refused,
        from,
    }))
}

/// The bars of the stock being read, and the tally of those before it.
struct Reading<'a> {
    stock: Option<Stock>,
    rows: Vec<Row>,
    market: MarketTally,
    actions: &'a [naeil_domain::CorporateAction],
}

impl Reading<'_> {
    fn take(&mut self, stock: &Stock, row: Row) {
        if self.stock.as_ref().is_none_or(|s| s.code != stock.code) {
            self.finish_stock();
            self.stock = Some(stock.clone());
        }
        self.rows.push(row);
    }

    fn finish_stock(&mut self) {
        if let Some(stock) = self.stock.take() {
            series::analyse(&stock, &self.rows, self.actions, &mut self.market);
        }
        self.rows.clear();
    }
}
