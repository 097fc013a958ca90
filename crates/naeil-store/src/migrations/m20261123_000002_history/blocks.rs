//! The newest value of every bar, packed by the month.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use naeil_domain::{Bar, PriceBasis};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, QueryResult, Value};

use super::column;
use crate::packed::{PackedBar, block_of};
use crate::sql::{bulk, statement};

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let blocks = Table::create()
        .table("bar_blocks")
        .col(column("stock_id").big_integer().not_null())
        .col(column("block").integer().not_null())
        .col(column("bars").blob().not_null())
        .primary_key(Index::create().col("stock_id").col("block"))
        .foreign_key(&mut super::reference("bar_blocks", "stock_id", "stocks"))
        .take();
    manager.create_table(blocks).await?;
    let db = manager.get_connection();
    let ids = statement(
        db.get_database_backend(),
        "SELECT id FROM stocks ORDER BY id",
        Vec::new(),
    );
    for row in db.query_all_raw(ids).await? {
        pack_stock(db, row.try_get_by_index(0)?).await?;
    }
    Ok(())
}

async fn pack_stock(db: &impl ConnectionTrait, stock_id: i64) -> Result<(), DbErr> {
    let newest = "SELECT session, revision, open, high, low, close, volume, adjustment_factor, \
                  basis FROM bars WHERE stock_id = ? ORDER BY session, revision";
    let query = statement(db.get_database_backend(), newest, vec![stock_id.into()]);
    let mut bars = BTreeMap::new();
    for row in db.query_all_raw(query).await? {
        let bar = decode(&row)?;
        bars.insert(bar.session, bar);
    }
    let mut blocks: BTreeMap<i32, Vec<u8>> = BTreeMap::new();
    for bar in bars.values() {
        bar.pack(blocks.entry(block_of(bar.session)).or_default());
    }
    let values = blocks
        .into_iter()
        .flat_map(|(block, bars)| [Value::from(stock_id), block.into(), bars.into()])
        .collect();
    bulk::insert(db, "bar_blocks", &["stock_id", "block", "bars"], "", values).await
}

fn decode(row: &QueryResult) -> Result<PackedBar, DbErr> {
    let revision: i32 = row.try_get_by_index(1)?;
    let basis: String = row.try_get_by_index(8)?;
    Ok(PackedBar {
        session: row.try_get_by_index::<NaiveDate>(0)?,
        revision: <u32 as TryFrom<i32>>::try_from(revision)
            .map_err(|_| DbErr::Type(format!("bars: revision {revision}")))?,
        bar: Bar {
            open: row.try_get_by_index(2)?,
            high: row.try_get_by_index(3)?,
            low: row.try_get_by_index(4)?,
            close: row.try_get_by_index(5)?,
            volume: row.try_get_by_index(6)?,
            adjustment_factor: row.try_get_by_index(7)?,
            basis: PriceBasis::parse(&basis)
                .ok_or_else(|| DbErr::Type(format!("bars: unknown basis '{basis}'")))?,
        },
        base_price: None,
    })
}
