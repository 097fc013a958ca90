//! The sessions of an exchange that have bars.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use naeil_domain::{Exchange, TradingCalendar};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use crate::sql::{bulk, statement};

/// What has been observed on one exchange, this import's sessions included.
pub(super) struct Observed {
    sessions: BTreeSet<NaiveDate>,
    /// The first session that this import has filled in between others.
    pub(super) backfilled_from: Option<NaiveDate>,
}

/// Writes the sessions of an import down.
pub(super) async fn observe(
    transaction: &DatabaseTransaction,
    recorded_at: DateTime<Utc>,
    imported: &BTreeSet<(Exchange, NaiveDate)>,
) -> Result<BTreeMap<Exchange, Observed>, DbErr> {
    let mut by_exchange: BTreeMap<Exchange, BTreeSet<NaiveDate>> = BTreeMap::new();
    for &(exchange, session) in imported {
        by_exchange.entry(exchange).or_default().insert(session);
    }
    let mut observed = BTreeMap::new();
    for (exchange, imported) in by_exchange {
        let mut sessions = known(transaction, exchange).await?;
        let new: Vec<NaiveDate> = imported.difference(&sessions).copied().collect();
        let newest = sessions.last().copied();
        let backfilled_from = new
            .first()
            .copied()
            .filter(|&first| newest.is_some_and(|newest| first < newest));
        let values = new
            .iter()
            .flat_map(|&session| {
                [
                    Value::from(exchange.as_str()),
                    session.into(),
                    recorded_at.into(),
                ]
            })
            .collect();
        let columns = ["exchange", "session", "first_recorded_at"];
        bulk::insert(transaction, "exchange_sessions", &columns, "", values).await?;
        sessions.extend(new);
        let entry = Observed {
            sessions,
            backfilled_from,
        };
        observed.insert(exchange, entry);
    }
    Ok(observed)
}

async fn known(
    transaction: &DatabaseTransaction,
    exchange: Exchange,
) -> Result<BTreeSet<NaiveDate>, DbErr> {
    let query = statement(
        transaction.get_database_backend(),
        "SELECT session FROM exchange_sessions WHERE exchange = ?",
        vec![exchange.as_str().into()],
    );
    let rows = transaction.query_all_raw(query).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The sessions that the exchange held and of which no bar is known.
pub(super) struct Unobserved(Vec<NaiveDate>);

impl Unobserved {
    pub(super) fn new(
        exchange: Exchange,
        observed: Option<&Observed>,
        calendar: &TradingCalendar,
    ) -> Self {
        let Some(observed) = observed.filter(|_| exchange.has_calendar()) else {
            return Self(Vec::new());
        };
        let (Some(&first), Some(&last)) = (observed.sessions.first(), observed.sessions.last())
        else {
            return Self(Vec::new());
        };
        let held = |day: &NaiveDate| calendar.is_session(*day).is_ok_and(|held| held);
        let is_missing = |day: &NaiveDate| held(day) && !observed.sessions.contains(day);
        let days = first.iter_days().take_while(|&day| day <= last);
        Self(days.filter(is_missing).collect())
    }

    /// Whether one of them lies between two sessions.
    pub(super) fn any_between(&self, before: NaiveDate, after: NaiveDate) -> bool {
        let next = self.0.partition_point(|&day| day <= before);
        self.0.get(next).is_some_and(|&day| day < after)
    }
}
