//! Opening the store.

mod address;
mod postgres;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use naeil_domain::{Exchange, LiveCalendar, TradingCalendar};
use sea_orm::{
    AccessMode, ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, IsolationLevel, TransactionOptions, TransactionTrait,
};

use crate::error::StoreOpenError;
use crate::import::wait_for_turns;
use crate::migrations::{Migrator, Standing, apply, standing};
use address::without_password;

/// The store. Cheap to clone: clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: DatabaseConnection,
    pub(crate) calendar: LiveCalendar,
    pub(crate) exchange: Exchange,
}

impl Store {
    /// Opens the database at `url`, bringing its schema up to date: `sqlite://PATH`, whose file is
    /// created if it is missing, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, which must
    /// exist. A schema that a later version has only expanded is taken as it is.
    ///
    /// # Errors
    /// [`StoreOpenError`] saying what stands in the way and what to do, never with a password.
    pub async fn open(url: &str) -> Result<Self, StoreOpenError> {
        if url.starts_with("sqlite::memory:") {
            return Self::open_in_memory().await;
        }
        if url.starts_with("sqlite:") {
            return Self::connect(url, sqlite::file(url)).await;
        }
        if let Some(url) = postgres::normalised(url) {
            postgres::check(&url).await?;
            return Self::connect(&url, postgres::pool(&url)).await;
        }
        Err(StoreOpenError::Unsupported {
            scheme: url.split(':').next().unwrap_or_default().to_owned(),
        })
    }

    /// Opens the database file at `path`, as [`Self::open`] does.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_file(path: &Path) -> Result<Self, StoreOpenError> {
        Self::open(&sqlite::url(path)).await
    }

    /// Opens a database that lives as long as its last handle.
    ///
    /// # Errors
    /// [`StoreOpenError`] if SQLite itself fails.
    pub async fn open_in_memory() -> Result<Self, StoreOpenError> {
        Self::connect(sqlite::MEMORY, sqlite::memory()).await
    }

    /// Replaces the calendar that says which sessions a read spans; by default the XKRX calendar
    /// that ships with naeil. A live one may be replaced later, and the next read spans the sessions
    /// of the new one.
    #[must_use]
    pub fn with_calendar(mut self, calendar: impl Into<LiveCalendar>) -> Self {
        self.calendar = calendar.into();
        self
    }

    /// A handle on the bars, stocks, corporate actions and refused rows of another exchange; by
    /// default those of XKRX. The prediction log and the ledger are the same for all.
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

    /// One transaction is one snapshot: an import that commits meanwhile is seen whole in the next
    /// read or not at all in this one.
    pub(crate) async fn snapshot(
        &self,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<DatabaseTransaction, DbErr> {
        if let Some(known_at) = known_at {
            wait_for_turns(&self.db, known_at).await?;
        }
        match self.db.get_database_backend() {
            DbBackend::Postgres => {
                let options = TransactionOptions {
                    isolation_level: Some(IsolationLevel::RepeatableRead),
                    access_mode: Some(AccessMode::ReadOnly),
                    ..TransactionOptions::default()
                };
                self.db.begin_with_options(options).await
            }
            _ => self.db.begin().await,
        }
    }

    /// The calendar, where the exchange of this handle has one.
    pub(crate) fn exchange_calendar(&self) -> Option<Arc<TradingCalendar>> {
        self.exchange
            .has_calendar()
            .then(|| self.calendar.current())
    }

    async fn connect(url: &str, mut options: ConnectOptions) -> Result<Self, StoreOpenError> {
        options.sqlx_logging(false);
        let address = without_password(url);
        let open_error = |source| StoreOpenError::Open {
            url: address.clone(),
            source: Box::new(source),
        };
        let migrate_error = |source| StoreOpenError::Migrate {
            url: address.clone(),
            source: Box::new(source),
        };
        let db = Database::connect(options.clone())
            .await
            .map_err(open_error)?;
        // Looking first keeps an ordinary start from waiting behind another process that writes.
        match standing::<Migrator>(&db).await.map_err(migrate_error)? {
            Standing::Ready => {}
            Standing::Newer { step } => {
                return Err(StoreOpenError::Newer { url: address, step });
            }
            Standing::Behind if url.starts_with("sqlite://") => {
                options.max_connections(1);
                let single = Database::connect(options).await.map_err(open_error)?;
                apply::<Migrator>(&single).await.map_err(migrate_error)?;
                single.close().await.map_err(open_error)?;
            }
            Standing::Behind => apply::<Migrator>(&db).await.map_err(migrate_error)?,
        }
        Ok(Self {
            db,
            calendar: TradingCalendar::xkrx().into(),
            exchange: Exchange::default(),
        })
    }
}

#[cfg(test)]
mod tests;
