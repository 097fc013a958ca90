//! One import from the first row to the commit.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use naeil_domain::Digest;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::admission::{Admission, AdmittedBar};
use super::merge::{Merge, Merged};
use super::refused::RefusedRows;
use super::rejects::RejectsWriter;
use super::report::{ImportOptions, ImportPhase, ImportProgress, ImportReport};
use super::row::{ReadRow, Refusal, RowSource};
use super::staging::{Staging, drop_staging};
use crate::entities::import_run;
use crate::error::ImportError;
use crate::sql::store_error;
use crate::store::Store;

/// Rows between two writes, and between two reports of progress.
const ROWS_PER_READ: usize = 4096;

/// Held by a PostgreSQL transaction that adds to the store, until it ends.
const IMPORT_LOCK: &str = "SELECT pg_advisory_xact_lock(7305519283)";

/// The same for those who only wait; they do not keep each other waiting.
const LOCK_TO_READ: &str = "SELECT pg_advisory_xact_lock_shared(7305519283)";

/// No last step takes longer.
const LONGEST_TURN: TimeDelta = TimeDelta::hours(1);

/// Waits until no other import is in its last step. Runs are then numbered, and known as of times,
/// in the order in which they become visible; SQLite sees to that itself at the first write.
pub(crate) async fn take_turn(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        no_time_limit(transaction).await?;
        transaction.execute_unprepared(IMPORT_LOCK).await?;
    }
    Ok(())
}

/// Waits, before a read as known at a recent time, for an import that is in its last step: what it
/// adds is known as of the beginning of that step and seen only after its end, so a read in between
/// would not see what the same read sees later.
pub(crate) async fn wait_for_turns(
    db: &DatabaseConnection,
    known_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    if known_at < Utc::now() - LONGEST_TURN {
        return Ok(());
    }
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let turn = db.begin_with_options(options).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        turn.execute_unprepared(LOCK_TO_READ).await?;
    }
    turn.rollback().await
}

/// An import takes as long as it takes.
async fn no_time_limit(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let sql = "SET LOCAL statement_timeout = 0";
        transaction.execute_unprepared(sql).await?;
    }
    Ok(())
}

impl Store {
    /// Imports every row of `source` that makes sense, in one transaction: after an error, or when
    /// the future is dropped half-way, the store is as it was.
    ///
    /// A value that differs from the one known for its (code, session) becomes its next revision;
    /// equal ones change nothing, so importing again is harmless. A dry run counts the same and
    /// leaves the store as it was. Reading and judging rows happen
    /// on the calling task; a server should import from a task of its own.
    ///
    /// # Errors
    /// [`ImportError`]; nothing is stored then. It is an error, too, if more than half of the rows
    /// are refused.
    pub async fn import(
        &self,
        source: &mut dyn RowSource,
        options: &ImportOptions,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<ImportReport, ImportError> {
        let started = (Instant::now(), Utc::now());
        let transaction = self.db.begin().await.map_err(failed)?;
        no_time_limit(&transaction).await.map_err(failed)?;
        let mut intake = Intake::new(options);
        let mut staging = Staging::create(&transaction).await.map_err(failed)?;
        loop {
            source.fetch().await?;
            let more = intake.read(source)?;
            staging.add(&mut intake.admitted).await.map_err(failed)?;
            if !more {
                break;
            }
            progress(intake.progress(ImportPhase::Reading, source));
        }
        progress(intake.progress(ImportPhase::Storing, source));
        let rejects_file = intake.rejects.finish()?;
        intake.judge(&rejects_file)?;

        let stocks = intake.admission.stocks();
        let staged = staging.finish(stocks).await.map_err(failed)?;
        let run = Run {
            options,
            digest: source.digest(),
            started_at: started.1,
            rows_read: intake.rows_read,
            admission: &intake.admission,
            refused: &intake.refused,
            staged,
        };
        let merged = run.store(&transaction).await.map_err(failed)?;
        if options.dry_run {
            transaction.rollback().await.map_err(failed)?;
        } else {
            transaction.commit().await.map_err(failed)?;
        }
        Ok(ImportReport {
            rows_read: intake.rows_read,
            stored: merged.stored,
            corrected: merged.corrected,
            unchanged: staged - merged.stored - merged.corrected,
            refused: intake.refused.by_reason().clone(),
            rejects_file,
            elapsed: started.0.elapsed(),
        })
    }
}

fn failed(error: DbErr) -> ImportError {
    ImportError::Store(store_error("importing bars")(error))
}

/// The reading side: rows come in, admitted bars and counted refusals come out.
struct Intake<'o> {
    options: &'o ImportOptions,
    admission: Admission<'o>,
    admitted: Vec<AdmittedBar>,
    rejects: RejectsWriter,
    rows_read: u64,
    refused: RefusedRows,
}

impl<'o> Intake<'o> {
    fn new(options: &'o ImportOptions) -> Self {
        Self {
            options,
            admission: Admission::new(options),
            admitted: Vec::with_capacity(ROWS_PER_READ),
            rejects: RejectsWriter::new(options.rejects_file.clone()),
            rows_read: 0,
            refused: RefusedRows::default(),
        }
    }

    fn read(&mut self, source: &mut dyn RowSource) -> Result<bool, ImportError> {
        source.read(ROWS_PER_READ, &mut |row| {
            self.rows_read += 1;
            match row {
                ReadRow::Typed(row) => match self.admission.admit(&row) {
                    Ok(admitted) => {
                        self.admitted.push(admitted);
                        Ok(())
                    }
                    Err(refusal) => {
                        let date = row.date.to_string();
                        self.refuse(row.line, row.code, &date, &refusal)
                    }
                },
                ReadRow::Refused(row) => self.refuse(row.line, row.code, row.date, &row.refusal),
            }
        })
    }

    fn refuse(
        &mut self,
        line: u64,
        code: &str,
        date: &str,
        refusal: &Refusal,
    ) -> Result<(), ImportError> {
        self.refused.add(refusal.reason.code(), code, date);
        self.rejects.write(line, code, date, refusal)
    }

    fn progress(&self, phase: ImportPhase, source: &dyn RowSource) -> ImportProgress {
        ImportProgress {
            phase,
            rows_read: self.rows_read,
            total_rows: source.total_rows(),
            bytes_read: source.bytes_read(),
            total_bytes: source.total_bytes(),
        }
    }

    /// Refuses the source as a whole if there is nothing in it or most of it was refused.
    fn judge(&self, rejects_file: &Option<std::path::PathBuf>) -> Result<(), ImportError> {
        let source_name = self.options.source_name.clone();
        if self.rows_read == 0 {
            return Err(ImportError::NoRows { source_name });
        }
        let refused = self.refused.total();
        if refused * 2 <= self.rows_read {
            return Ok(());
        }
        let by_reason = self.refused.by_reason();
        let mut reasons: Vec<(&str, u64)> = by_reason.iter().map(|(&r, &n)| (r, n)).collect();
        reasons.sort_by_key(|&(reason, n)| (std::cmp::Reverse(n), reason));
        let by_reason: Vec<String> = reasons
            .iter()
            .map(|(reason, n)| format!("{reason} {n}"))
            .collect();
        Err(ImportError::MostlyRefused {
            source_name,
            rows_read: self.rows_read,
            refused,
            by_reason: by_reason.join(", "),
            rejects_file: rejects_file.clone(),
        })
    }
}

/// The writing side of one import.
struct Run<'r> {
    options: &'r ImportOptions,
    digest: Option<Digest>,
    started_at: DateTime<Utc>,
    rows_read: u64,
    admission: &'r Admission<'r>,
    refused: &'r RefusedRows,
    staged: u64,
}

impl Run<'_> {
    /// Writes the run and its bars. Its first statement is the first of the whole transaction that
    /// touches the store itself, and it writes: a transaction that has read before would be turned
    /// away by SQLite if another one had written since.
    async fn store(&self, transaction: &DatabaseTransaction) -> Result<Merged, DbErr> {
        take_turn(transaction).await?;
        let run = self.row()?.insert(transaction).await?;
        // Taken once it is this run's turn, so that runs are recorded in the order of their ids.
        let recorded_at = Utc::now();
        let merge = Merge {
            transaction,
            run_id: run.id,
            recorded_at,
            calendar: &self.options.calendar,
            stocks: self.admission.stocks(),
            sessions: self.admission.sessions(),
        };
        let merged = merge.run().await?;
        let exchange_of = |code: &str| self.admission.exchange_of(code);
        self.refused.store(transaction, run.id, exchange_of).await?;
        drop_staging(transaction).await?;
        let counts = import_run::ActiveModel {
            id: Set(run.id),
            finished_at: Set(Utc::now()),
            stored: Set(to_i64(merged.stored)?),
            corrected: Set(to_i64(merged.corrected)?),
            unchanged: Set(to_i64(self.staged - merged.stored - merged.corrected)?),
            actions: Set(to_i64(merged.actions)?),
            ..Default::default()
        };
        counts.update(transaction).await?;
        Ok(merged)
    }

    fn row(&self) -> Result<import_run::ActiveModel, DbErr> {
        let by_reason = serde_json::to_string(self.refused.by_reason())
            .map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(import_run::ActiveModel {
            id: NotSet,
            source_name: Set(self.options.source_name.clone()),
            source_digest: Set(self.digest.map(|digest| digest.to_string())),
            origin: Set(self.options.origin.as_str().to_owned()),
            started_at: Set(self.started_at),
            finished_at: Set(self.started_at),
            rows_read: Set(to_i64(self.rows_read)?),
            stored: Set(0),
            corrected: Set(0),
            unchanged: Set(0),
            refused: Set(to_i64(self.refused.total())?),
            refused_by_reason: Set(Some(by_reason)),
            actions: Set(0),
        })
    }
}

fn to_i64(n: u64) -> Result<i64, DbErr> {
    i64::try_from(n).map_err(|_| DbErr::Type(format!("{n} does not fit a column")))
}
