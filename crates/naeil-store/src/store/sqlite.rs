//! How SQLite is opened.

use std::path::Path;
use std::time::Duration;

use sea_orm::ConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

/// The address of a database that lives in memory.
pub(super) const MEMORY: &str = "sqlite::memory:";

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

/// Pages kept in memory by one connection, in KiB when negative; an import writes all over its
/// tables.
const CACHE_SIZE: &str = "-32768";

pub(super) fn file(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(FILE_CONNECTIONS)
        .acquire_timeout(BUSY_TIMEOUT)
        .map_sqlx_sqlite_opts(|options| {
            tuned(options)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .pragma("journal_size_limit", JOURNAL_BYTES_KEPT)
        });
    options
}

pub(super) fn memory() -> ConnectOptions {
    let mut options = ConnectOptions::new(MEMORY);
    // Each connection to :memory: is a database of its own, and closing it ends it.
    options
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(BUSY_TIMEOUT)
        .map_sqlx_sqlite_opts(tuned);
    options
}

fn tuned(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(ROWS_FETCHED_AHEAD)
        .pragma("cache_size", CACHE_SIZE)
}

/// The address of a database file; what a URL would read otherwise is escaped.
pub(super) fn url(path: &Path) -> String {
    let escaped = path
        .to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23");
    format!("sqlite://{escaped}")
}
