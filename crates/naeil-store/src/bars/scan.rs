//! The scan that reads bars into a panel.

use std::collections::HashMap;

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use naeil_domain::ports::{BarRequest, StoreError};
use naeil_domain::{Bar, BarPanel, BarPanelBuilder, PriceBasis};
use sea_orm::{DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, StreamTrait, Value};

use super::axis::SessionAxis;
use crate::sql::{statement, store_error};
use crate::stocks::KnownStock;

/// More stocks than this are not listed in the statement but picked out of its result.
const MAX_LISTED_STOCKS: usize = 1000;

/// One range of the key a stock. `CROSS JOIN` fixes the order of the loops in SQLite, which would
/// otherwise be free to read the whole table to find the last sessions.
pub(super) fn statement_for(
    backend: DbBackend,
    request: &BarRequest,
    stocks: &[KnownStock],
    first: NaiveDate,
    last: NaiveDate,
) -> Statement {
    let mut sql = "SELECT b.stock_id, b.session, b.open, b.high, b.low, b.close, b.volume, \
                          b.adjustment_factor \
                   FROM stocks k CROSS JOIN bars b \
                   WHERE b.stock_id = k.id AND b.session >= ? AND b.session <= ?"
        .to_owned();
    let mut values: Vec<Value> = vec![first.into(), last.into()];
    if let Some(known_at) = request.as_known_at {
        sql.push_str(" AND b.recorded_at <= ?");
        values.push(known_at.into());
    }
    if request.codes.is_some() && stocks.len() <= MAX_LISTED_STOCKS {
        let ids: Vec<String> = stocks.iter().map(|known| known.id.to_string()).collect();
        sql.push_str(&format!(" AND k.id IN ({})", ids.join(",")));
    }
    sql.push_str(" ORDER BY k.id, b.session, b.revision");
    statement(backend, &sql, values)
}

/// Reads the scan into a panel; of several revisions the last one wins, because it comes last.
pub(super) async fn fill(
    snapshot: &DatabaseTransaction,
    query: Statement,
    axis: SessionAxis,
    known: Vec<KnownStock>,
) -> Result<BarPanel, StoreError> {
    let failed = store_error("reading bars");
    let mut stock_idx_of = HashMap::with_capacity(known.len());
    let mut stocks = Vec::with_capacity(known.len());
    for (stock_idx, known) in known.into_iter().enumerate() {
        stock_idx_of.insert(known.id, stock_idx);
        stocks.push(known.stock);
    }
    let mut has_bar = vec![false; stocks.len()];
    let mut builder = BarPanelBuilder::new(axis.sessions().to_vec(), stocks);
    let mut rows = snapshot.stream_raw(query).await.map_err(&failed)?;
    // Rows come stock by stock, so that the index is looked up once a stock.
    let mut current = (i64::MIN, 0);
    while let Some(row) = rows.try_next().await.map_err(&failed)? {
        let (stock_id, session, bar) = decode(&row).map_err(&failed)?;
        if current.0 != stock_id {
            let Some(&stock_idx) = stock_idx_of.get(&stock_id) else {
                continue;
            };
            current = (stock_id, stock_idx);
        }
        let session_idx = axis.index_of(session).ok_or_else(|| {
            StoreError::Corrupt(format!("bars of {session}, which observed_sessions lacks"))
        })?;
        builder.set(current.1, session_idx, &bar);
        has_bar[current.1] = true;
    }
    drop(rows);
    let panel = builder.build();
    if has_bar.iter().all(|&has_bar| has_bar) {
        return Ok(panel);
    }
    Ok(panel.retain_stocks(|stock_idx, _| has_bar[stock_idx]))
}

fn decode(row: &QueryResult) -> Result<(i64, NaiveDate, Bar), DbErr> {
    let bar = Bar {
        open: row.try_get_by_index(2)?,
        high: row.try_get_by_index(3)?,
        low: row.try_get_by_index(4)?,
        close: row.try_get_by_index(5)?,
        volume: row.try_get_by_index(6)?,
        adjustment_factor: row.try_get_by_index(7)?,
        // The panel's arithmetic is the same for every basis, so it is not read.
        basis: PriceBasis::AsTraded,
    };
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, bar))
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait as _;

    use super::*;
    use crate::store::Store;

    async fn plan(request: &BarRequest) -> Vec<String> {
        let store = Store::open_in_memory().await.unwrap();
        let stocks: Vec<KnownStock> = [7, 9]
            .map(|id| KnownStock {
                id,
                stock: naeil_test_support::builders::stock("005930"),
            })
            .into();
        let day = NaiveDate::from_ymd_opt(2024, 1, 2).unwrap();
        let mut query = statement_for(DbBackend::Sqlite, request, &stocks, day, day);
        query.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let rows = store.db.query_all_raw(query).await.unwrap();
        let detail = |row: &QueryResult| row.try_get("", "detail").unwrap();
        rows.iter().map(detail).collect()
    }

    /// The last sessions cost what they hold, not what the table holds: every plan seeks each
    /// stock's range of the key and sorts nothing.
    #[tokio::test]
    async fn every_read_is_one_range_of_the_key_a_stock() {
        let some = Some(vec![naeil_test_support::builders::code("005930")]);
        let known_at = Some(chrono::DateTime::UNIX_EPOCH);
        for (codes, as_known_at) in [(None, None), (some.clone(), None), (some, known_at)] {
            let request = BarRequest {
                codes,
                as_known_at,
                ..BarRequest::default()
            };
            let plan = plan(&request).await;
            assert_eq!(plan.len(), 2, "{plan:?}");
            assert_eq!(
                plan[1],
                "SEARCH b USING PRIMARY KEY (stock_id=? AND session>? AND session<?)"
            );
        }
    }
}
