//! Adding what is new or different to the store, set by set.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use crate::sql::{insert_rows, statement};

/// Rows in one statement; 2 parameters a row stay below SQLite's limit of 32,766.
const ROWS_PER_INSERT: usize = 1024;

/// A stock's name and market are those of its newest session.
const UPSERT_STOCKS: &str = "\
    INSERT INTO stocks (code, name, market, first_session, last_session) \
    SELECT code, name, market, first_session, last_session \
    FROM staged_stocks WHERE stock_no >= 0 ORDER BY stock_no \
    ON CONFLICT (code) DO UPDATE SET \
      name = CASE WHEN excluded.last_session >= stocks.last_session \
             THEN excluded.name ELSE stocks.name END, \
      market = CASE WHEN excluded.last_session >= stocks.last_session \
               THEN excluded.market ELSE stocks.market END, \
      first_session = CASE WHEN excluded.first_session < stocks.first_session \
                      THEN excluded.first_session ELSE stocks.first_session END, \
      last_session = CASE WHEN excluded.last_session > stocks.last_session \
                     THEN excluded.last_session ELSE stocks.last_session END";

const FIND_STOCK_IDS: &str = "\
    UPDATE staged_stocks SET stock_id = \
    (SELECT k.id FROM stocks k WHERE k.code = staged_stocks.code)";

/// What is not yet known, with the revision it will have. A table of its own, because a statement
/// that reads and writes `bars` would make the database copy its result first anyway.
const FIND_CHANGES: &str = "\
    CREATE TEMPORARY TABLE changed_bars AS \
    SELECT t.stock_id AS stock_id, s.session AS session, \
           COALESCE(b.revision, 0) + 1 AS revision, \
           s.open AS open, s.high AS high, s.low AS low, s.close AS close, s.volume AS volume, \
           s.adjustment_factor AS adjustment_factor, s.basis AS basis \
    FROM staged_bars s CROSS JOIN staged_stocks t \
    LEFT JOIN bars b ON b.stock_id = t.stock_id AND b.session = s.session \
      AND b.revision = (SELECT MAX(l.revision) FROM bars l \
                        WHERE l.stock_id = t.stock_id AND l.session = s.session) \
    WHERE t.stock_no = s.stock_no \
      AND (b.stock_id IS NULL OR b.open <> s.open OR b.high <> s.high OR b.low <> s.low \
           OR b.close <> s.close OR b.volume <> s.volume \
           OR b.adjustment_factor <> s.adjustment_factor OR b.basis <> s.basis)";

const COUNT_CHANGES: &str = "\
    SELECT COUNT(*), COUNT(CASE WHEN revision > 1 THEN 1 END) FROM changed_bars";

/// In the order of the key, which is how the table is kept.
const INSERT_CHANGES: &str = "\
    INSERT INTO bars (stock_id, session, revision, open, high, low, close, volume, \
                      adjustment_factor, basis, recorded_at, import_run_id) \
    SELECT stock_id, session, revision, open, high, low, close, volume, \
           adjustment_factor, basis, ?, ? \
    FROM changed_bars ORDER BY stock_id, session";

const DROP_STAGING: [&str; 3] = [
    "DROP TABLE changed_bars",
    "DROP TABLE staged_bars",
    "DROP TABLE staged_stocks",
];

/// How many bars were new, and how many differed from what was known.
pub(super) struct Merged {
    pub(super) stored: u64,
    pub(super) corrected: u64,
}

/// Moves what was staged into the store as part of run `run_id`.
pub(super) async fn merge(
    transaction: &DatabaseTransaction,
    run_id: i64,
    recorded_at: DateTime<Utc>,
    sessions: &BTreeSet<NaiveDate>,
) -> Result<Merged, DbErr> {
    let backend = transaction.get_database_backend();
    for sql in [UPSERT_STOCKS, FIND_STOCK_IDS, FIND_CHANGES] {
        transaction
            .execute_raw(statement(backend, sql, Vec::new()))
            .await?;
    }
    let counts = transaction
        .query_one_raw(statement(backend, COUNT_CHANGES, Vec::new()))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a count gave no row".to_owned()))?;
    let changed = count(counts.try_get_by_index(0)?)?;
    let corrected = count(counts.try_get_by_index(1)?)?;
    if changed > 0 {
        let values: Vec<Value> = vec![recorded_at.into(), run_id.into()];
        transaction
            .execute_raw(statement(backend, INSERT_CHANGES, values))
            .await?;
        observe(transaction, recorded_at, sessions).await?;
    }
    for sql in DROP_STAGING {
        transaction.execute_unprepared(sql).await?;
    }
    Ok(Merged {
        stored: changed - corrected,
        corrected,
    })
}

async fn observe(
    transaction: &DatabaseTransaction,
    recorded_at: DateTime<Utc>,
    sessions: &BTreeSet<NaiveDate>,
) -> Result<(), DbErr> {
    let sessions: Vec<NaiveDate> = sessions.iter().copied().collect();
    for chunk in sessions.chunks(ROWS_PER_INSERT) {
        let columns = ["session", "first_recorded_at"];
        let sql = insert_rows("observed_sessions", &columns, chunk.len())
            + " ON CONFLICT (session) DO NOTHING";
        let values = chunk
            .iter()
            .flat_map(|&session| [Value::from(session), recorded_at.into()])
            .collect();
        let backend = transaction.get_database_backend();
        transaction
            .execute_raw(statement(backend, &sql, values))
            .await?;
    }
    Ok(())
}

fn count(n: i64) -> Result<u64, DbErr> {
    u64::try_from(n).map_err(|_| DbErr::Type(format!("{n} is not a count")))
}
