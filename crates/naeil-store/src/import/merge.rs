//! Adding what is new or different to the store, stock by stock.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use naeil_domain::{Exchange, TradingCalendar};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use super::admission::AdmittedStock;
use super::changes::{Changes, merged_block};
use super::details::DETAIL_COLUMNS;
use super::observed::{Observed, Unobserved, observe};
use super::staging::staged_blocks;
use super::stated::{Refresh, Touched};
use crate::bars::blocks::blocks_of;
use crate::packed::unpack;
use crate::sql::statement;

/// Stocks whose bars are held in memory at once: 20 years of one are 320 KB.
const STOCKS_AT_ONCE: usize = 32;

/// What every part of one import's last step needs.
pub(super) struct Merge<'a> {
    pub(super) transaction: &'a DatabaseTransaction,
    pub(super) run_id: i64,
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) calendar: &'a TradingCalendar,
    pub(super) stocks: &'a [AdmittedStock],
    pub(super) sessions: &'a BTreeSet<(Exchange, NaiveDate)>,
}

/// How many bars were new, how many differed from what was known, and how many statements about
/// corporate actions changed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Merged {
    pub(super) stored: u64,
    pub(super) corrected: u64,
    pub(super) actions: u64,
}

/// A stock of the import as the store knows it.
#[derive(Clone, Copy)]
struct KnownStock {
    id: i64,
    exchange: Exchange,
    /// The first session with a base price.
    stated_from: Option<NaiveDate>,
}

impl Merge<'_> {
    /// Moves what was staged into the store.
    pub(super) async fn run(&self) -> Result<Merged, DbErr> {
        self.upsert_stocks().await?;
        let known = self.known_stocks().await?;
        let observed = observe(self.transaction, self.recorded_at, self.sessions).await?;
        let mut merged = Merged::default();
        let mut touched: BTreeMap<Exchange, Vec<Touched>> = BTreeMap::new();
        for from in (0..known.len()).step_by(STOCKS_AT_ONCE) {
            let to = (from + STOCKS_AT_ONCE).min(known.len());
            let changes = self.merge_stocks(from, &known[from..to]).await?;
            merged.stored += changes.stored;
            merged.corrected += changes.corrected;
            for (known, change) in known[from..to].iter().zip(&changes.stocks) {
                let Some(first_changed) = change.first_changed else {
                    continue;
                };
                if let Some(first) = change.first_base_price
                    && known.stated_from.is_none_or(|earlier| first < earlier)
                {
                    self.set_stated_from(known.id, first).await?;
                }
                if known.stated_from.is_some() || change.first_base_price.is_some() {
                    touched.entry(known.exchange).or_default().push(Touched {
                        stock_id: known.id,
                        from: first_changed,
                    });
                }
            }
        }
        merged.actions = self.refresh_statements(touched, &observed).await?;
        Ok(merged)
    }

    async fn merge_stocks(&self, from: usize, known: &[KnownStock]) -> Result<Changes, DbErr> {
        let mut changes = Changes::new(self.run_id, self.recorded_at, known.len());
        let staged = staged_blocks(self.transaction, from, from + known.len()).await?;
        let months = || staged.iter().map(|&(_, block, _)| block);
        let (Some(first), Some(last)) = (months().min(), months().max()) else {
            return Ok(changes);
        };
        let ids: Vec<i64> = known.iter().map(|known| known.id).collect();
        let mut stored = BTreeMap::new();
        for block in blocks_of(self.transaction, &ids, first, last).await? {
            stored.insert((block.stock_id, block.block), block.bars()?);
        }
        for pieces in staged.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some(&(stock_no, block, _)) = pieces.first() else {
                continue;
            };
            let idx = stock_no - from;
            let stock_id = known[idx].id;
            let mut incoming = Vec::new();
            for (_, _, bytes) in pieces {
                let bars = unpack(bytes).map_err(|error| DbErr::Type(error.to_string()))?;
                for bar in bars {
                    incoming.push(bar.map_err(|error| DbErr::Type(error.to_string()))?);
                }
            }
            let stored = stored.remove(&(stock_id, block)).unwrap_or_default();
            let merged = merged_block(stored, incoming);
            changes.add(idx, stock_id, block, merged);
            changes.write_if_many(self.transaction).await?;
        }
        changes.write(self.transaction).await?;
        Ok(changes)
    }

    async fn refresh_statements(
        &self,
        mut touched: BTreeMap<Exchange, Vec<Touched>>,
        observed: &BTreeMap<Exchange, Observed>,
    ) -> Result<u64, DbErr> {
        let refresh = Refresh {
            transaction: self.transaction,
            run_id: self.run_id,
            recorded_at: self.recorded_at,
        };
        // Whether two bars follow each other depends on the sessions known between them, so sessions
        // filled in later concern stocks that did not trade in them as well.
        for (&exchange, observed) in observed {
            if let Some(from) = observed.backfilled_from.filter(|_| exchange.has_calendar()) {
                let known = touched.entry(exchange).or_default();
                let mut first: BTreeMap<i64, NaiveDate> =
                    known.iter().map(|t| (t.stock_id, t.from)).collect();
                for stock_id in self.stating_stocks(exchange).await? {
                    let first = first.entry(stock_id).or_insert(from);
                    // Its own bars may have changed earlier than that.
                    *first = from.min(*first);
                }
                let all = first.into_iter();
                *known = all
                    .map(|(stock_id, from)| Touched { stock_id, from })
                    .collect();
            }
        }
        let mut n_changed = 0;
        for (exchange, stocks) in touched {
            let unobserved = Unobserved::new(exchange, observed.get(&exchange), self.calendar);
            for stocks in stocks.chunks(STOCKS_AT_ONCE) {
                n_changed += refresh.refresh(stocks, exchange, &unobserved).await?;
            }
        }
        Ok(n_changed)
    }

    async fn upsert_stocks(&self) -> Result<(), DbErr> {
        let sql = statement(
            self.transaction.get_database_backend(),
            &upsert_stocks(),
            Vec::new(),
        );
        self.transaction.execute_raw(sql).await.map(|_| ())
    }

    /// In the order of the import's stocks.
    async fn known_stocks(&self) -> Result<Vec<KnownStock>, DbErr> {
        let sql = "SELECT k.id, k.stated_from FROM staged_stocks t \
                   JOIN stocks k ON k.exchange = t.exchange AND k.code = t.code \
                   ORDER BY t.stock_no";
        let query = statement(self.transaction.get_database_backend(), sql, Vec::new());
        let rows = self.transaction.query_all_raw(query).await?;
        if rows.len() != self.stocks.len() {
            let what = format!("{} of {} stocks", rows.len(), self.stocks.len());
            return Err(DbErr::RecordNotFound(what));
        }
        rows.iter()
            .zip(self.stocks)
            .map(|(row, stock)| {
                Ok(KnownStock {
                    id: row.try_get_by_index(0)?,
                    stated_from: row.try_get_by_index(1)?,
                    exchange: stock.market.exchange(),
                })
            })
            .collect()
    }

    async fn stating_stocks(&self, exchange: Exchange) -> Result<Vec<i64>, DbErr> {
        let sql = "SELECT id FROM stocks \
                   WHERE exchange = ? AND stated_from IS NOT NULL ORDER BY id";
        let values = vec![exchange.as_str().into()];
        let query = statement(self.transaction.get_database_backend(), sql, values);
        let rows = self.transaction.query_all_raw(query).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    async fn set_stated_from(&self, stock_id: i64, first: NaiveDate) -> Result<(), DbErr> {
        let sql = "UPDATE stocks SET stated_from = ? WHERE id = ?";
        let values: Vec<Value> = vec![first.into(), stock_id.into()];
        let update = statement(self.transaction.get_database_backend(), sql, values);
        self.transaction.execute_raw(update).await.map(|_| ())
    }
}

/// A stock's name and market are those of its newest session, each of its details those of the
/// newest session that states it. A name that only repeats the code states none.
fn upsert_stocks() -> String {
    let details = DETAIL_COLUMNS
        .map(|(name, as_of)| format!("{name}, {as_of}"))
        .join(", ");
    let newest_details = DETAIL_COLUMNS
        .map(|(name, as_of)| {
            let newer = format!(
                "CASE WHEN excluded.{as_of} IS NOT NULL AND (stocks.{as_of} IS NULL \
                 OR excluded.{as_of} >= stocks.{as_of})"
            );
            format!(
                "{name} = {newer} THEN excluded.{name} ELSE stocks.{name} END, \
                 {as_of} = {newer} THEN excluded.{as_of} ELSE stocks.{as_of} END"
            )
        })
        .join(", ");
    format!(
        "INSERT INTO stocks (code, name, market, exchange, first_session, last_session, {details}) \
         SELECT code, name, market, exchange, first_session, last_session, {details} \
         FROM staged_stocks WHERE stock_no >= 0 ORDER BY stock_no \
         ON CONFLICT (exchange, code) DO UPDATE SET \
           name = CASE WHEN excluded.name <> excluded.code AND (stocks.name = stocks.code \
                       OR excluded.last_session >= stocks.last_session) \
                  THEN excluded.name ELSE stocks.name END, \
           market = CASE WHEN excluded.last_session >= stocks.last_session \
                    THEN excluded.market ELSE stocks.market END, \
           first_session = CASE WHEN excluded.first_session < stocks.first_session \
                           THEN excluded.first_session ELSE stocks.first_session END, \
           last_session = CASE WHEN excluded.last_session > stocks.last_session \
                          THEN excluded.last_session ELSE stocks.last_session END, \
           {newest_details}"
    )
}
