//! When a session's bar stops changing.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::{CalendarError, TradingCalendar};
use crate::session::Session;

/// How long after its close a session's bar can still change.
///
/// # Source
/// The Korea Exchange's pages on off-hours trading: after the close of 15:30 it trades on at the
/// closing price (15:40 to 16:00) and in single-price auctions every ten minutes (16:00 to 18:00).
/// Those trades move no price of the day's bar but count in its volume and traded value, so a bar
/// taken before 18:00, 150 minutes after a regular close, is not the one that history keeps. On
/// days that close at 16:30 the auctions also end at 18:00 (the exchange's notices of 2022 and
/// 2025), and this margin waits an hour longer than it must.
///
/// In January 2026 the exchange announced an after-market from 16:00 to 20:00 in place of the
/// auctions, planned for that June. Whether vendors count it in the day's volume is not known here;
/// for one that does, 270 minutes are right.
pub const DEFAULT_FINAL_AFTER: TimeDelta = TimeDelta::minutes(150);

impl TradingCalendar {
    /// Replaces how long after the close a bar can still change, by default
    /// [`DEFAULT_FINAL_AFTER`]; a negative margin counts as none.
    #[must_use]
    pub fn with_final_after(mut self, margin: TimeDelta) -> Self {
        self.final_after = margin.max(TimeDelta::zero());
        self
    }

    /// When the bar of a session stops changing: after-hours trading has ended.
    ///
    /// # Errors
    /// [`CalendarError`] if `session` is not one, or its year is unknown.
    pub fn finalizes_at(&self, session: Session) -> Result<DateTime<FixedOffset>, CalendarError> {
        Ok(self.closes_at(session)? + self.final_after)
    }

    /// Whether the bar of a session has stopped changing. What a vendor corrects later is a
    /// correction, which the store keeps as one.
    ///
    /// # Errors
    /// As [`Self::finalizes_at`].
    pub fn bar_is_final(
        &self,
        session: Session,
        now: DateTime<Utc>,
    ) -> Result<bool, CalendarError> {
        Ok(self.finalizes_at(session)? <= now)
    }

    /// The last session whose bar is final. From a close until its bar is final this is one session
    /// before [`Self::last_completed_session`]: a prediction is stale by then, and the bars that
    /// would refresh it are not to be had yet.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] outside the data.
    pub fn last_final_session(&self, now: DateTime<Utc>) -> Result<Session, CalendarError> {
        let mut session = self.last_completed_session(now)?;
        while !self.bar_is_final(session, now)? {
            session = self.previous_session(session.date())?;
        }
        Ok(session)
    }
}
