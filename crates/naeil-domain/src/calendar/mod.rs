//! The trading calendar: the only authority on which dates are sessions.

mod data;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, Utc, Weekday};

use crate::session::Session;

pub use data::CalendarFileError;

/// Seconds that Korea Standard Time is ahead of UTC; it has had no daylight saving since 1988.
const KST_OFFSET_SECONDS: i32 = 9 * 3600;

/// Korea Standard Time.
pub fn kst() -> FixedOffset {
    FixedOffset::east_opt(KST_OFFSET_SECONDS).expect("nine hours are a valid offset")
}

/// Opening and closing time of a session, in exchange time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// When continuous trading begins.
    pub open: NaiveTime,
    /// When the closing price is made.
    pub close: NaiveTime,
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
}

/// A question the calendar cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The year is not covered by the calendar's data.
    #[error(
        "the XKRX calendar covers {first_year} to {last_year} and knows nothing of {date}; update the calendar data"
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
        data::embedded()
    }

    /// Applies an override file over this calendar: lines `DATE,closed`, `DATE,open` or
    /// `DATE,open,HH:MM,HH:MM`, with `#` comments.
    ///
    /// # Errors
    /// [`CalendarFileError`] naming the line, what stands there, and what was expected.
    pub fn with_overrides(mut self, text: &str) -> Result<Self, CalendarFileError> {
        for change in data::parse_overrides(text)? {
            match change {
                data::Override::Closed(date) => {
                    self.opened.remove(&date);
                    self.special.remove(&date);
                    self.closed.insert(date);
                }
                data::Override::Open(date, hours) => {
                    self.closed.remove(&date);
                    self.opened.insert(date);
                    if let Some(hours) = hours {
                        self.special.insert(date, hours);
                    }
                }
            }
        }
        Ok(self)
    }

    /// First and last year with data.
    pub fn years(&self) -> (i32, i32) {
        (self.first_year, self.last_year)
    }

    /// Whether the calendar has data for the year of `date`.
    pub fn covers(&self, date: NaiveDate) -> bool {
        (self.first_year..=self.last_year).contains(&date.year())
    }

    /// Whether the exchange trades on `date`.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] outside the data.
    pub fn is_session(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        if !self.covers(date) {
            return Err(CalendarError::UnknownYear {
                date,
                first_year: self.first_year,
                last_year: self.last_year,
            });
        }
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(self.opened.contains(&date) || !(weekend || self.closed.contains(&date)))
    }

    /// The hours of a session, in exchange time.
    ///
    /// # Errors
    /// [`CalendarError`] if `session` is not one, or its year is unknown.
    pub fn hours(&self, session: Session) -> Result<Hours, CalendarError> {
        let date = session.date();
        if !self.is_session(date)? {
            return Err(CalendarError::NotASession(date));
        }
        Ok(self
            .special
            .get(&date)
            .copied()
            .unwrap_or_else(|| data::regular_hours(date)))
    }

    /// When a session opens.
    ///
    /// # Errors
    /// As [`Self::hours`].
    pub fn opens_at(&self, session: Session) -> Result<DateTime<FixedOffset>, CalendarError> {
        Ok(at_kst(session, self.hours(session)?.open))
    }

    /// When a session closes.
    ///
    /// # Errors
    /// As [`Self::hours`].
    pub fn closes_at(&self, session: Session) -> Result<DateTime<FixedOffset>, CalendarError> {
        Ok(at_kst(session, self.hours(session)?.close))
    }

    /// The first session after `date` (which need not be one).
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] if it would lie outside the data.
    pub fn next_session(&self, date: NaiveDate) -> Result<Session, CalendarError> {
        self.step(date, |d| d.checked_add_days(Days::new(1)))
    }

    /// The last session before `date` (which need not be one).
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] if it would lie outside the data.
    pub fn previous_session(&self, date: NaiveDate) -> Result<Session, CalendarError> {
        self.step(date, |d| d.checked_sub_days(Days::new(1)))
    }

    /// The `steps`-th session after `session`.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] if it lies outside the data.
    pub fn nth_session_after(
        &self,
        session: Session,
        steps: usize,
    ) -> Result<Session, CalendarError> {
        (0..steps).try_fold(session, |session, _| self.next_session(session.date()))
    }

    /// The sessions from `first` to `last`, both included.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] if a day in between lies outside the data.
    pub fn sessions_between(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<Session>, CalendarError> {
        let mut sessions = Vec::new();
        for date in first.iter_days().take_while(|&date| date <= last) {
            if self.is_session(date)? {
                sessions.push(Session::new(date));
            }
        }
        Ok(sessions)
    }

    /// The last session whose close is not after `now`: the newest whose bars can be known.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] outside the data.
    pub fn last_completed_session(&self, now: DateTime<Utc>) -> Result<Session, CalendarError> {
        let today = now.with_timezone(&kst()).date_naive();
        if self.is_session(today)? && self.closes_at(Session::new(today))? <= now {
            return Ok(Session::new(today));
        }
        self.previous_session(today)
    }

    /// The first opening after `now`: when what was predicted before it grows old.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] outside the data.
    pub fn next_open_after(
        &self,
        now: DateTime<Utc>,
    ) -> Result<DateTime<FixedOffset>, CalendarError> {
        let today = now.with_timezone(&kst()).date_naive();
        if self.is_session(today)? {
            let open = self.opens_at(Session::new(today))?;
            if open > now {
                return Ok(open);
            }
        }
        self.opens_at(self.next_session(today)?)
    }

    fn step(
        &self,
        from: NaiveDate,
        advance: impl Fn(NaiveDate) -> Option<NaiveDate>,
    ) -> Result<Session, CalendarError> {
        let mut date = from;
        loop {
            date = advance(date).ok_or(CalendarError::UnknownYear {
                date,
                first_year: self.first_year,
                last_year: self.last_year,
            })?;
            if self.is_session(date)? {
                return Ok(Session::new(date));
            }
        }
    }
}

fn at_kst(session: Session, time: NaiveTime) -> DateTime<FixedOffset> {
    session
        .date()
        .and_time(time)
        .and_local_timezone(kst())
        .single()
        .expect("a fixed offset has no gaps or folds")
}

#[cfg(test)]
mod tests;
