//! Which dates are sessions, and the steps between them.

use chrono::NaiveDate;

use super::overrides::is_weekend;
use super::{CalendarError, TradingCalendar};
use crate::session::Session;

impl TradingCalendar {
    /// Whether the exchange trades on `date`.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] outside the data.
    pub fn is_session(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        if !self.covers(date) {
            return Err(self.unknown_year(date));
        }
        Ok(self.opened.contains(&date) || !(is_weekend(date) || self.closed.contains(&date)))
    }

    /// The first session after `date` (which need not be one).
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] if it would lie outside the data.
    pub fn next_session(&self, date: NaiveDate) -> Result<Session, CalendarError> {
        self.step(date, NaiveDate::succ_opt)
    }

    /// The last session before `date` (which need not be one).
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] if it would lie outside the data.
    pub fn previous_session(&self, date: NaiveDate) -> Result<Session, CalendarError> {
        self.step(date, NaiveDate::pred_opt)
    }

    /// The `steps`-th session after `session`; 0 steps lead to `session` itself.
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

    /// The `steps`-th session before `session`; 0 steps lead to `session` itself.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] if it lies outside the data.
    pub fn nth_session_before(
        &self,
        session: Session,
        steps: usize,
    ) -> Result<Session, CalendarError> {
        (0..steps).try_fold(session, |session, _| self.previous_session(session.date()))
    }

    /// The sessions from `first` to `last`, both included; none if `last` lies before `first`.
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

    /// How many sessions `to` lies after `from`: the steps that lead there. 0 if it does not.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] if a day in between lies outside the data.
    pub fn steps_between(&self, from: Session, to: Session) -> Result<usize, CalendarError> {
        let mut steps = 0;
        for date in from.date().iter_days().skip(1) {
            if date > to.date() {
                break;
            }
            steps += usize::from(self.is_session(date)?);
        }
        Ok(steps)
    }

    fn step(
        &self,
        from: NaiveDate,
        advance: impl Fn(&NaiveDate) -> Option<NaiveDate>,
    ) -> Result<Session, CalendarError> {
        let mut date = from;
        loop {
            date = advance(&date).ok_or_else(|| self.unknown_year(date))?;
            if self.is_session(date)? {
                return Ok(Session::new(date));
            }
        }
    }
}
