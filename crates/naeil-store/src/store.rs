//! Opening the store.

use std::path::Path;
use std::time::Duration;

use naeil_domain::{Exchange, LiveCalendar, TradingCalendar};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::error::StoreOpenError;
use crate::migrations::Migrator;

/// How long a writer waits for another one; an import's last step holds the database longest.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// SQLite lets one connection write and any number read; more than this many do not run at once on
/// the machines we know.
const FILE_CONNECTIONS: u32 = 8;

/// Rows that a scan may fetch ahead of its reader; the default of 50 makes the two threads hand
/// over too often.
const ROWS_FETCHED_AHEAD: usize = 2048;

/// A large import makes the write-ahead file as large as itself; this much of it is kept (64 MiB).
const JOURNAL_BYTES_KEPT: &str = "67108864";

/// The store. Cheap to clone: clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: DatabaseConnection,
    pub(crate) calendar: LiveCalendar,
    pub(crate) exchange: Exchange,
}

impl Store {
    /// Opens the database at `url` (`sqlite://PATH`), creating the file if it is missing and
    /// bringing its schema up to date.
    ///
    /// # Errors
    /// [`StoreOpenError`] saying what stands in the way and what to do.
    pub async fn open(url: &str) -> Result<Self, StoreOpenError> {
        if !url.starts_with("sqlite:") {
            return Err(StoreOpenError::Unsupported {
                scheme: url.split(':').next().unwrap_or_default().to_owned(),
            });
        }
        if url.starts_with("sqlite::memory:") {
            return Self::open_in_memory().await;
        }
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(FILE_CONNECTIONS)
            .map_sqlx_sqlite_opts(|options| {
                tuned(options)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .pragma("journal_size_limit", JOURNAL_BYTES_KEPT)
            });
        Self::connect(url, options).await
    }

    /// Opens the database file at `path`, as [`Self::open`] does.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_file(path: &Path) -> Result<Self, StoreOpenError> {
        Self::open(&sqlite_url(path)).await
    }

    /// Opens a database that lives as long as its last handle.
    ///
    /// # Errors
    /// [`StoreOpenError`] if SQLite itself fails.
    pub async fn open_in_memory() -> Result<Self, StoreOpenError> {
        let url = "sqlite::memory:";
        let mut options = ConnectOptions::new(url);
        // Each connection to :memory: is a database of its own, and closing it ends it.
        options
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .map_sqlx_sqlite_opts(tuned);
        Self::connect(url, options).await
    }

    /// Replaces the calendar that says which sessions a read spans; by default the XKRX calendar
    /// that ships with naeil. A live one may be replaced later, and the next read spans the sessions
    /// of the new one.
    #[must_use]
    pub fn with_calendar(mut self, calendar: impl Into<LiveCalendar>) -> Self {
        self.calendar = calendar.into();
        self
    }

    /// A handle on the bars and stocks of another exchange; by default those of XKRX. The
    /// prediction log and the ledger are the same for all.
    #[must_use]
    pub fn for_exchange(mut self, exchange: Exchange) -> Self {
        self.exchange = exchange;
        self
    }

    /// The exchange whose bars and stocks this handle reads.
    pub fn exchange(&self) -> Exchange {
        self.exchange
    }

    /// Closes every connection, after which no clone of this handle works.
    ///
    /// # Errors
    /// `StoreError::Unavailable` if the database refuses.
    pub async fn close(self) -> Result<(), naeil_domain::ports::StoreError> {
        self.db
            .close()
            .await
            .map_err(crate::sql::store_error("closing the store"))
    }

    async fn connect(url: &str, mut options: ConnectOptions) -> Result<Self, StoreOpenError> {
        options.sqlx_logging(false).acquire_timeout(BUSY_TIMEOUT);
        let open_error = |source| StoreOpenError::Open {
            url: url.to_owned(),
            source: Box::new(source),
        };
        let db = Database::connect(options).await.map_err(open_error)?;
        migrate(&db, url).await?;
        Ok(Self {
            db,
            calendar: TradingCalendar::xkrx().into(),
            exchange: Exchange::default(),
        })
    }
}

fn tuned(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(ROWS_FETCHED_AHEAD)
}

async fn migrate(db: &DatabaseConnection, url: &str) -> Result<(), StoreOpenError> {
    let migrate_error = |source| StoreOpenError::Migrate {
        url: url.to_owned(),
        source: Box::new(source),
    };
    // Looking first keeps an ordinary start from waiting behind another process that writes.
    match Migrator::get_pending_migrations_read_only(db).await {
        Ok(pending) if pending.is_empty() => return Ok(()),
        Ok(_) => {}
        Err(DbErr::Custom(detail)) => {
            return Err(StoreOpenError::Newer {
                url: url.to_owned(),
                detail,
            });
        }
        Err(source) => return Err(migrate_error(source)),
    }
    // Taking the write lock before looking again keeps two processes that start together apart.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = db
        .begin_with_options(options)
        .await
        .map_err(migrate_error)?;
    Migrator::up(&transaction, None)
        .await
        .map_err(migrate_error)?;
    transaction.commit().await.map_err(migrate_error)
}

/// The address of a database file; what a URL would read otherwise is escaped.
fn sqlite_url(path: &Path) -> String {
    let escaped = path
        .to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23");
    format!("sqlite://{escaped}")
}

#[cfg(test)]
mod tests;
