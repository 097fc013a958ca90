//! Reading bars into a panel.

use std::collections::HashMap;

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use naeil_domain::ports::StoreError;
use naeil_domain::{Bar, BarPanel, BarPanelBuilder};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, StreamTrait};

use super::axis::SessionAxis;
use super::blocks::Block;
use super::{known, only_listed};
use crate::actions::Factors;
use crate::packed::block_of;
use crate::sql::{statement, store_error};
use crate::stocks::KnownStock;

/// The months that hold the sessions, one range of the key a stock. `CROSS JOIN` fixes the order of
/// the loops in SQLite, which would otherwise be free to read the whole table.
pub(super) fn statement_for(
    db: &impl ConnectionTrait,
    stocks: &[KnownStock],
    only_some: bool,
    (first, last): (NaiveDate, NaiveDate),
) -> Statement {
    let exchange = stocks.first().map(|known| known.stock.market.exchange());
    let mut sql = "SELECT b.stock_id, b.block, b.bars FROM stocks k CROSS JOIN bar_blocks b \
                   WHERE b.stock_id = k.id AND b.block >= ? AND b.block <= ? AND k.exchange = ?"
        .to_owned();
    sql.push_str(&only_listed(stocks, only_some));
    let values = vec![
        block_of(first).into(),
        block_of(last).into(),
        exchange.unwrap_or_default().as_str().into(),
    ];
    statement(db.get_database_backend(), &sql, values)
}

/// A panel that is being filled.
pub(super) struct Fill {
    builder: BarPanelBuilder,
    axis: SessionAxis,
    idx_of: HashMap<i64, usize>,
    has_bar: Vec<bool>,
    factors: Factors,
    bounds: (NaiveDate, NaiveDate),
}

impl Fill {
    pub(super) fn new(
        axis: SessionAxis,
        known: Vec<KnownStock>,
        factors: Factors,
        bounds: (NaiveDate, NaiveDate),
    ) -> Self {
        let idx_of = known.iter().enumerate().map(|(idx, known)| (known.id, idx));
        let idx_of = idx_of.collect();
        let stocks: Vec<_> = known.into_iter().map(|known| known.stock).collect();
        Self {
            has_bar: vec![false; stocks.len()],
            builder: BarPanelBuilder::new(axis.sessions().to_vec(), stocks),
            axis,
            idx_of,
            factors,
            bounds,
        }
    }

    /// Reads packed months, in any order.
    pub(super) async fn read_blocks(
        mut self,
        snapshot: &DatabaseTransaction,
        query: Statement,
    ) -> Result<BarPanel, StoreError> {
        let failed = store_error("reading bars");
        let mut rows = snapshot.stream_raw(query).await.map_err(&failed)?;
        while let Some(row) = rows.try_next().await.map_err(&failed)? {
            let block = Block::decode(&row).map_err(&failed)?;
            let Some(&stock_idx) = self.idx_of.get(&block.stock_id) else {
                continue;
            };
            for packed in block.bars().map_err(&failed)? {
                self.set(block.stock_id, stock_idx, packed.session, packed.bar)?;
            }
        }
        drop(rows);
        Ok(self.build())
    }

    /// Reads rows of the history; of several revisions the last one wins, because it comes last.
    pub(super) async fn read_history(
        mut self,
        snapshot: &DatabaseTransaction,
        query: Statement,
    ) -> Result<BarPanel, StoreError> {
        let failed = store_error("reading bars");
        let mut rows = snapshot.stream_raw(query).await.map_err(&failed)?;
        while let Some(row) = rows.try_next().await.map_err(&failed)? {
            let (stock_id, packed) = known::decode(&row).map_err(&failed)?;
            if let Some(&stock_idx) = self.idx_of.get(&stock_id) {
                self.set(stock_id, stock_idx, packed.session, packed.bar)?;
            }
        }
        drop(rows);
        Ok(self.build())
    }

    fn set(
        &mut self,
        stock_id: i64,
        stock_idx: usize,
        session: NaiveDate,
        mut bar: Bar,
    ) -> Result<(), StoreError> {
        if session < self.bounds.0 || session > self.bounds.1 {
            return Ok(());
        }
        let session_idx = self.axis.index_of(session).ok_or_else(|| {
            StoreError::Corrupt(format!("bars of {session}, which exchange_sessions lacks"))
        })?;
        bar.adjustment_factor *= self.factors.of(stock_id).at(session);
        self.builder.set(stock_idx, session_idx, &bar);
        self.has_bar[stock_idx] = true;
        Ok(())
    }

    fn build(mut self) -> BarPanel {
        for (&stock_id, &stock_idx) in &self.idx_of {
            for &session in self.factors.seams(stock_id) {
                if let Some(session_idx) = self.axis.index_from(session) {
                    self.builder.mark_seam(stock_idx, session_idx);
                }
            }
        }
        let panel = self.builder.build();
        if self.has_bar.iter().all(|&has_bar| has_bar) {
            return panel;
        }
        panel.retain_stocks(|stock_idx, _| self.has_bar[stock_idx])
    }
}
