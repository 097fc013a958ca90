//! Keeping admitted bars aside until the whole source has been read.
//!
//! They wait in temporary tables of the import's own connection, so that nothing of the store is
//! locked while a file is read: other processes go on reading and logging predictions.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use super::admission::{AdmittedBar, AdmittedStock};
use crate::sql::{insert_rows, statement};

/// Rows in one statement; 9 parameters a row stay below SQLite's limit of 32,766.
const ROWS_PER_INSERT: usize = 1024;

const BAR_COLUMNS: [&str; 9] = [
    "stock_no",
    "session",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "adjustment_factor",
    "basis",
];

const STOCK_COLUMNS: [&str; 6] = [
    "stock_no",
    "code",
    "name",
    "market",
    "first_session",
    "last_session",
];

const CREATE_BARS: &str = "CREATE TEMPORARY TABLE staged_bars (
    stock_no INTEGER NOT NULL, session DATE_TEXT NOT NULL,
    open DOUBLE PRECISION NOT NULL, high DOUBLE PRECISION NOT NULL,
    low DOUBLE PRECISION NOT NULL, close DOUBLE PRECISION NOT NULL,
    volume DOUBLE PRECISION NOT NULL, adjustment_factor DOUBLE PRECISION NOT NULL,
    basis TEXT NOT NULL)";

const CREATE_STOCKS: &str = "CREATE TEMPORARY TABLE staged_stocks (
    stock_no INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, market TEXT NOT NULL,
    first_session DATE_TEXT NOT NULL, last_session DATE_TEXT NOT NULL, stock_id BIGINT)";

/// The bars and stocks of one import, not yet part of the store.
pub(super) struct Staging<'t> {
    transaction: &'t DatabaseTransaction,
    waiting: Vec<AdmittedBar>,
    n_staged: u64,
    insert_full_batch: String,
}

impl<'t> Staging<'t> {
    pub(super) async fn create(transaction: &'t DatabaseTransaction) -> Result<Self, DbErr> {
        for create in [CREATE_BARS, CREATE_STOCKS] {
            let create = match transaction.get_database_backend() {
                sea_orm::DbBackend::Sqlite => create.to_owned(),
                _ => create.replace("DATE_TEXT", "DATE"),
            };
            transaction.execute_unprepared(&create).await?;
        }
        Ok(Self {
            transaction,
            waiting: Vec::with_capacity(ROWS_PER_INSERT),
            n_staged: 0,
            insert_full_batch: insert_rows("staged_bars", &BAR_COLUMNS, ROWS_PER_INSERT),
        })
    }

    /// Takes bars in; `bars` is empty afterwards.
    pub(super) async fn add(&mut self, bars: &mut Vec<AdmittedBar>) -> Result<(), DbErr> {
        self.waiting.append(bars);
        let n_full = self.waiting.len() / ROWS_PER_INSERT * ROWS_PER_INSERT;
        for batch in self.waiting[..n_full].chunks(ROWS_PER_INSERT) {
            self.insert(&self.insert_full_batch, batch).await?;
        }
        self.n_staged += n_full as u64;
        self.waiting.drain(..n_full);
        Ok(())
    }

    /// Writes what is left, and the stocks; gives the number of bars.
    pub(super) async fn finish(mut self, stocks: &[AdmittedStock]) -> Result<u64, DbErr> {
        if !self.waiting.is_empty() {
            let sql = insert_rows("staged_bars", &BAR_COLUMNS, self.waiting.len());
            self.insert(&sql, &self.waiting).await?;
            self.n_staged += self.waiting.len() as u64;
        }
        for (chunk_idx, chunk) in stocks.chunks(ROWS_PER_INSERT).enumerate() {
            let sql = insert_rows("staged_stocks", &STOCK_COLUMNS, chunk.len());
            let first_no = chunk_idx * ROWS_PER_INSERT;
            let values = chunk
                .iter()
                .enumerate()
                .flat_map(|(idx, stock)| stock_values(first_no + idx, stock))
                .collect();
            let backend = self.transaction.get_database_backend();
            let insert = statement(backend, &sql, values);
            self.transaction.execute_raw(insert).await?;
        }
        self.waiting.clear();
        Ok(self.n_staged)
    }

    async fn insert(&self, sql: &str, bars: &[AdmittedBar]) -> Result<(), DbErr> {
        let mut values = Vec::with_capacity(bars.len() * BAR_COLUMNS.len());
        for admitted in bars {
            let bar = &admitted.bar;
            values.extend([
                Value::from(i64::from(admitted.stock_no)),
                admitted.session.into(),
                bar.open.into(),
                bar.high.into(),
                bar.low.into(),
                bar.close.into(),
                bar.volume.into(),
                bar.adjustment_factor.into(),
                bar.basis.as_str().into(),
            ]);
        }
        let backend = self.transaction.get_database_backend();
        let insert = statement(backend, sql, values);
        self.transaction.execute_raw(insert).await.map(|_| ())
    }
}

fn stock_values(stock_no: usize, stock: &AdmittedStock) -> [Value; STOCK_COLUMNS.len()] {
    [
        (stock_no as i64).into(),
        stock.code.as_str().into(),
        stock.name.as_str().into(),
        stock.market.as_str().into(),
        stock.first_session.into(),
        stock.last_session.into(),
    ]
}
