//! Reading bars.

mod axis;
pub(crate) mod blocks;
mod known;
mod panel;
mod state;

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::NaiveDate;
use naeil_domain::ports::{BarRequest, BarSource, DataState, StoreError};
use naeil_domain::{BarPanel, BarPanelBuilder};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

use crate::actions::Factors;
use crate::sql::{statement, store_error};
use crate::stocks::{KnownStock, known_stocks};
use crate::store::Store;
pub(crate) use axis::SessionAxis;
pub(crate) use known::known_bars;

#[async_trait]
impl BarSource for Store {
    async fn data_state(&self) -> Result<Option<DataState>, StoreError> {
        state::data_state(&self.db, self.exchange).await
    }

    async fn bars(&self, request: &BarRequest) -> Result<BarPanel, StoreError> {
        let failed = store_error("reading bars");
        let snapshot = self.snapshot(request.as_known_at).await.map_err(&failed)?;
        let panel = self.read(&snapshot, request).await?;
        snapshot.commit().await.map_err(&failed)?;
        Ok(panel)
    }
}

/// What a request spans: the sessions, and the stocks ascending by code.
pub(crate) struct Span {
    pub(crate) axis: SessionAxis,
    pub(crate) stocks: Vec<KnownStock>,
    /// First and last date; `None` if there is no session or no stock.
    pub(crate) bounds: Option<(NaiveDate, NaiveDate)>,
}

impl Store {
    async fn read(
        &self,
        snapshot: &DatabaseTransaction,
        request: &BarRequest,
    ) -> Result<BarPanel, StoreError> {
        let Span {
            axis,
            stocks,
            bounds: Some((first, last)),
        } = self.span(snapshot, request).await?
        else {
            return Ok(BarPanelBuilder::new(Vec::new(), Vec::new()).build());
        };
        let factors = Factors::read(snapshot, self.exchange, request.as_known_at).await?;
        let only_some = request.codes.is_some();
        let query = match request.as_known_at {
            Some(at) => known::statement_for(snapshot, &stocks, only_some, (first, last), at),
            None => panel::statement_for(snapshot, &stocks, only_some, (first, last)),
        };
        let fill = panel::Fill::new(axis, stocks, factors, (first, last));
        match request.as_known_at {
            Some(_) => fill.read_history(snapshot, query).await,
            None => fill.read_blocks(snapshot, query).await,
        }
    }

    /// What a request spans on this handle's exchange.
    pub(crate) async fn span(
        &self,
        snapshot: &DatabaseTransaction,
        request: &BarRequest,
    ) -> Result<Span, StoreError> {
        let observed = self.observed_sessions(snapshot, request).await?;
        let calendar = self.exchange_calendar();
        let axis = SessionAxis::new(&observed, calendar.as_deref(), request.last_sessions);
        let mut stocks = known_stocks(snapshot, self.exchange).await?;
        if let Some(codes) = &request.codes {
            let wanted: HashSet<&str> = codes.iter().map(|code| code.as_str()).collect();
            stocks.retain(|known| wanted.contains(known.stock.code.as_str()));
        }
        Ok(Span {
            bounds: axis.bounds().filter(|_| !stocks.is_empty()),
            axis,
            stocks,
        })
    }

    /// The sessions with a bar that the request may see, ascending.
    async fn observed_sessions(
        &self,
        db: &impl ConnectionTrait,
        request: &BarRequest,
    ) -> Result<Vec<NaiveDate>, StoreError> {
        let failed = store_error("reading the observed sessions");
        let mut sql = "SELECT session FROM exchange_sessions WHERE exchange = ?".to_owned();
        let mut values: Vec<Value> = vec![self.exchange.as_str().into()];
        if let Some(until) = request.until {
            sql.push_str(" AND session <= ?");
            values.push(until.date().into());
        }
        if let Some(known_at) = request.as_known_at {
            sql.push_str(" AND first_recorded_at <= ?");
            values.push(known_at.into());
        }
        sql.push_str(" ORDER BY session");
        db.query_all_raw(statement(db.get_database_backend(), &sql, values))
            .await
            .map_err(&failed)?
            .iter()
            .map(|row| row.try_get_by_index(0).map_err(&failed))
            .collect()
    }
}

/// More stocks than this are not listed in a statement but picked out of its result.
const MAX_LISTED_STOCKS: usize = 1000;

/// ` AND k.id IN (...)`, if only some stocks are wanted and they are few.
fn only_listed(stocks: &[KnownStock], only_some: bool) -> String {
    if !only_some || stocks.len() > MAX_LISTED_STOCKS {
        return String::new();
    }
    let ids: Vec<i64> = stocks.iter().map(|known| known.id).collect();
    format!(" AND k.id IN ({})", blocks::listed(&ids))
}
