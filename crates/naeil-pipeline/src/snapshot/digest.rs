//! The data digest: the name of a market's bars.
//!
//! SHA-256 over the following, all numbers little-endian. A date is the days since 1970-01-01 as
//! `i32`; a text is its length in bytes as `u64` and its UTF-8 bytes; a price or volume is an IEEE
//! 754 `f64`.
//!
//! 1. the text `naeil bars 2` and the text of the exchange, for instance `XKRX`;
//! 2. the number of sessions as `u64`, and each session's date, ascending;
//! 3. the number of stocks as `u64`, and for each, by ascending code: the text of its code, the text
//!    of its market, and five columns `open`, `high`, `low`, `close`, `volume`, adjusted, with one
//!    value a session. Where there is no bar, all five are the quiet NaN `0x7ff8000000000000`;
//! 4. for each seam, by stock and session, their indices as `u64`: nothing where there is none.
//!
//! Names and the first and last sessions that the store knows of a stock are left out: they change
//! with bars that are imported later. The market is in, because limits and ranks depend on it.

use chrono::Datelike as _;
use naeil_domain::{BarPanel, Digest, Exchange, Session};
use sha2::{Digest as _, Sha256};

/// Days from 0001-01-01 (day 1 of the common era) to 1970-01-01.
const EPOCH_DAY: i32 = 719_163;

const NO_BAR: u64 = 0x7ff8_0000_0000_0000;

/// Days since 1970-01-01, as Arrow's `Date32` counts them too.
pub(super) fn epoch_days(session: Session) -> i32 {
    session.date().num_days_from_ce() - EPOCH_DAY
}

/// The digest of a market's bars.
pub fn data_digest(exchange: Exchange, bars: &BarPanel) -> Digest {
    let mut hasher = Sha256::new();
    text(&mut hasher, "naeil bars 2");
    text(&mut hasher, exchange.as_str());
    hasher.update((bars.sessions().len() as u64).to_le_bytes());
    for &session in bars.sessions() {
        hasher.update(epoch_days(session).to_le_bytes());
    }
    hasher.update((bars.stocks().len() as u64).to_le_bytes());
    let mut bytes = Vec::with_capacity(bars.sessions().len() * 8);
    for (stock_idx, stock) in bars.stocks().iter().enumerate() {
        text(&mut hasher, stock.code.as_str());
        text(&mut hasher, stock.market.as_str());
        let of_stock = bars.stock_bars(stock_idx);
        for column in [
            of_stock.open,
            of_stock.high,
            of_stock.low,
            of_stock.close,
            of_stock.volume,
        ] {
            bytes.clear();
            for (value, close) in column.iter().zip(of_stock.close) {
                let bits = if close.is_nan() {
                    NO_BAR
                } else {
                    value.to_bits()
                };
                bytes.extend(bits.to_le_bytes());
            }
            hasher.update(&bytes);
        }
    }
    for stock_idx in 0..bars.stocks().len() {
        for session_idx in bars.seams(stock_idx) {
            hasher.update((stock_idx as u64).to_le_bytes());
            hasher.update((session_idx as u64).to_le_bytes());
        }
    }
    Digest::from_bytes(hasher.finalize().into())
}

fn text(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}
