//! Dates whose answer is known.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{date, session, time};
use crate::calendar::{CalendarBasis, CalendarError, TradingCalendar};
use crate::exchange::Exchange;

#[test]
fn known_dates_are_open_or_closed() {
    let calendar = TradingCalendar::xkrx();
    let check = |text: &str, expected: bool| {
        assert_eq!(calendar.is_session(date(text)), Ok(expected), "{text}");
    };
    check("2024-10-01", false); // Armed forces day, declared at short notice.
    check("2025-06-03", false); // Presidential election.
    check("2026-06-03", false); // Local elections.
    check("2024-12-31", false); // Year-end closure.
    check("2025-12-31", false);
    check("2022-12-30", false); // The last weekday of a year that ends on a Saturday.
    check("2022-12-29", true);
    check("2023-12-29", false); // The last weekday of a year that ends on a Sunday.
    check("2023-12-28", true);
    check("2024-12-30", true);
    check("2024-10-05", false); // Saturday.
    check("2017-09-22", true); // Missing in some vendors' series.
}

#[test]
fn counts_of_sessions_per_year_are_those_of_the_exchange() {
    // Days on which recorded closes of the KOSPI and KOSDAQ indices exist.
    let calendar = TradingCalendar::xkrx();
    for (year, expected) in [
        (2010, 251),
        (2015, 248),
        (2019, 246),
        (2020, 248),
        (2024, 244),
    ] {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
        assert_eq!(
            calendar.sessions_between(first, last).unwrap().len(),
            expected,
            "{year}"
        );
    }
}

#[test]
fn hours_follow_the_date() {
    let calendar = TradingCalendar::xkrx();
    let check = |text: &str, open: &str, close: &str| {
        let hours = calendar.hours(session(text)).unwrap();
        assert_eq!(hours.open.format("%H:%M").to_string(), open, "{text}");
        assert_eq!(hours.close.format("%H:%M").to_string(), close, "{text}");
    };
    check("2016-07-29", "09:00", "15:00");
    check("2016-08-01", "09:00", "15:30");
    check("2026-01-02", "10:00", "15:30");
    // Days of the university entrance exam open and close an hour late. In 2017 an earthquake put
    // the exam off by a week; both days had been announced.
    check("2010-11-18", "10:00", "16:00");
    for exam_day in [
        "2017-11-16",
        "2017-11-23",
        "2020-12-03",
        "2021-11-18",
        "2022-11-17",
        "2023-11-16",
        "2024-11-14",
        "2025-11-13",
        "2026-11-19",
    ] {
        check(exam_day, "10:00", "16:30");
    }
    assert_eq!(
        calendar.hours(session("2024-10-01")),
        Err(CalendarError::NotASession(date("2024-10-01")))
    );
}

#[test]
fn an_unknown_year_is_an_error_and_never_a_guess() {
    let calendar = TradingCalendar::xkrx();
    for text in ["2009-12-31", "2028-01-03"] {
        let error = calendar.is_session(date(text)).unwrap_err();
        assert!(
            matches!(error, CalendarError::UnknownYear { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("covers 2010 to 2027"), "{error}");
    }
    assert!(calendar.next_session(date("2027-12-31")).is_err());
    assert!(
        calendar
            .nth_session_after(session("2027-12-20"), 20)
            .is_err()
    );
}

#[test]
fn the_newest_session_is_known_only_after_its_close() {
    let calendar = TradingCalendar::xkrx();
    // 2026-11-23 is a Monday.
    let before = time("2026-11-23T15:29:59+09:00");
    let after = time("2026-11-23T15:30:00+09:00");
    assert_eq!(
        calendar.last_completed_session(before),
        Ok(session("2026-11-20"))
    );
    assert_eq!(
        calendar.last_completed_session(after),
        Ok(session("2026-11-23"))
    );
    let check = |now: DateTime<Utc>, expected: &str| {
        assert_eq!(
            calendar.next_open_after(now).unwrap().to_rfc3339(),
            expected
        );
    };
    check(before, "2026-11-24T09:00:00+09:00");
    check(
        time("2026-11-23T08:59:59+09:00"),
        "2026-11-23T09:00:00+09:00",
    );
    check(
        time("2025-12-31T12:00:00+09:00"),
        "2026-01-02T10:00:00+09:00",
    );
}

#[test]
fn a_bar_is_final_once_after_hours_trading_has_ended() {
    let calendar = TradingCalendar::xkrx();
    let check = |now: &str, completed: &str, last_final: &str| {
        let now = time(now);
        assert_eq!(calendar.last_completed_session(now), Ok(session(completed)));
        assert_eq!(calendar.last_final_session(now), Ok(session(last_final)));
        assert_eq!(calendar.bar_is_final(session(last_final), now), Ok(true));
        let next = calendar.next_session(date(last_final)).unwrap();
        assert_eq!(calendar.bar_is_final(next, now), Ok(false));
    };
    check("2026-11-23T15:30:00+09:00", "2026-11-23", "2026-11-20");
    check("2026-11-23T17:59:59+09:00", "2026-11-23", "2026-11-20");
    check("2026-11-23T18:00:00+09:00", "2026-11-23", "2026-11-23");
    // An exam day closes an hour late, and so its bar is final an hour later.
    check("2026-11-19T18:59:59+09:00", "2026-11-19", "2026-11-18");
    check("2026-11-19T19:00:00+09:00", "2026-11-19", "2026-11-19");

    let saturday = session("2026-11-21");
    assert_eq!(
        calendar.bar_is_final(saturday, time("2026-11-23T12:00:00+09:00")),
        Err(CalendarError::NotASession(saturday.date()))
    );
}

#[test]
fn the_margin_until_a_bar_is_final_can_be_set() {
    let monday = session("2026-11-23");
    let finalizes = |margin: TimeDelta| {
        let calendar = TradingCalendar::xkrx().with_final_after(margin);
        calendar.finalizes_at(monday).unwrap().to_rfc3339()
    };
    assert_eq!(finalizes(TimeDelta::zero()), "2026-11-23T15:30:00+09:00");
    assert_eq!(finalizes(TimeDelta::hours(-1)), "2026-11-23T15:30:00+09:00");
    // A vendor that delivers a day later: on Monday evening Friday's bar is not final either.
    let late = TradingCalendar::xkrx().with_final_after(TimeDelta::hours(78));
    assert_eq!(
        late.last_final_session(time("2026-11-23T18:00:00+09:00")),
        Ok(session("2026-11-19"))
    );
}

#[test]
fn what_no_calendar_covers_goes_by_observed_sessions() {
    let calendar = TradingCalendar::xkrx();
    let check = |exchange, text: &str, expected: &str| {
        let basis: CalendarBasis = calendar.basis(exchange, date(text));
        assert_eq!(basis.as_str(), expected, "{exchange} {text}");
    };
    check(Exchange::Krx, "2010-01-01", "calendar");
    check(Exchange::Krx, "2009-12-31", "observed");
    check(Exchange::Krx, "2028-01-03", "observed");
    check(Exchange::Us, "2016-12-30", "observed");
    check(Exchange::Cn, "2022-12-30", "observed");
}

#[test]
fn the_longest_wait_for_an_open_is_the_chuseok_of_2017() {
    let calendar = TradingCalendar::xkrx();
    let last_close = calendar.closes_at(session("2017-09-29")).unwrap().to_utc();
    let next_open = calendar.next_open_after(last_close).unwrap();
    assert_eq!(next_open.to_rfc3339(), "2017-10-10T09:00:00+09:00");
    let wait = calendar.time_to_next_open(last_close).unwrap();
    assert_eq!(wait, TimeDelta::days(11) - TimeDelta::minutes(390));
}
