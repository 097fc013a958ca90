//! The ledger of promotion decisions.

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound as _, Utc};
use naeil_domain::ports::{Ledger, StoreError};
use naeil_domain::{Digest, LedgerEntry, Verdict};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, TryInsertResult};

use crate::entities::ledger_entry;
use crate::sql::store_error;
use crate::store::Store;

#[async_trait]
impl Ledger for Store {
    async fn record(&self, entry: &LedgerEntry) -> Result<(), StoreError> {
        // The database decides who was first, so that two processes cannot both be.
        let inserted = ledger_entry::Entity::insert(to_row(entry))
            .on_conflict_do_nothing_on([ledger_entry::Column::RunId])
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error("writing the ledger"))?;
        if matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0) {
            return Ok(());
        }
        let earlier = ledger_entry::Entity::find()
            .filter(ledger_entry::Column::RunId.eq(entry.run_id.as_str()))
            .one(&self.db)
            .await
            .map_err(store_error("reading the ledger"))?
            .map(to_domain)
            .transpose()?;
        let repeated = LedgerEntry {
            decided_at: stored_time(entry.decided_at),
            ..entry.clone()
        };
        match earlier {
            Some(earlier) if earlier == repeated => Ok(()),
            Some(earlier) => Err(StoreError::Conflict(format!(
                "run {} was already decided: {} at {}",
                entry.run_id, earlier.verdict, earlier.decided_at
            ))),
            None => Err(StoreError::Conflict(format!(
                "run {} was neither recorded nor found in the ledger",
                entry.run_id
            ))),
        }
    }

    async fn entries(&self) -> Result<Vec<LedgerEntry>, StoreError> {
        ledger_entry::Entity::find()
            .order_by_asc(ledger_entry::Column::DecidedAt)
            .order_by_asc(ledger_entry::Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error("reading the ledger"))?
            .into_iter()
            .map(to_domain)
            .collect()
    }
}

/// Databases keep microseconds.
fn stored_time(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}

fn to_row(entry: &LedgerEntry) -> ledger_entry::ActiveModel {
    ledger_entry::ActiveModel {
        id: NotSet,
        run_id: Set(entry.run_id.clone()),
        decided_at: Set(stored_time(entry.decided_at)),
        verdict: Set(entry.verdict.as_str().to_owned()),
        reason: Set(entry.reason.clone()),
        candidate_version: Set(entry.candidate_version.clone()),
        candidate_digest: Set(entry.candidate_digest.to_string()),
        champion_version: Set(entry.champion_version.clone()),
        evidence: Set(entry.evidence.clone()),
    }
}

fn to_domain(row: ledger_entry::Model) -> Result<LedgerEntry, StoreError> {
    let corrupt =
        |what: &str, text: &str| StoreError::Corrupt(format!("ledger, {what} of run: '{text}'"));
    Ok(LedgerEntry {
        decided_at: row.decided_at,
        verdict: Verdict::parse(&row.verdict).ok_or_else(|| corrupt("verdict", &row.verdict))?,
        candidate_digest: Digest::parse(&row.candidate_digest)
            .map_err(|_| corrupt("candidate digest", &row.candidate_digest))?,
        run_id: row.run_id,
        reason: row.reason,
        candidate_version: row.candidate_version,
        champion_version: row.champion_version,
        evidence: row.evidence,
    })
}
