//! Reading bars as they were known at a time, from the table that keeps every value.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use naeil_domain::{Bar, PriceBasis};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use super::blocks::listed;
use super::only_listed;
use crate::packed::PackedBar;
use crate::sql::statement;
use crate::stocks::KnownStock;

const COLUMNS: &str = "b.stock_id, b.session, b.revision, b.open, b.high, b.low, b.close, \
                       b.volume, b.adjustment_factor, b.basis";

/// One range of the key a stock. `CROSS JOIN` fixes the order of the loops in SQLite, which would
/// otherwise be free to read the whole table to find the last sessions.
pub(super) fn statement_for(
    db: &impl ConnectionTrait,
    stocks: &[KnownStock],
    only_some: bool,
    (first, last): (NaiveDate, NaiveDate),
    known_at: DateTime<Utc>,
) -> Statement {
    let exchange = stocks.first().map(|known| known.stock.market.exchange());
    let sql = format!(
        "SELECT {COLUMNS} FROM stocks k CROSS JOIN bars b \
         WHERE b.stock_id = k.id AND b.session >= ? AND b.session <= ? AND b.recorded_at <= ? \
           AND k.exchange = ?{} \
         ORDER BY k.id, b.session, b.revision",
        only_listed(stocks, only_some)
    );
    let values = vec![
        first.into(),
        last.into(),
        known_at.into(),
        exchange.unwrap_or_default().as_str().into(),
    ];
    statement(db.get_database_backend(), &sql, values)
}

/// Reads a row; the base price is not read.
pub(super) fn decode(row: &QueryResult) -> Result<(i64, PackedBar), DbErr> {
    let revision: i32 = row.try_get_by_index(2)?;
    let basis: String = row.try_get_by_index(9)?;
    let packed = PackedBar {
        session: row.try_get_by_index(1)?,
        revision: u32::try_from(revision)
            .map_err(|_| DbErr::Type(format!("bars: revision {revision}")))?,
        bar: Bar {
            open: row.try_get_by_index(3)?,
            high: row.try_get_by_index(4)?,
            low: row.try_get_by_index(5)?,
            close: row.try_get_by_index(6)?,
            volume: row.try_get_by_index(7)?,
            adjustment_factor: row.try_get_by_index(8)?,
            basis: PriceBasis::parse(&basis)
                .ok_or_else(|| DbErr::Type(format!("bars: basis '{basis}'")))?,
        },
        base_price: None,
    };
    Ok((row.try_get_by_index(0)?, packed))
}

/// The bars of some stocks as they were known, by stock, ascending by session.
pub(crate) async fn known_bars(
    db: &impl ConnectionTrait,
    stock_ids: &[i64],
    (first, last): (NaiveDate, NaiveDate),
    known_at: DateTime<Utc>,
) -> Result<BTreeMap<i64, Vec<PackedBar>>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM bars b \
         WHERE b.stock_id IN ({}) AND b.session >= ? AND b.session <= ? AND b.recorded_at <= ? \
         ORDER BY b.stock_id, b.session, b.revision",
        listed(stock_ids)
    );
    let values = vec![first.into(), last.into(), known_at.into()];
    let query = statement(db.get_database_backend(), &sql, values);
    let rows = db.query_all_raw(query).await?;
    newest_revisions(rows.iter().map(decode))
}

/// Keeps the last of several revisions of a session; rows come by stock, session and revision.
fn newest_revisions(
    rows: impl Iterator<Item = Result<(i64, PackedBar), DbErr>>,
) -> Result<BTreeMap<i64, Vec<PackedBar>>, DbErr> {
    let mut known: BTreeMap<i64, Vec<PackedBar>> = BTreeMap::new();
    for row in rows {
        let (stock_id, bar) = row?;
        let bars = known.entry(stock_id).or_default();
        match bars.last_mut() {
            Some(last) if last.session == bar.session => *last = bar,
            _ => bars.push(bar),
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    async fn plan(mut query: Statement, store: &Store) -> Vec<String> {
        query.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let rows = store.db.query_all_raw(query).await.unwrap();
        let detail = |row: &QueryResult| row.try_get("", "detail").unwrap();
        rows.iter().map(detail).collect()
    }

    /// The last sessions cost what they hold, not what the table holds: every plan seeks each
    /// stock's range of the key and sorts nothing.
    #[tokio::test]
    async fn every_read_is_one_range_of_the_key_a_stock() {
        let store = Store::open_in_memory().await.unwrap();
        let stocks: Vec<KnownStock> = [7, 9]
            .map(|id| KnownStock {
                id,
                stock: naeil_test_support::builders::stock("005930"),
            })
            .into();
        let day = NaiveDate::from_ymd_opt(2024, 1, 2).unwrap();
        for only_some in [false, true] {
            let at = DateTime::UNIX_EPOCH;
            let query = statement_for(&store.db, &stocks, only_some, (day, day), at);
            let known = plan(query, &store).await;
            assert_eq!(
                known.get(1).map(String::as_str),
                Some("SEARCH b USING PRIMARY KEY (stock_id=? AND session>? AND session<?)"),
                "{known:?}"
            );
            let query =
                crate::bars::panel::statement_for(&store.db, &stocks, only_some, (day, day));
            let newest = plan(query, &store).await;
            assert_eq!(
                newest.get(1).map(String::as_str),
                Some(
                    "SEARCH b USING INDEX sqlite_autoindex_bar_blocks_1 \
                     (stock_id=? AND block>? AND block<?)"
                ),
                "{newest:?}"
            );
        }
    }
}
