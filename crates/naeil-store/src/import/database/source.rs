//! The bars of the other team's database as a source of rows.

use std::time::Duration;

use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait as _, Database, DatabaseTransaction, DbBackend,
    IsolationLevel, TransactionTrait as _,
};

use super::super::columns::{Columns, ColumnsError};
use super::super::reading::Reading;
use super::super::row::{ReadRow, RefusedRow, RowSink, RowSource};
use super::error::{DatabaseError, detail};
use super::mapping::DatabaseMapping;
use super::query::Query;
use crate::error::ImportError;
use crate::sql::statement;

/// Rows that are held at once.
const ROWS_PER_FETCH: usize = 4096;

/// How long we wait for the other team's server to let us in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Which sessions to read; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRange {
    /// The first; `None` for all there are.
    pub since: Option<NaiveDate>,
    /// The last.
    pub until: NaiveDate,
}

/// A read-only view of somebody's tables, read through a cursor.
#[derive(Debug)]
pub struct DatabaseSource {
    transaction: DatabaseTransaction,
    reading: Reading,
    n_columns: usize,
    rows: Vec<Vec<Option<String>>>,
    rows_read: u64,
}

impl DatabaseSource {
    /// What every source name of such an import begins with.
    pub const NAME_PREFIX: &'static str = "database:";

    /// Connects, checks that every table and column of the mapping is there, and starts to read.
    ///
    /// # Errors
    /// [`DatabaseError`] saying what is missing or refused.
    pub async fn open(
        url: &str,
        mapping: &DatabaseMapping,
        range: SessionRange,
    ) -> Result<Self, DatabaseError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(DatabaseError::unsupported(url));
        }
        let layout = mapping.layout()?;
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(1)
            .connect_timeout(CONNECT_TIMEOUT)
            .acquire_timeout(CONNECT_TIMEOUT)
            .sqlx_logging(false);
        let cannot_connect = |error| DatabaseError::Connect {
            detail: detail(&error),
        };
        let database = Database::connect(options).await.map_err(cannot_connect)?;
        let transaction = database
            .begin_with_config(
                Some(IsolationLevel::RepeatableRead),
                Some(AccessMode::ReadOnly),
            )
            .await
            .map_err(cannot_connect)?;
        let columns = mapping.columns();
        let query = Query::build(&transaction, mapping, &columns, range).await?;
        let failed = DatabaseError::query("reading its prices");
        // A time stamp with a zone falls on the exchange's date.
        let zone = "SET LOCAL TIME ZONE 'Asia/Seoul'";
        transaction
            .execute_unprepared(zone)
            .await
            .map_err(&failed)?;
        let sql = format!("DECLARE naeil_bars NO SCROLL CURSOR FOR {}", query.sql);
        let declare = statement(DbBackend::Postgres, &sql, query.values);
        transaction.execute_raw(declare).await.map_err(&failed)?;
        let header: Vec<&str> = columns.iter().map(|column| column.value).collect();
        let found = Columns::find(&header, &layout).map_err(|error| DatabaseError::Query {
            doing: "finding its columns",
            detail: match error {
                ColumnsError::Duplicate(column) => column,
                ColumnsError::Missing { missing, .. } => missing.join(", "),
            },
            remedy: "",
        })?;
        Ok(Self {
            transaction,
            reading: Reading::new(found, &layout),
            n_columns: columns.len(),
            rows: Vec::new(),
            rows_read: 0,
        })
    }

    async fn next_rows(&self) -> Result<Vec<Vec<Option<String>>>, sea_orm::DbErr> {
        let sql = format!("FETCH FORWARD {ROWS_PER_FETCH} FROM naeil_bars");
        let fetch = statement(DbBackend::Postgres, &sql, Vec::new());
        let rows = self.transaction.query_all_raw(fetch).await?;
        rows.iter()
            .map(|row| {
                (0..self.n_columns)
                    .map(|at| row.try_get_by_index(at))
                    .collect()
            })
            .collect()
    }
}

#[async_trait]
impl RowSource for DatabaseSource {
    async fn fetch(&mut self) -> Result<(), ImportError> {
        let failed = DatabaseError::query("reading its prices");
        self.rows = self.next_rows().await.map_err(&failed)?;
        Ok(())
    }

    fn read(&mut self, _max_rows: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError> {
        for row in &self.rows {
            self.rows_read += 1;
            let text = |at: usize| row.get(at).and_then(Option::as_deref).unwrap_or_default();
            match self
                .reading
                .typed(self.rows_read, &|at| Ok(text(at).trim()))
            {
                Ok(typed) => sink(ReadRow::Typed(typed))?,
                Err(refusal) => sink(ReadRow::Refused(RefusedRow {
                    line: self.rows_read,
                    // The first two columns of every query.
                    code: text(0),
                    date: text(1),
                    refusal,
                }))?,
            }
        }
        Ok(!self.rows.is_empty())
    }
}
