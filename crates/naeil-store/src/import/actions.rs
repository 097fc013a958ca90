//! Corporate actions that users enter.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use naeil_domain::{ActionSource, CorporateAction, DataOrigin};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, TransactionTrait};

use super::run::take_turn;
use crate::actions::{ActionRow, insert_actions};
use crate::entities::import_run;
use crate::error::ActionsError;
use crate::sql::{statement, store_error};
use crate::stocks::known_stocks;
use crate::store::Store;

/// A corporate action and where it stands in its file.
#[derive(Debug, Clone, PartialEq)]
pub struct EnteredAction {
    /// The line; the header is line 1.
    pub line: u64,
    /// The action; whatever its source says, it is stored as entered.
    pub action: CorporateAction,
}

/// What an import of actions did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionsReport {
    /// Actions that were new or said something else than before.
    pub stored: u64,
    /// Actions that were known.
    pub unchanged: u64,
}

impl Store {
    /// Stores corporate actions of this handle's exchange, all or none. What is entered about a
    /// stock and session stands instead of what was known about them; a ratio of 1 says that
    /// nothing happened. Earlier statements stay where they are for reads as known before.
    ///
    /// Any change makes a new data revision.
    ///
    /// # Errors
    /// [`ActionsError`] naming the line; nothing is stored then.
    pub async fn import_actions(
        &self,
        source_name: &str,
        actions: &[EnteredAction],
    ) -> Result<ActionsReport, ActionsError> {
        self.check_actions(actions)?;
        let started_at = Utc::now();
        let transaction = self.db.begin().await.map_err(failed)?;
        take_turn(&transaction).await.map_err(failed)?;
        let run = run_row(source_name, started_at, actions.len());
        let run = run.insert(&transaction).await.map_err(failed)?;
        let rows = self.new_rows(&transaction, actions).await?;
        insert_actions(&transaction, run.id, Utc::now(), &rows)
            .await
            .map_err(failed)?;
        let report = ActionsReport {
            stored: rows.len() as u64,
            unchanged: (actions.len() - rows.len()) as u64,
        };
        let counts = import_run::ActiveModel {
            id: Set(run.id),
            finished_at: Set(Utc::now()),
            actions: Set(rows.len() as i64),
            unchanged: Set(report.unchanged as i64),
            ..Default::default()
        };
        counts.update(&transaction).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        Ok(report)
    }

    fn check_actions(&self, actions: &[EnteredAction]) -> Result<(), ActionsError> {
        let mut seen = HashSet::new();
        for EnteredAction { line, action } in actions {
            let (line, session) = (*line, action.session);
            if !CorporateAction::is_plausible_ratio(action.ratio) {
                let ratio = action.ratio;
                return Err(ActionsError::BadRatio { line, ratio });
            }
            let held = |calendar: &naeil_domain::TradingCalendar| {
                calendar.is_session(session.date()) != Ok(false)
            };
            if !self.exchange_calendar().is_none_or(held) {
                let exchange = self.exchange;
                return Err(ActionsError::NotASession {
                    line,
                    session,
                    exchange,
                });
            }
            if !seen.insert((&action.code, session)) {
                let code = action.code.to_string();
                return Err(ActionsError::Repeated {
                    line,
                    code,
                    session,
                });
            }
        }
        Ok(())
    }

    /// What is new or different, as the next revision.
    async fn new_rows(
        &self,
        transaction: &DatabaseTransaction,
        actions: &[EnteredAction],
    ) -> Result<Vec<ActionRow>, ActionsError> {
        let stocks = known_stocks(transaction, self.exchange)
            .await
            .map_err(ActionsError::Store)?;
        let id_of: HashMap<&str, i64> = stocks
            .iter()
            .map(|known| (known.stock.code.as_str(), known.id))
            .collect();
        let mut rows = Vec::new();
        for EnteredAction { line, action } in actions {
            let stock_id =
                *id_of
                    .get(action.code.as_str())
                    .ok_or_else(|| ActionsError::UnknownCode {
                        line: *line,
                        code: action.code.to_string(),
                        exchange: self.exchange,
                    })?;
            let known = entered(transaction, stock_id, action)
                .await
                .map_err(failed)?;
            let revision = match known {
                Some((_, kind, ratio)) if kind == action.kind.as_str() && ratio == action.ratio => {
                    continue;
                }
                Some((revision, ..)) => revision + 1,
                None => 1,
            };
            rows.push(ActionRow {
                stock_id,
                session: action.session.date(),
                source: ActionSource::Entered,
                revision,
                kind: action.kind,
                ratio: action.ratio,
            });
        }
        Ok(rows)
    }

    /// The names of the sources that have been imported and that begin with `prefix`, ascending:
    /// what need not be fetched again.
    ///
    /// # Errors
    /// `StoreError` if the store cannot be read.
    pub async fn imported_sources(
        &self,
        prefix: &str,
    ) -> Result<Vec<String>, naeil_domain::ports::StoreError> {
        let failed = store_error("reading the names of imports");
        let sql = "SELECT DISTINCT source_name FROM import_runs";
        let query = statement(self.db.get_database_backend(), sql, Vec::new());
        let rows = self.db.query_all_raw(query).await.map_err(&failed)?;
        let names: Result<Vec<String>, DbErr> =
            rows.iter().map(|row| row.try_get_by_index(0)).collect();
        let mut names = names.map_err(&failed)?;
        names.retain(|name| name.starts_with(prefix));
        names.sort();
        Ok(names)
    }
}

/// The newest entered statement about the same stock and session.
async fn entered(
    transaction: &DatabaseTransaction,
    stock_id: i64,
    action: &CorporateAction,
) -> Result<Option<(i32, String, f64)>, DbErr> {
    let sql = "SELECT revision, kind, ratio FROM corporate_actions \
               WHERE stock_id = ? AND session = ? AND source = ? \
               ORDER BY revision DESC LIMIT 1";
    let values = vec![
        stock_id.into(),
        action.session.date().into(),
        ActionSource::Entered.as_str().into(),
    ];
    let query = statement(transaction.get_database_backend(), sql, values);
    let row = transaction.query_one_raw(query).await?;
    row.map(|row| {
        Ok((
            row.try_get_by_index(0)?,
            row.try_get_by_index(1)?,
            row.try_get_by_index(2)?,
        ))
    })
    .transpose()
}

fn run_row(
    source_name: &str,
    started_at: DateTime<Utc>,
    n_actions: usize,
) -> import_run::ActiveModel {
    import_run::ActiveModel {
        id: NotSet,
        source_name: Set(source_name.to_owned()),
        source_digest: Set(None),
        // The state of the bars asks only runs that stored bars where they come from.
        origin: Set(DataOrigin::Recorded.as_str().to_owned()),
        started_at: Set(started_at),
        finished_at: Set(started_at),
        rows_read: Set(n_actions as i64),
        stored: Set(0),
        corrected: Set(0),
        unchanged: Set(0),
        refused: Set(0),
        refused_by_reason: Set(None),
        actions: Set(0),
    }
}

fn failed(error: DbErr) -> ActionsError {
    ActionsError::Store(store_error("storing corporate actions")(error))
}
