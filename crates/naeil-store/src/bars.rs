//! Reading bars.

mod axis;
mod history;
mod scan;

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::NaiveDate;
use naeil_domain::ports::{BarRequest, BarSource, DataState, StoreError};
use naeil_domain::{BarPanel, BarPanelBuilder, DataOrigin, Session};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, TransactionTrait, Value,
};

use crate::sql::{statement, store_error};
use crate::stocks::known_stocks;
use crate::store::Store;
use axis::SessionAxis;

#[async_trait]
impl BarSource for Store {
    async fn data_state(&self) -> Result<Option<DataState>, StoreError> {
        let failed = store_error("reading the state of the bars");
        let sql = "SELECT MAX(id), MIN(origin), MAX(origin), \
                          (SELECT MAX(session) FROM observed_sessions) \
                   FROM import_runs WHERE stored + corrected > 0";
        let backend = self.db.get_database_backend();
        let row = self
            .db
            .query_one_raw(Statement::from_string(backend, sql))
            .await
            .map_err(&failed)?;
        row.and_then(|row| data_state(&row).map_err(&failed).transpose())
            .transpose()?
            .map(|raw| raw.try_into())
            .transpose()
    }

    async fn bars(&self, request: &BarRequest) -> Result<BarPanel, StoreError> {
        let failed = store_error("reading bars");
        // One transaction is one snapshot: an import that commits meanwhile is seen whole in the
        // next read or not at all in this one.
        let snapshot = self.db.begin().await.map_err(&failed)?;
        let panel = self.read(&snapshot, request).await?;
        snapshot.commit().await.map_err(&failed)?;
        Ok(panel)
    }
}

impl Store {
    async fn read(
        &self,
        snapshot: &DatabaseTransaction,
        request: &BarRequest,
    ) -> Result<BarPanel, StoreError> {
        let observed = observed_sessions(snapshot, request).await?;
        let axis = SessionAxis::new(&observed, &self.calendar.current(), request.last_sessions);
        let mut stocks = known_stocks(snapshot).await?;
        if let Some(codes) = &request.codes {
            let wanted: HashSet<&str> = codes.iter().map(|code| code.as_str()).collect();
            stocks.retain(|known| wanted.contains(known.stock.code.as_str()));
        }
        let Some((first, last)) = axis.bounds().filter(|_| !stocks.is_empty()) else {
            return Ok(BarPanelBuilder::new(Vec::new(), Vec::new()).build());
        };
        let backend = snapshot.get_database_backend();
        let query = scan::statement_for(backend, request, &stocks, first, last);
        scan::fill(snapshot, query, axis, stocks).await
    }
}

struct RawState {
    revision: i64,
    origins: (String, String),
    last_session: NaiveDate,
}

/// `None` while no run has stored anything: aggregates over nothing are null.
fn data_state(row: &QueryResult) -> Result<Option<RawState>, DbErr> {
    let Some(revision) = row.try_get_by_index::<Option<i64>>(0)? else {
        return Ok(None);
    };
    Ok(Some(RawState {
        revision,
        origins: (row.try_get_by_index(1)?, row.try_get_by_index(2)?),
        last_session: row.try_get_by_index(3)?,
    }))
}

impl TryFrom<RawState> for DataState {
    type Error = StoreError;

    fn try_from(raw: RawState) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("import_runs: {what}"));
        let origin = |text: &str| DataOrigin::parse(text).ok_or_else(|| corrupt(text));
        let (least, greatest) = (origin(&raw.origins.0)?, origin(&raw.origins.1)?);
        Ok(Self {
            revision: u64::try_from(raw.revision).map_err(|_| corrupt("a negative id"))?,
            last_session: Session::new(raw.last_session),
            origin: if least == greatest {
                least
            } else {
                DataOrigin::Mixed
            },
        })
    }
}

/// The sessions with a bar that the request may see, ascending.
async fn observed_sessions(
    db: &impl ConnectionTrait,
    request: &BarRequest,
) -> Result<Vec<NaiveDate>, StoreError> {
    let failed = store_error("reading the observed sessions");
    let mut sql = "SELECT session FROM observed_sessions WHERE 1 = 1".to_owned();
    let mut values: Vec<Value> = Vec::new();
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
