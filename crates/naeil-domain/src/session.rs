//! A session: one trading day of one exchange.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

/// One trading day, as a date in the exchange's own time zone (KST for XKRX).
///
/// Whether a date *is* a session is the trading calendar's business; this type only says that the
/// date is meant as one, so that it is never confused with a calendar day or a UTC date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session(NaiveDate);

impl Session {
    /// Names the session of `date`.
    pub const fn new(date: NaiveDate) -> Self {
        Self(date)
    }

    /// The session's date in exchange time.
    pub const fn date(self) -> NaiveDate {
        self.0
    }

    /// Parses `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`InvalidSession`] with the beginning of the offending text.
    pub fn parse(text: &str) -> Result<Self, InvalidSession> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(Self)
            .map_err(|_| InvalidSession(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl FromStr for Session {
    type Err = InvalidSession;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The text is not a date written as `YYYY-MM-DD`; at most its first 40 characters are kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a session date, write it as YYYY-MM-DD")]
pub struct InvalidSession(pub String);
