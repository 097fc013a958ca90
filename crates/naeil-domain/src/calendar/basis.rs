//! Where the sessions of an exchange come from.

use std::fmt;

use chrono::NaiveDate;

use super::TradingCalendar;
use crate::exchange::Exchange;

/// What says which dates are sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CalendarBasis {
    /// A trading calendar: a date without a bar is a gap, a bar on another date is an error.
    Calendar,
    /// No calendar covers the date, so the days with bars are taken for the sessions: what is
    /// missing for every stock cannot be told from a holiday. Such bars train only on request.
    Observed,
}

impl CalendarBasis {
    /// The word used in reports, as in `calendar: observed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Observed => "observed",
        }
    }
}

impl fmt::Display for CalendarBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TradingCalendar {
    /// What says whether `exchange` traded on `date`: this calendar for the years it covers of its
    /// own exchange, else the bars themselves.
    pub fn basis(&self, exchange: Exchange, date: NaiveDate) -> CalendarBasis {
        if exchange.has_calendar() && self.covers(date) {
            CalendarBasis::Calendar
        } else {
            CalendarBasis::Observed
        }
    }
}
