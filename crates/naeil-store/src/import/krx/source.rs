//! One session of both markets as a source of rows.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;

use super::super::row::{ReadRow, RefusedRow, RowSink, RowSource};
use super::KrxMarket;
use super::client::KrxClient;
use super::error::KrxError;
use super::reply::KrxRow;
use crate::error::ImportError;

/// The trading of KOSPI and KOSDAQ on one session.
#[derive(Debug)]
pub struct KrxSource {
    client: Arc<KrxClient>,
    session: NaiveDate,
    rows: Option<Vec<(KrxMarket, KrxRow)>>,
}

impl KrxSource {
    /// What every [`Self::source_name`] begins with.
    pub const NAME_PREFIX: &'static str = "krx:";

    /// A session that has not been asked for yet.
    pub fn new(client: Arc<KrxClient>, session: NaiveDate) -> Self {
        Self {
            client,
            session,
            rows: None,
        }
    }

    /// What the import of a session is called in the table of runs.
    pub fn source_name(session: NaiveDate) -> String {
        format!("{}{session}", Self::NAME_PREFIX)
    }
}

#[async_trait]
impl RowSource for KrxSource {
    async fn fetch(&mut self) -> Result<(), ImportError> {
        if self.rows.is_some() {
            return Ok(());
        }
        let (client, session) = (Arc::clone(&self.client), self.session);
        let fetched = tokio::task::spawn_blocking(move || {
            let mut rows = Vec::new();
            for market in KrxMarket::ALL {
                let of_market = client.day(market, session)?;
                rows.extend(of_market.into_iter().map(|row| (market, row)));
            }
            Ok::<_, KrxError>(rows)
        });
        let rows = fetched.await.map_err(|panic| KrxError::Unexpected {
            market: "KOSPI and KOSDAQ",
            session: self.session,
            detail: panic.to_string(),
        })??;
        self.rows = Some(rows);
        Ok(())
    }

    fn read(&mut self, _max_rows: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError> {
        let rows = self.rows.iter().flatten();
        for (line, (market, row)) in (1..).zip(rows) {
            match row.typed(line, *market, self.session) {
                Ok(typed) => sink(ReadRow::Typed(typed))?,
                Err(refusal) => sink(ReadRow::Refused(RefusedRow {
                    line,
                    code: row.code(),
                    date: row.date_text(),
                    refusal,
                }))?,
            }
        }
        Ok(false)
    }

    fn total_rows(&self) -> Option<u64> {
        self.rows.as_ref().map(|rows| rows.len() as u64)
    }
}
