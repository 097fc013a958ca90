//! The table of packed bars: a month of one stock in a row.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::packed::{PackedBar, unpack};
use crate::sql::statement;

/// A month of one stock.
pub(crate) struct Block {
    pub(crate) stock_id: i64,
    pub(crate) block: i32,
    pub(crate) bytes: Vec<u8>,
}

impl Block {
    pub(crate) fn decode(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            stock_id: row.try_get_by_index(0)?,
            block: row.try_get_by_index(1)?,
            bytes: row.try_get_by_index(2)?,
        })
    }

    /// Its bars, ascending.
    pub(crate) fn bars(&self) -> Result<Vec<PackedBar>, DbErr> {
        unpack(&self.bytes)
            .and_then(Iterator::collect)
            .map_err(|error| {
                let (stock_id, block) = (self.stock_id, self.block);
                DbErr::Type(format!(
                    "bar_blocks, stock {stock_id} month {block}: {error}"
                ))
            })
    }
}

/// The blocks of some stocks in a range of months, ascending by stock and month.
pub(crate) async fn blocks_of(
    db: &impl ConnectionTrait,
    stock_ids: &[i64],
    first: i32,
    last: i32,
) -> Result<Vec<Block>, DbErr> {
    let sql = format!(
        "SELECT stock_id, block, bars FROM bar_blocks \
         WHERE stock_id IN ({}) AND block >= ? AND block <= ? ORDER BY stock_id, block",
        listed(stock_ids)
    );
    let values = vec![first.into(), last.into()];
    let query = statement(db.get_database_backend(), &sql, values);
    let rows = db.query_all_raw(query).await?;
    rows.iter().map(Block::decode).collect()
}

/// The last block of each stock before a month.
pub(crate) async fn last_blocks_before(
    db: &impl ConnectionTrait,
    stock_ids: &[i64],
    block: i32,
) -> Result<Vec<Block>, DbErr> {
    let sql = format!(
        "SELECT b.stock_id, b.block, b.bars FROM bar_blocks b \
         JOIN (SELECT stock_id, MAX(block) AS block FROM bar_blocks \
               WHERE stock_id IN ({}) AND block < ? GROUP BY stock_id) l \
           ON l.stock_id = b.stock_id AND l.block = b.block \
         ORDER BY b.stock_id",
        listed(stock_ids)
    );
    let query = statement(db.get_database_backend(), &sql, vec![block.into()]);
    let rows = db.query_all_raw(query).await?;
    rows.iter().map(Block::decode).collect()
}

/// Numbers of our own, separated by commas.
pub(crate) fn listed(ids: &[i64]) -> String {
    let mut text = String::new();
    for id in ids {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{id}");
    }
    if text.is_empty() {
        "NULL".to_owned()
    } else {
        text
    }
}
