//! The history behind the bars: what a quality check reads.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use naeil_domain::ports::{BarHistory, BarRequest, BarSink, RefusedBar, StoreError, StoredBar};
use naeil_domain::{Bar, CorporateAction, Session};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult};

use crate::actions::{Factors, actions_in_force};
use crate::bars::Span;
use crate::bars::blocks::blocks_of;
use crate::bars::known_bars;
use crate::packed::{PackedBar, block_of};
use crate::sql::{statement, store_error};
use crate::store::Store;

/// Stocks whose bars are held in memory at once: 20 years of one are 320 KB.
const STOCKS_AT_ONCE: usize = 32;

/// The same row refused by several imports is told once.
const REFUSED: &str = "\
    SELECT code, date, reason, MAX(count) FROM refused_rows \
    WHERE exchange IS NULL OR exchange = ? GROUP BY code, date, reason";

#[async_trait]
impl BarHistory for Store {
    async fn scan(&self, request: &BarRequest, sink: &mut BarSink<'_>) -> Result<(), StoreError> {
        let failed = store_error("reading the history of bars");
        let snapshot = self.snapshot(request.as_known_at).await.map_err(&failed)?;
        let span = self.span(&snapshot, request).await?;
        let Span {
            stocks,
            bounds: Some(bounds),
            ..
        } = span
        else {
            return Ok(());
        };
        let factors = Factors::read(&snapshot, self.exchange, request.as_known_at).await?;
        for stocks in stocks.chunks(STOCKS_AT_ONCE) {
            let ids: Vec<i64> = stocks.iter().map(|known| known.id).collect();
            let bars = match request.as_known_at {
                Some(known_at) => known_bars(&snapshot, &ids, bounds, known_at).await,
                None => newest_bars(&snapshot, &ids, bounds).await,
            };
            let bars = bars.map_err(&failed)?;
            for known in stocks {
                let factors = factors.of(known.id);
                for packed in bars.get(&known.id).into_iter().flatten() {
                    let factor = packed.bar.adjustment_factor * factors.at(packed.session);
                    sink(StoredBar {
                        stock: &known.stock,
                        session: Session::new(packed.session),
                        bar: Bar {
                            adjustment_factor: factor,
                            ..packed.bar
                        },
                        revision: packed.revision,
                    });
                }
            }
        }
        snapshot.commit().await.map_err(&failed)
    }

    async fn actions(
        &self,
        as_known_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<CorporateAction>, StoreError> {
        let actions = actions_in_force(&self.db, self.exchange, as_known_at).await?;
        Ok(actions.into_iter().map(|(_, action)| action).collect())
    }

    async fn refused(&self) -> Result<Vec<RefusedBar>, StoreError> {
        let failed = store_error("reading refused rows");
        let values = vec![self.exchange.as_str().into()];
        let query = statement(self.db.get_database_backend(), REFUSED, values);
        let rows = self.db.query_all_raw(query).await.map_err(&failed)?;
        let decoded: Result<Vec<RefusedBar>, DbErr> = rows.iter().map(refused_bar).collect();
        let mut refused = decoded.map_err(&failed)?;
        refused.sort();
        Ok(refused)
    }
}

async fn newest_bars(
    snapshot: &DatabaseTransaction,
    ids: &[i64],
    (first, last): (NaiveDate, NaiveDate),
) -> Result<BTreeMap<i64, Vec<PackedBar>>, DbErr> {
    let mut newest: BTreeMap<i64, Vec<PackedBar>> = BTreeMap::new();
    for block in blocks_of(snapshot, ids, block_of(first), block_of(last)).await? {
        let bars = block.bars()?.into_iter();
        let wanted = bars.filter(|bar| (first..=last).contains(&bar.session));
        newest.entry(block.stock_id).or_default().extend(wanted);
    }
    Ok(newest)
}

fn refused_bar(row: &QueryResult) -> Result<RefusedBar, DbErr> {
    let count: i64 = row.try_get_by_index(3)?;
    Ok(RefusedBar {
        code: row.try_get_by_index(0)?,
        date: row.try_get_by_index(1)?,
        reason: row.try_get_by_index(2)?,
        count: u64::try_from(count).map_err(|_| DbErr::Type(format!("refused_rows: {count}")))?,
    })
}
