//! When an answer grows old.

use chrono::{DateTime, TimeDelta, Utc};
use naeil_domain::calendar::kst;
use naeil_domain::{Session, TradingCalendar};

/// How long an answer lives when the calendar does not know when the exchange opens next: short
/// enough that a calendar that learns it is soon heard.
pub(crate) const UNKNOWN_CALENDAR_TTL: TimeDelta = TimeDelta::minutes(15);

/// When an answer given at `now` expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expiry {
    pub(crate) at: DateTime<Utc>,
    /// Whether the calendar knew the next open.
    pub(crate) is_known: bool,
}

/// At the next open, or at the close of a session that is open now, since that close makes an
/// answer without the session's bars a stale one; after [`UNKNOWN_CALENDAR_TTL`] where the calendar
/// does not reach the next open.
pub(crate) fn expiry(calendar: &TradingCalendar, now: DateTime<Utc>) -> Expiry {
    let next_open = calendar.next_open_after(now);
    let is_known = next_open.is_ok();
    let at = next_open.map_or(now + UNKNOWN_CALENDAR_TTL, |open| open.to_utc());
    let today = Session::new(now.with_timezone(&kst()).date_naive());
    // No session today, or a year that the calendar does not know: nothing closes.
    let close_today = calendar.closes_at(today).ok().map(|close| close.to_utc());
    Expiry {
        at: close_today
            .filter(|&close| now < close)
            .map_or(at, |close| close.min(at)),
        is_known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_lives_to_the_next_open_or_close_and_shortly_beyond_the_calendar() {
        let calendar = TradingCalendar::xkrx();
        let time = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let check = |now: &str, at: &str, is_known: bool| {
            let at = time(at);
            assert_eq!(
                expiry(&calendar, time(now)),
                Expiry { at, is_known },
                "{now}"
            );
        };
        check(
            "2024-01-06T12:00:00+09:00",
            "2024-01-08T09:00:00+09:00",
            true,
        );
        check(
            "2024-01-08T09:00:00+09:00",
            "2024-01-08T15:30:00+09:00",
            true,
        );
        check(
            "2024-01-08T15:30:00+09:00",
            "2024-01-09T09:00:00+09:00",
            true,
        );
        // 2027-12-30 is the last session the calendar knows.
        check(
            "2027-12-29T15:30:00+09:00",
            "2027-12-30T09:00:00+09:00",
            true,
        );
        check(
            "2027-12-30T15:10:00+09:00",
            "2027-12-30T15:25:00+09:00",
            false,
        );
        check(
            "2027-12-30T15:20:00+09:00",
            "2027-12-30T15:30:00+09:00",
            false,
        );
        check(
            "2027-12-30T15:30:00+09:00",
            "2027-12-30T15:45:00+09:00",
            false,
        );
        check(
            "2028-01-03T08:59:00+09:00",
            "2028-01-03T09:14:00+09:00",
            false,
        );
    }
}
