//! Stocks.

use naeil_domain::{Market, Stock, StockCode};

use super::bars::session;

/// The code `text`.
pub fn code(text: &str) -> StockCode {
    StockCode::parse(text).expect("a test names a code that can be one")
}

/// A KOSPI stock with bars from 2024-01-02 to 2024-01-31, named after its code.
pub fn stock(text: &str) -> Stock {
    Stock {
        code: code(text),
        name: format!("stock {text}"),
        market: Market::Kospi,
        first_session: session("2024-01-02"),
        last_session: session("2024-01-31"),
    }
}
