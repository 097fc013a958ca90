//! Keeping admitted bars aside until the whole source has been read.
//!
//! They wait, packed by the month, in temporary tables of the import's own connection, so that
//! nothing of the store is locked while a file is read: other processes go on reading and logging
//! predictions. A bounded number of them waits in memory for the rest of its month.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Value};

use super::admission::{AdmittedBar, AdmittedStock};
use super::details::DETAIL_COLUMNS;
use crate::packed::{BAR_BYTES, block_of};
use crate::sql::{bulk, statement};

/// Packed bars in memory before they are written.
const MAX_BYTES_WAITING: usize = 8 << 20;

/// Rows handed to one statement.
const ROWS_PER_INSERT: usize = 4096;

const STOCK_COLUMNS: [&str; 7] = [
    "stock_no",
    "code",
    "name",
    "market",
    "exchange",
    "first_session",
    "last_session",
];

/// `?` stands for the type of bytes, `%` for that of dates.
const CREATE: [&str; 2] = [
    "CREATE TEMPORARY TABLE staged_blocks (
        stock_no BIGINT NOT NULL, block INTEGER NOT NULL, batch BIGINT NOT NULL, bars ? NOT NULL)",
    "CREATE TEMPORARY TABLE staged_stocks (
        stock_no BIGINT PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, market TEXT NOT NULL,
        exchange TEXT NOT NULL, first_session % NOT NULL, last_session % NOT NULL,
        isin TEXT, isin_as_of %, sector TEXT, sector_as_of %, listed_on %, listed_as_of %,
        delisted_on %, delisted_as_of %)",
];

const READ_BLOCKS: &str = "\
    SELECT stock_no, block, bars FROM staged_blocks \
    WHERE stock_no >= ? AND stock_no < ? ORDER BY stock_no, block, batch";

/// The bars and stocks of one import, not yet part of the store.
pub(super) struct Staging<'t> {
    transaction: &'t DatabaseTransaction,
    /// By stock and month.
    waiting: BTreeMap<(u32, i32), Vec<u8>>,
    bytes_waiting: usize,
    n_batches: i64,
    n_staged: u64,
}

impl<'t> Staging<'t> {
    pub(super) async fn create(transaction: &'t DatabaseTransaction) -> Result<Self, DbErr> {
        let (bytes, date) = match transaction.get_database_backend() {
            DbBackend::Sqlite => ("BLOB", "DATE_TEXT"),
            _ => ("BYTEA", "DATE"),
        };
        for create in CREATE {
            let create = create.replace('?', bytes).replace('%', date);
            transaction.execute_unprepared(&create).await?;
        }
        Ok(Self {
            transaction,
            waiting: BTreeMap::new(),
            bytes_waiting: 0,
            n_batches: 0,
            n_staged: 0,
        })
    }

    /// Takes bars in; `bars` is empty afterwards.
    pub(super) async fn add(&mut self, bars: &mut Vec<AdmittedBar>) -> Result<(), DbErr> {
        self.bytes_waiting += bars.len() * BAR_BYTES;
        self.n_staged += bars.len() as u64;
        for admitted in bars.drain(..) {
            let block = (admitted.stock_no, block_of(admitted.packed.session));
            admitted.packed.pack(self.waiting.entry(block).or_default());
        }
        if self.bytes_waiting >= MAX_BYTES_WAITING {
            self.write_waiting().await?;
        }
        Ok(())
    }

    /// Writes what is left, and the stocks; gives the number of bars.
    pub(super) async fn finish(mut self, stocks: &[AdmittedStock]) -> Result<u64, DbErr> {
        self.write_waiting().await?;
        let mut columns = STOCK_COLUMNS.to_vec();
        columns.extend(
            DETAIL_COLUMNS
                .iter()
                .flat_map(|&(name, as_of)| [name, as_of]),
        );
        for (chunk_idx, chunk) in stocks.chunks(ROWS_PER_INSERT).enumerate() {
            let first_no = chunk_idx * ROWS_PER_INSERT;
            let values = chunk
                .iter()
                .enumerate()
                .flat_map(|(idx, stock)| stock_values(first_no + idx, stock))
                .collect();
            bulk::insert(self.transaction, "staged_stocks", &columns, "", values).await?;
        }
        let index = "CREATE INDEX staged_blocks_of_stock ON staged_blocks (stock_no, block, batch)";
        self.transaction.execute_unprepared(index).await?;
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            // It takes an unknown table for a small one and would read all of it again and again.
            for sql in ["ANALYZE staged_blocks", "ANALYZE staged_stocks"] {
                self.transaction.execute_unprepared(sql).await?;
            }
        }
        Ok(self.n_staged)
    }

    async fn write_waiting(&mut self) -> Result<(), DbErr> {
        let blocks: Vec<_> = std::mem::take(&mut self.waiting).into_iter().collect();
        self.bytes_waiting = 0;
        self.n_batches += 1;
        let mut blocks = blocks.into_iter();
        while blocks.len() > 0 {
            let mut values = Vec::new();
            for ((stock_no, block), bars) in blocks.by_ref().take(ROWS_PER_INSERT) {
                values.extend([
                    Value::from(i64::from(stock_no)),
                    block.into(),
                    self.n_batches.into(),
                    bars.into(),
                ]);
            }
            let columns = ["stock_no", "block", "batch", "bars"];
            bulk::insert(self.transaction, "staged_blocks", &columns, "", values).await?;
        }
        Ok(())
    }
}

/// The staged bars of the stocks `from..to`: stock, month and packed bars, ascending; a month may
/// come in several pieces.
pub(super) async fn staged_blocks(
    transaction: &DatabaseTransaction,
    from: usize,
    to: usize,
) -> Result<Vec<(usize, i32, Vec<u8>)>, DbErr> {
    let values = vec![(from as i64).into(), (to as i64).into()];
    let query = statement(transaction.get_database_backend(), READ_BLOCKS, values);
    let decode = |row: &QueryResult| {
        let stock_no: i64 = row.try_get_by_index(0)?;
        let stock_no = usize::try_from(stock_no)
            .map_err(|_| DbErr::Type(format!("staged stock {stock_no}")))?;
        Ok((stock_no, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
    };
    let rows = transaction.query_all_raw(query).await?;
    rows.iter().map(decode).collect()
}

/// Drops what [`Staging`] made.
pub(super) async fn drop_staging(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    for sql in ["DROP TABLE staged_blocks", "DROP TABLE staged_stocks"] {
        transaction.execute_unprepared(sql).await?;
    }
    Ok(())
}

fn stock_values(stock_no: usize, stock: &AdmittedStock) -> impl Iterator<Item = Value> {
    let values = [
        (stock_no as i64).into(),
        stock.code.as_str().into(),
        stock.name.as_str().into(),
        stock.market.as_str().into(),
        stock.market.exchange().as_str().into(),
        stock.first_session.into(),
        stock.last_session.into(),
    ];
    values.into_iter().chain(stock.details.values())
}
