//! Bars that are already in memory, such as the market simulator's.

use std::borrow::Borrow;

use naeil_domain::{Bar, Session, Stock};

use super::row::{ReadRow, RowDetails, RowSink, RowSource, SourceRow};
use crate::error::ImportError;

/// Hands over the bars of an iterator, each with its stock and session.
#[derive(Debug)]
pub struct IterSource<I> {
    bars: I,
    rows_read: u64,
    total_rows: Option<u64>,
}

impl<I, S> IterSource<I>
where
    I: Iterator<Item = (S, Session, Bar)> + Send,
    S: Borrow<Stock>,
{
    /// Wraps an iterator of bars.
    pub fn new(bars: impl IntoIterator<IntoIter = I>) -> Self {
        let bars = bars.into_iter();
        let total_rows = match bars.size_hint() {
            (least, Some(most)) if least == most => u64::try_from(most).ok(),
            _ => None,
        };
        Self {
            bars,
            rows_read: 0,
            total_rows,
        }
    }
}

impl<I, S> RowSource for IterSource<I>
where
    I: Iterator<Item = (S, Session, Bar)> + Send,
    S: Borrow<Stock>,
{
    fn read(&mut self, max_rows: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError> {
        for _ in 0..max_rows {
            let Some((stock, session, bar)) = self.bars.next() else {
                return Ok(false);
            };
            self.rows_read += 1;
            let stock = stock.borrow();
            sink(ReadRow::Typed(SourceRow {
                line: self.rows_read,
                code: stock.code.as_str(),
                name: &stock.name,
                market: stock.market.as_str(),
                date: session.date(),
                open: bar.open,
                high: bar.high,
                low: bar.low,
                close: bar.close,
                volume: bar.volume,
                adjustment_factor: Some(bar.adjustment_factor),
                basis: Some(bar.basis),
                base_price: None,
                details: RowDetails::default(),
            }))?;
        }
        Ok(true)
    }

    fn total_rows(&self) -> Option<u64> {
        self.total_rows
    }
}
