//! When sessions open and close, and what that makes of a moment.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{CalendarError, TradingCalendar, kst};
use crate::session::Session;

/// Opening and closing time of a session, in exchange time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// When continuous trading begins.
    pub open: NaiveTime,
    /// When the closing price is made.
    pub close: NaiveTime,
}

impl Hours {
    /// 09:00 to 15:30 since 2016-08-01, to 15:00 before (as exchange_calendars has it for XKRX).
    fn regular(date: NaiveDate) -> Self {
        const LONGER_DAY: NaiveDate =
            NaiveDate::from_ymd_opt(2016, 8, 1).expect("2016-08-01 is a calendar date");
        let minute = if date >= LONGER_DAY { 30 } else { 0 };
        Self {
            open: NaiveTime::from_hms_opt(9, 0, 0).expect("a valid time"),
            close: NaiveTime::from_hms_opt(15, minute, 0).expect("a valid time"),
        }
    }
}

impl TradingCalendar {
    /// The hours of a session, in exchange time.
    ///
    /// # Errors
    /// [`CalendarError`] if `session` is not one, or its year is unknown.
    pub fn hours(&self, session: Session) -> Result<Hours, CalendarError> {
        let date = session.date();
        if !self.is_session(date)? {
            return Err(CalendarError::NotASession(date));
        }
        let special = self.special.get(&date).copied();
        Ok(special.unwrap_or_else(|| Hours::regular(date)))
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

    /// The last session whose close is not after `now`: the newest whose bars can be known. They
    /// may still change: see [`Self::bar_is_final`].
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

    /// The time from `now` to the first opening after it; always more than nothing, and over the
    /// years that ship never more than 11 days (the long Chuseok of 2017).
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] outside the data.
    pub fn time_to_next_open(&self, now: DateTime<Utc>) -> Result<TimeDelta, CalendarError> {
        Ok(self.next_open_after(now)?.to_utc() - now)
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
