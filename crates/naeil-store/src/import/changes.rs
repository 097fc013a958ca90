//! What an import changes: new revisions of bars, and the months that hold them.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{DatabaseTransaction, DbErr, Value};

use crate::packed::{BAR_BYTES, PackedBar};
use crate::sql::bulk;

/// New revisions in memory before they are written.
const MAX_BARS_WAITING: usize = 8192;

const BAR_COLUMNS: [&str; 13] = [
    "stock_id",
    "session",
    "revision",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "adjustment_factor",
    "basis",
    "base_price",
    "recorded_at",
    "import_run_id",
];

/// A month of one stock with what an import has added.
#[derive(Debug, PartialEq)]
pub(super) struct MergedBlock {
    /// All its bars, ascending.
    bars: Vec<PackedBar>,
    /// The new revisions among them, ascending.
    changed: Vec<PackedBar>,
}

/// Adds bars to those known of a month. What differs becomes the next revision; a base price that
/// is known stays where the new bar states none.
pub(super) fn merged_block(mut bars: Vec<PackedBar>, incoming: Vec<PackedBar>) -> MergedBlock {
    let mut changed = Vec::new();
    for mut bar in incoming {
        let place = bars.binary_search_by_key(&bar.session, |known| known.session);
        match place {
            Ok(at) if !bars[at].is_corrected_by(&bar) => continue,
            Ok(at) => {
                bar.revision = bars[at].revision + 1;
                bar.base_price = bar.base_price.or(bars[at].base_price);
                bars[at] = bar;
            }
            Err(at) => {
                bar.revision = 1;
                bars.insert(at, bar);
            }
        }
        changed.push(bar);
    }
    changed.sort_unstable_by_key(|bar| bar.session);
    MergedBlock { bars, changed }
}

/// What has changed of one stock.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StockChange {
    pub(super) first_changed: Option<NaiveDate>,
    pub(super) first_base_price: Option<NaiveDate>,
}

/// Changes of some stocks on their way to the store.
pub(super) struct Changes {
    pub(super) stored: u64,
    pub(super) corrected: u64,
    pub(super) stocks: Vec<StockChange>,
    run_id: i64,
    recorded_at: DateTime<Utc>,
    bars: Vec<Value>,
    blocks: Vec<Value>,
}

impl Changes {
    pub(super) fn new(run_id: i64, recorded_at: DateTime<Utc>, n_stocks: usize) -> Self {
        Self {
            stored: 0,
            corrected: 0,
            stocks: vec![StockChange::default(); n_stocks],
            run_id,
            recorded_at,
            bars: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// Takes a month of the stock at `idx`.
    pub(super) fn add(&mut self, idx: usize, stock_id: i64, block: i32, merged: MergedBlock) {
        if merged.changed.is_empty() {
            return;
        }
        for bar in &merged.changed {
            if bar.revision == 1 {
                self.stored += 1;
            } else {
                self.corrected += 1;
            }
            let change = &mut self.stocks[idx];
            note(&mut change.first_changed, bar.session);
            if bar.base_price.is_some() {
                note(&mut change.first_base_price, bar.session);
            }
            self.bars.extend(self.bar_values(stock_id, bar));
        }
        let mut packed = Vec::with_capacity(merged.bars.len() * BAR_BYTES);
        for bar in &merged.bars {
            bar.pack(&mut packed);
        }
        self.blocks
            .extend([Value::from(stock_id), block.into(), packed.into()]);
    }

    pub(super) async fn write_if_many(
        &mut self,
        transaction: &DatabaseTransaction,
    ) -> Result<(), DbErr> {
        if self.bars.len() < MAX_BARS_WAITING * BAR_COLUMNS.len() {
            return Ok(());
        }
        self.write(transaction).await
    }

    /// Writes what is waiting.
    pub(super) async fn write(&mut self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let bars = std::mem::take(&mut self.bars);
        bulk::insert(transaction, "bars", &BAR_COLUMNS, "", bars).await?;
        let blocks = std::mem::take(&mut self.blocks);
        let columns = ["stock_id", "block", "bars"];
        let ending = " ON CONFLICT (stock_id, block) DO UPDATE SET bars = excluded.bars";
        bulk::insert(transaction, "bar_blocks", &columns, ending, blocks).await
    }

    fn bar_values(&self, stock_id: i64, packed: &PackedBar) -> [Value; BAR_COLUMNS.len()] {
        let bar = &packed.bar;
        [
            stock_id.into(),
            packed.session.into(),
            i32::try_from(packed.revision).unwrap_or(i32::MAX).into(),
            bar.open.into(),
            bar.high.into(),
            bar.low.into(),
            bar.close.into(),
            bar.volume.into(),
            bar.adjustment_factor.into(),
            bar.basis.as_str().into(),
            packed.base_price.into(),
            self.recorded_at.into(),
            self.run_id.into(),
        ]
    }
}

fn note(first: &mut Option<NaiveDate>, session: NaiveDate) {
    if first.is_none_or(|first| session < first) {
        *first = Some(session);
    }
}

#[cfg(test)]
mod tests {
    use naeil_test_support::builders::bar;

    use super::*;

    fn packed(day: u32, revision: u32, close: f64, base_price: Option<f64>) -> PackedBar {
        PackedBar {
            session: NaiveDate::from_ymd_opt(2024, 1, day).unwrap(),
            revision,
            bar: bar(close),
            base_price,
        }
    }

    #[test]
    fn what_is_new_or_different_becomes_the_next_revision() {
        let stored = vec![packed(3, 1, 10.0, Some(9.0)), packed(4, 2, 11.0, None)];
        let incoming = vec![
            packed(5, 0, 12.0, None),
            packed(2, 0, 8.0, None),
            packed(3, 0, 10.5, None),
            packed(4, 0, 11.0, None),
        ];
        let merged = merged_block(stored, incoming);
        let (second, third) = (packed(2, 1, 8.0, None), packed(3, 2, 10.5, Some(9.0)));
        let fifth = packed(5, 1, 12.0, None);
        assert_eq!(merged.changed, [second, third, fifth]);
        assert_eq!(
            merged.bars,
            [second, third, packed(4, 2, 11.0, None), fifth]
        );
    }

    #[test]
    fn a_base_price_is_new_and_silence_about_it_is_not() {
        let stored = || vec![packed(3, 1, 10.0, Some(9.0))];
        let merge = |base| merged_block(stored(), vec![packed(3, 0, 10.0, base)]).changed;
        assert_eq!(merge(None), []);
        assert_eq!(merge(Some(9.0)), []);
        assert_eq!(merge(Some(9.5)), [packed(3, 2, 10.0, Some(9.5))]);
    }
}
