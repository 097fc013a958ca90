//! The trading calendar: the only authority on which dates are sessions.
//!
//! [`TradingCalendar`] answers from the files that ship with this crate and an override file over
//! them; [`LiveCalendar`] is what a running program shares, so that an override file that changes
//! reaches every part at once.

mod basis;
mod finality;
mod hours;
mod live;
mod overrides;
mod sessions;
mod shipped;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, FixedOffset, NaiveDate, TimeDelta};

pub use basis::CalendarBasis;
pub use finality::DEFAULT_FINAL_AFTER;
pub use hours::Hours;
pub use live::LiveCalendar;
pub use overrides::CalendarFileError;

/// Seconds that Korea Standard Time is ahead of UTC; it has had no daylight saving since 1988.
const KST_OFFSET_SECONDS: i32 = 9 * 3600;

/// Korea Standard Time.
pub fn kst() -> FixedOffset {
    FixedOffset::east_opt(KST_OFFSET_SECONDS).expect("nine hours are a valid offset")
}

/// The sessions of XKRX (the Korea Exchange), their hours, and nothing about any other year.
///
/// It answers an error, never a guess, for years outside its data. Korea declares closures at short
/// notice, so an override file may add or remove sessions: see [`TradingCalendar::with_overrides`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradingCalendar {
    first_year: i32,
    last_year: i32,
    closed: BTreeSet<NaiveDate>,
    special: BTreeMap<NaiveDate, Hours>,
    /// Dates that trade although the rules above say closed.
    opened: BTreeSet<NaiveDate>,
    final_after: TimeDelta,
}

/// A question the calendar cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The year is not covered by the calendar's data.
    #[error(
        "the XKRX calendar covers {first_year} to {last_year} and knows nothing of {date}; update \
         naeil, or add the year to the calendar override file"
    )]
    UnknownYear {
        /// The date asked about.
        date: NaiveDate,
        /// First year with data.
        first_year: i32,
        /// Last year with data.
        last_year: i32,
    },
    /// The date is not a session.
    #[error("{0} is not an XKRX session")]
    NotASession(NaiveDate),
}

impl TradingCalendar {
    /// The XKRX calendar that ships with this crate, 2010 to 2027.
    ///
    /// # Source
    /// `data/xkrx_holidays.csv` and `data/xkrx_special_sessions.csv`, facts collected from
    /// exchange_calendars 4.13.2, holidays 0.109 and recorded trading days; each row states its
    /// basis.
    pub fn xkrx() -> Self {
        shipped::xkrx()
    }

    /// Applies an override file over this calendar. A line is one of
    ///
    /// - `DATE,closed`: the exchange does not trade on that day;
    /// - `DATE,open` or `DATE,open,HH:MM,HH:MM`: it does, at the usual hours or at these (KST);
    /// - `YEAR,covered`: the year after the last one covered is known now, and this file lists
    ///   every weekday of it that is closed;
    ///
    /// with `#` comments. Where a date stands twice, the later line counts.
    ///
    /// # Errors
    /// [`CalendarFileError`] naming the line, what stands there, and what was expected.
    pub fn with_overrides(self, text: &str) -> Result<Self, CalendarFileError> {
        overrides::apply(self, text)
    }

    /// First and last year with data.
    pub fn years(&self) -> (i32, i32) {
        (self.first_year, self.last_year)
    }

    /// Whether the calendar has data for the year of `date`.
    pub fn covers(&self, date: NaiveDate) -> bool {
        (self.first_year..=self.last_year).contains(&date.year())
    }

    /// The last date with data.
    pub fn covered_until(&self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.last_year, 12, 31).expect("every year has a 31 December")
    }

    fn unknown_year(&self, date: NaiveDate) -> CalendarError {
        CalendarError::UnknownYear {
            date,
            first_year: self.first_year,
            last_year: self.last_year,
        }
    }
}

#[cfg(test)]
mod tests;
