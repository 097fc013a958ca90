//! Stocks: their codes, the markets that list them, and where their data come from.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::exchange::Exchange;
use crate::session::Session;

/// The code of a listed stock, always text: `005930` keeps its zeros and some codes carry letters
/// (`00104K`).
///
/// Cheap to clone. Between 1 and 12 ASCII letters, digits, `.`, `-` or `_`; letters are kept as
/// written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StockCode(Arc<str>);

impl StockCode {
    /// Parses a code.
    ///
    /// # Errors
    /// [`InvalidStockCode`] if the text cannot be the code of any stock.
    pub fn parse(text: &str) -> Result<Self, InvalidStockCode> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if text.is_empty() || text.len() > 12 || !text.chars().all(allowed) {
            let shown: String = text.chars().take(40).collect();
            return Err(InvalidStockCode(shown));
        }
        Ok(Self(Arc::from(text)))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the code has the shape of a KRX short code: six characters, four digits at
    /// the front, then two digits or capital letters.
    pub fn has_krx_shape(&self) -> bool {
        let bytes = self.0.as_bytes();
        bytes.len() == 6
            && bytes[..4].iter().all(u8::is_ascii_digit)
            && bytes[4..]
                .iter()
                .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    }
}

impl fmt::Display for StockCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for StockCode {
    type Err = InvalidStockCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The text cannot be a stock code; at most its first 40 characters are kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a stock code, expected 1 to 12 letters or digits such as 005930")]
pub struct InvalidStockCode(pub String);

/// A market segment that lists stocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Market {
    /// The main board of the Korea Exchange.
    Kospi,
    /// The growth board of the Korea Exchange.
    Kosdaq,
    /// The board for small and medium enterprises of the Korea Exchange.
    Konex,
    /// Stocks listed in the United States.
    Us,
    /// Stocks listed in Shanghai and Shenzhen.
    Cn,
}

impl Market {
    /// Every market naeil knows.
    pub const ALL: [Self; 5] = [Self::Kospi, Self::Kosdaq, Self::Konex, Self::Us, Self::Cn];

    /// The name used in files, in the store and in replies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kospi => "KOSPI",
            Self::Kosdaq => "KOSDAQ",
            Self::Konex => "KONEX",
            Self::Us => "US",
            Self::Cn => "CN",
        }
    }

    /// The exchange whose sessions it keeps.
    pub const fn exchange(self) -> Exchange {
        match self {
            Self::Kospi | Self::Kosdaq | Self::Konex => Exchange::Krx,
            Self::Us => Exchange::Us,
            Self::Cn => Exchange::Cn,
        }
    }

    /// Parses a market's name, ignoring case.
    ///
    /// # Errors
    /// [`UnknownMarket`] naming the text and the markets that are known.
    pub fn parse(text: &str) -> Result<Self, UnknownMarket> {
        Self::ALL
            .into_iter()
            .find(|market| market.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownMarket(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A market that naeil does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown market '{0}', known are KOSPI, KOSDAQ, KONEX, US and CN")]
pub struct UnknownMarket(pub String);

/// A listed stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// Its code.
    pub code: StockCode,
    /// Its name, as the source spells it.
    pub name: String,
    /// The market that lists it.
    pub market: Market,
    /// The first session with a bar.
    pub first_session: Session,
    /// The last session with a bar.
    pub last_session: Session,
}

/// What is known about a stock beyond its bars, as far as a source has said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockDetails {
    /// International securities identification number.
    pub isin: Option<String>,
    /// Sector, in the source's words.
    pub sector: Option<String>,
    /// First day of listing.
    pub listed_on: Option<NaiveDate>,
    /// Last day of listing.
    pub delisted_on: Option<NaiveDate>,
}

/// Where the bars come from; replies and pages say so when it is not a real market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataOrigin {
    /// Recorded on an exchange.
    Recorded,
    /// Made by the market simulator.
    Simulated,
    /// Some of both, which only a test would want.
    Mixed,
}

impl DataOrigin {
    /// The word used in the store, in bundles and in replies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Simulated => "simulated",
            Self::Mixed => "mixed",
        }
    }

    /// Parses [`Self::as_str`]'s words.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Recorded, Self::Simulated, Self::Mixed]
            .into_iter()
            .find(|origin| origin.as_str() == text)
    }

    /// Whether anything in it was made up.
    pub const fn is_simulated(self) -> bool {
        !matches!(self, Self::Recorded)
    }
}
