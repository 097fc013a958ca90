//! Refused rows, kept with the run: totals always, single rows up to a bound.

use std::collections::{BTreeMap, HashMap};

use naeil_domain::Exchange;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use crate::sql::{bulk, statement};

/// A source of rubbish shall not fill the database.
const MAX_ROWS_KEPT: usize = 100_000;

/// Longer values are cut.
const MAX_VALUE_CHARS: usize = 40;

const COLUMNS: [&str; 6] = [
    "code",
    "date",
    "reason",
    "import_run_id",
    "exchange",
    "count",
];

const STAGE: &str = "CREATE TEMPORARY TABLE staged_refused (
    code TEXT NOT NULL, date TEXT NOT NULL, reason TEXT NOT NULL,
    import_run_id BIGINT NOT NULL, exchange TEXT, count BIGINT NOT NULL)";

/// The same file imported every day shall not be told every day.
const KEEP_NEW: &str = "\
    INSERT INTO refused_rows (code, date, reason, import_run_id, exchange, count) \
    SELECT code, date, reason, import_run_id, exchange, count FROM staged_refused s \
    WHERE NOT EXISTS (SELECT 1 FROM refused_rows r \
      WHERE r.code = s.code AND r.date = s.date AND r.reason = s.reason \
        AND r.count >= s.count AND COALESCE(r.exchange, '') = COALESCE(s.exchange, ''))";

/// Counts refused rows while a source is read.
#[derive(Debug, Default)]
pub(super) struct RefusedRows {
    by_reason: BTreeMap<&'static str, u64>,
    /// By reason, code and date.
    rows: HashMap<(&'static str, String, String), u64>,
}

impl RefusedRows {
    pub(super) fn add(&mut self, reason: &'static str, code: &str, date: &str) {
        *self.by_reason.entry(reason).or_default() += 1;
        let cut = |text: &str| -> String {
            // A database refuses text with a zero in it.
            let shown = text.chars().filter(|&c| c != '\0');
            shown.take(MAX_VALUE_CHARS).collect()
        };
        let key = (reason, cut(code), cut(date));
        if self.rows.len() < MAX_ROWS_KEPT || self.rows.contains_key(&key) {
            *self.rows.entry(key).or_default() += 1;
        }
    }

    /// Complete counts.
    pub(super) fn by_reason(&self) -> &BTreeMap<&'static str, u64> {
        &self.by_reason
    }

    pub(super) fn total(&self) -> u64 {
        self.by_reason.values().sum()
    }

    /// Writes down what no earlier run has told. `exchange_of` says whose stock a code is.
    pub(super) async fn store(
        &self,
        transaction: &DatabaseTransaction,
        run_id: i64,
        exchange_of: impl Fn(&str) -> Option<Exchange>,
    ) -> Result<(), DbErr> {
        if self.rows.is_empty() {
            return Ok(());
        }
        transaction.execute_unprepared(STAGE).await?;
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_unstable();
        for chunk in rows.chunks(4096) {
            let values = chunk
                .iter()
                .flat_map(|((reason, code, date), count)| {
                    [
                        Value::from(code.as_str()),
                        date.as_str().into(),
                        (*reason).into(),
                        run_id.into(),
                        exchange_of(code).map(Exchange::as_str).into(),
                        i64::try_from(**count).unwrap_or(i64::MAX).into(),
                    ]
                })
                .collect();
            bulk::insert(transaction, "staged_refused", &COLUMNS, "", values).await?;
        }
        let backend = transaction.get_database_backend();
        transaction
            .execute_raw(statement(backend, KEEP_NEW, Vec::new()))
            .await?;
        transaction
            .execute_unprepared("DROP TABLE staged_refused")
            .await
            .map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_complete_however_many_rows_are_kept() {
        let mut refused = RefusedRows::default();
        for n in 0..MAX_ROWS_KEPT + 10 {
            refused.add("bad_number", &n.to_string(), "2024-01-02");
        }
        refused.add("bad_number", "0", "2024-01-02");
        assert_eq!(refused.total(), MAX_ROWS_KEPT as u64 + 11);
        assert_eq!(refused.rows.len(), MAX_ROWS_KEPT);
        let first = ("bad_number", "0".to_owned(), "2024-01-02".to_owned());
        assert_eq!(refused.rows[&first], 2);
    }
}
