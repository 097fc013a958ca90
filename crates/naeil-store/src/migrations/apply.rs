//! Where a database's schema stands, and bringing it up to date.

use std::collections::BTreeSet;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::prelude::*;

/// Keeps two processes that bring one PostgreSQL database up to date apart.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7305519282)";

/// How a database's schema compares with what this binary knows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Steps are missing.
    Behind,
    /// Nothing is missing; later steps that only expand may have been taken.
    Ready,
    /// A step has been taken that this binary would have to know.
    Newer {
        /// The step.
        step: String,
    },
}

/// Compares without changing anything.
pub(crate) async fn standing<M: MigratorTrait>(
    db: &impl ConnectionTrait,
) -> Result<Standing, DbErr> {
    let known: BTreeSet<String> = M::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    if !has_table(db, "seaql_migrations").await? {
        return Ok(Standing::Behind);
    }
    let taken: BTreeSet<String> = texts(db, "SELECT version FROM seaql_migrations").await?;
    if taken.is_subset(&known) {
        return Ok(if taken.len() < known.len() {
            Standing::Behind
        } else {
            Standing::Ready
        });
    }
    let newest_unknown = taken.difference(&known).last().cloned();
    let newer = |step: Option<String>| Standing::Newer {
        step: step.unwrap_or_default(),
    };
    if !has_table(db, "schema_floor").await? {
        return Ok(newer(newest_unknown));
    }
    let floor = texts(db, "SELECT migration FROM schema_floor").await?;
    let unknown_floor = floor.difference(&known).last();
    if let Some(step) = unknown_floor {
        return Ok(newer(Some(step.clone())));
    }
    // A step of ours that is missing below one of theirs was never meant to follow it.
    Ok(if known.is_subset(&taken) {
        Standing::Ready
    } else {
        newer(newest_unknown)
    })
}

/// Takes every missing step in one transaction; of several processes that try, one does.
///
/// On SQLite `db` must be a single connection: references are not enforced while tables take each
/// other's places, which SQLite can only be told outside a transaction.
pub(crate) async fn apply<M: MigratorTrait>(db: &DatabaseConnection) -> Result<(), DbErr> {
    let is_sqlite = db.get_database_backend() == DbBackend::Sqlite;
    if is_sqlite {
        db.execute_unprepared("PRAGMA foreign_keys = OFF").await?;
    }
    let applied = apply_locked::<M>(db).await;
    if is_sqlite {
        db.execute_unprepared("PRAGMA foreign_keys = ON").await?;
    }
    applied
}

async fn apply_locked<M: MigratorTrait>(db: &DatabaseConnection) -> Result<(), DbErr> {
    // Taking the write lock before looking again keeps two processes that start together apart.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = db.begin_with_options(options).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        transaction
            .execute_unprepared("SET LOCAL statement_timeout = 0")
            .await?;
        transaction.execute_unprepared(MIGRATION_LOCK).await?;
    }
    M::up(&transaction, None).await?;
    transaction.commit().await
}

async fn has_table(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            format!("SELECT name FROM sqlite_master WHERE type = 'table' AND name = '{table}'")
        }
        _ => format!(
            "SELECT table_name::text FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = '{table}'"
        ),
    };
    Ok(!texts(db, &sql).await?.is_empty())
}

async fn texts(db: &impl ConnectionTrait, sql: &str) -> Result<BTreeSet<String>, DbErr> {
    let query = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(query)
        .await?
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect()
}
