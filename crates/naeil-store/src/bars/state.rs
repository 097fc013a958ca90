//! The state of the bars as a whole.

use chrono::NaiveDate;
use naeil_domain::ports::{DataState, StoreError};
use naeil_domain::{DataOrigin, Exchange, Session};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::sql::{statement, store_error};

/// The revision is the newest run that changed anything of any exchange: runs are numbered in the
/// order in which they become visible.
const STATE: &str = "\
    SELECT MAX(CASE WHEN stored + corrected + actions > 0 THEN id END), \
           MIN(CASE WHEN stored + corrected > 0 THEN origin END), \
           MAX(CASE WHEN stored + corrected > 0 THEN origin END), \
           (SELECT MAX(session) FROM exchange_sessions WHERE exchange = ?) \
    FROM import_runs";

/// `None` while the exchange has not one bar.
pub(super) async fn data_state(
    db: &impl ConnectionTrait,
    exchange: Exchange,
) -> Result<Option<DataState>, StoreError> {
    let failed = store_error("reading the state of the bars");
    let values = vec![exchange.as_str().into()];
    let row = db
        .query_one_raw(statement(db.get_database_backend(), STATE, values))
        .await
        .map_err(&failed)?;
    row.and_then(|row| raw_state(&row).map_err(&failed).transpose())
        .transpose()?
        .map(|raw| raw.try_into())
        .transpose()
}

struct RawState {
    revision: i64,
    origins: (String, String),
    last_session: NaiveDate,
}

/// Aggregates over nothing are null.
fn raw_state(row: &QueryResult) -> Result<Option<RawState>, DbErr> {
    let revision: Option<i64> = row.try_get_by_index(0)?;
    let last_session: Option<NaiveDate> = row.try_get_by_index(3)?;
    let (Some(revision), Some(last_session)) = (revision, last_session) else {
        return Ok(None);
    };
    Ok(Some(RawState {
        revision,
        origins: (row.try_get_by_index(1)?, row.try_get_by_index(2)?),
        last_session,
    }))
}

impl TryFrom<RawState> for DataState {
    type Error = StoreError;

    fn try_from(raw: RawState) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("import_runs: {what}"));
        let origin = |text: &str| DataOrigin::parse(text).ok_or_else(|| corrupt(text));
        let (least, greatest) = (origin(&raw.origins.0)?, origin(&raw.origins.1)?);
        Ok(Self {
            revision: u64::try_from(raw.revision).map_err(|_| corrupt("a negative id"))?,
            last_session: Session::new(raw.last_session),
            origin: if least == greatest {
                least
            } else {
                DataOrigin::Mixed
            },
        })
    }
}
