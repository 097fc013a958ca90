//! Bars as bytes: the newest value of each bar, a month of one stock in a row.
//!
//! The table of bars is the history, one row a value that was ever known. Reading hundreds of
//! thousands of its rows costs microseconds each in any database's client; what a server reads at
//! its start is therefore kept a second time, in the same transaction, in this form.

use chrono::{Datelike as _, NaiveDate};
use naeil_domain::{Bar, PriceBasis};

/// Bytes of one bar: day, revision and basis, and seven numbers.
pub(crate) const BAR_BYTES: usize = 64;

/// Set in the revision's word where the prices are back-adjusted.
const BACK_ADJUSTED: u32 = 1 << 31;

/// A bar with what the table of bars says about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PackedBar {
    pub(crate) session: NaiveDate,
    /// 0 where it is not yet known.
    pub(crate) revision: u32,
    pub(crate) bar: Bar,
    pub(crate) base_price: Option<f64>,
}

/// The bytes are not what [`PackedBar::pack`] writes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("packed bars of {n_bytes} bytes, or of a date that does not exist")]
pub(crate) struct Unreadable {
    n_bytes: usize,
}

/// Numbers the months; a month's bars of one stock are one row.
pub(crate) fn block_of(session: NaiveDate) -> i32 {
    session.year() * 12 + session.month0() as i32
}

impl PackedBar {
    /// Appends the bar's bytes.
    pub(crate) fn pack(&self, out: &mut Vec<u8>) {
        let basis = match self.bar.basis {
            PriceBasis::AsTraded => 0,
            PriceBasis::BackAdjusted => BACK_ADJUSTED,
        };
        let bar = &self.bar;
        out.extend(self.session.num_days_from_ce().to_le_bytes());
        out.extend((self.revision & !BACK_ADJUSTED | basis).to_le_bytes());
        for number in [
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
            bar.adjustment_factor,
            self.base_price.unwrap_or(f64::NAN),
        ] {
            out.extend(number.to_le_bytes());
        }
    }

    fn unpack(bytes: &[u8; BAR_BYTES]) -> Option<Self> {
        let word = |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        let number = |n: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[8 + 8 * n..16 + 8 * n]);
            f64::from_le_bytes(eight)
        };
        let revision = u32::from_le_bytes(word(4));
        let base_price = number(6);
        Some(Self {
            session: NaiveDate::from_num_days_from_ce_opt(i32::from_le_bytes(word(0)))?,
            revision: revision & !BACK_ADJUSTED,
            bar: Bar {
                open: number(0),
                high: number(1),
                low: number(2),
                close: number(3),
                volume: number(4),
                adjustment_factor: number(5),
                basis: if revision & BACK_ADJUSTED == 0 {
                    PriceBasis::AsTraded
                } else {
                    PriceBasis::BackAdjusted
                },
            },
            base_price: (!base_price.is_nan()).then_some(base_price),
        })
    }

    /// Whether a source says something new about the bar that is known: silence about the base
    /// price is nothing new.
    pub(crate) fn is_corrected_by(&self, other: &Self) -> bool {
        self.bar != other.bar || other.base_price.is_some() && other.base_price != self.base_price
    }
}

/// Reads packed bars one by one.
pub(crate) fn unpack(
    bytes: &[u8],
) -> Result<impl Iterator<Item = Result<PackedBar, Unreadable>>, Unreadable> {
    let n_bytes = bytes.len();
    let (records, rest) = bytes.as_chunks::<BAR_BYTES>();
    if !rest.is_empty() {
        return Err(Unreadable { n_bytes });
    }
    Ok(records
        .iter()
        .map(move |record| PackedBar::unpack(record).ok_or(Unreadable { n_bytes })))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bars_come_back_bit_by_bit(
            day in 693_000_i32..750_000,
            revision in 0_u32..1_000_000,
            numbers in prop::array::uniform6(1e-4_f64..1e12),
            base_price in prop::option::of(1e-4_f64..1e12),
            back_adjusted: bool,
        ) {
            let [open, high, low, close, volume, adjustment_factor] = numbers;
            let basis = if back_adjusted { PriceBasis::BackAdjusted } else { PriceBasis::AsTraded };
            let bar = PackedBar {
                session: NaiveDate::from_num_days_from_ce_opt(day).unwrap(),
                revision,
                bar: Bar { open, high, low, close, volume, adjustment_factor, basis },
                base_price,
            };
            let mut bytes = Vec::new();
            bar.pack(&mut bytes);
            bar.pack(&mut bytes);
            prop_assert_eq!(bytes.len(), 2 * BAR_BYTES);
            let back: Vec<PackedBar> = unpack(&bytes).unwrap().map(Result::unwrap).collect();
            prop_assert_eq!(back, vec![bar, bar]);
        }
    }

    #[test]
    fn bytes_that_are_cut_off_are_refused() {
        assert!(unpack(&[0; BAR_BYTES - 1]).is_err());
        let far = [0x7f; BAR_BYTES];
        assert!(unpack(&far).unwrap().next().unwrap().is_err());
    }
}
