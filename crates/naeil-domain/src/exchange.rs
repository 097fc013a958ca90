//! Exchanges: whose sessions a market follows, and how far a price may move in one of them.

use std::fmt;

use chrono::NaiveDate;

use crate::stock::Market;

/// An exchange: the owner of a list of sessions.
///
/// Only XKRX has a trading calendar. The sessions of the others, and of years before the calendar
/// begins, are those observed in the bars; such bars are stored and checked, and train only on
/// request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exchange {
    /// The Korea Exchange.
    #[default]
    Krx,
    /// The exchanges of the United States, which keep the same days.
    Us,
    /// The exchanges of Shanghai and Shenzhen, which keep the same days.
    Cn,
}

impl Exchange {
    /// Every exchange naeil knows.
    pub const ALL: [Self; 3] = [Self::Krx, Self::Us, Self::Cn];

    /// The word used in the store, in reports and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Krx => "XKRX",
            Self::Us => "US",
            Self::Cn => "CN",
        }
    }

    /// Parses [`Self::as_str`]'s words, ignoring case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|exchange| exchange.as_str().eq_ignore_ascii_case(text))
    }

    /// Whether a trading calendar ships for it.
    pub const fn has_calendar(self) -> bool {
        matches!(self, Self::Krx)
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Added to every limit, because prices are rounded to ticks and adjusted prices are rounded again.
const ROUNDING: f64 = 0.01;

/// Beyond this a one-day move is doubted where naeil knows no rule of the exchange.
const DOUBTFUL_MOVE: f64 = 0.30;

/// The greatest one-day move of an adjusted close that counts as real, as a share of the close
/// before: the exchange's price limit and one point for rounding.
///
/// The first session of a listing has no close before it and so no limit.
///
/// # Source
/// Korea Exchange: KOSPI and KOSDAQ 30 % since 2015-06-15, 15 % before; KONEX 15 %. Elsewhere 30 %
/// marks what deserves a look, and is no rule.
pub fn greatest_move(market: Market, date: NaiveDate) -> f64 {
    const WIDENED: NaiveDate =
        NaiveDate::from_ymd_opt(2015, 6, 15).expect("2015-06-15 is a calendar date");
    let limit = match market {
        Market::Kospi | Market::Kosdaq if date < WIDENED => 0.15,
        Market::Kospi | Market::Kosdaq => 0.30,
        Market::Konex => 0.15,
        Market::Us | Market::Cn => DOUBTFUL_MOVE,
    };
    limit + ROUNDING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_follows_the_market_and_the_rule_of_the_day() {
        let on = |market, date: &str| greatest_move(market, date.parse().unwrap());
        assert_eq!(on(Market::Kospi, "2015-06-12"), 0.16);
        assert_eq!(on(Market::Kosdaq, "2015-06-15"), 0.31);
        assert_eq!(on(Market::Konex, "2024-01-02"), 0.16);
        assert_eq!(on(Market::Us, "2014-01-02"), 0.31);
    }

    #[test]
    fn every_word_is_read_back() {
        for exchange in Exchange::ALL {
            assert_eq!(Exchange::parse(exchange.as_str()), Some(exchange));
        }
        assert_eq!(Exchange::parse("xkrx"), Some(Exchange::Krx));
        assert_eq!(Exchange::parse("NYSE"), None);
    }
}
