use chrono::TimeZone as _;
use proptest::prelude::*;

use super::*;

fn date(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn session(text: &str) -> Session {
    Session::new(date(text))
}

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
    check("2010-11-18", "10:00", "16:00");
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
fn overrides_close_open_and_shift_sessions() {
    let calendar = TradingCalendar::xkrx()
        .with_overrides("# declared today\n2026-11-25,closed\n2026-11-28,open,10:00,12:00\n")
        .unwrap();
    assert_eq!(calendar.is_session(date("2026-11-25")), Ok(false));
    assert_eq!(calendar.is_session(date("2026-11-28")), Ok(true));
    assert_eq!(
        calendar
            .closes_at(session("2026-11-28"))
            .unwrap()
            .to_rfc3339(),
        "2026-11-28T12:00:00+09:00"
    );
    let check = |text: &str, problem: &str| {
        let error = TradingCalendar::xkrx().with_overrides(text).unwrap_err();
        assert_eq!(error.line, 2);
        assert_eq!(error.problem, problem);
    };
    check("\n25.11.2026,closed", "'25.11.2026' is not a date");
    check(
        "\n2026-11-25,shut",
        "'2026-11-25,shut' is neither closed nor open",
    );
    check("\n2026-11-25,open,10,12:00", "'10' is not a time");
    check(
        "\n2026-11-25,open,12:00,10:00",
        "opening 12:00 is not before closing 10:00",
    );
}

#[test]
fn the_newest_session_is_known_only_after_its_close() {
    let calendar = TradingCalendar::xkrx();
    // 2026-11-23 is a Monday; 06:29:59Z is one second before the close.
    let before = Utc.with_ymd_and_hms(2026, 11, 23, 6, 29, 59).unwrap();
    let after = Utc.with_ymd_and_hms(2026, 11, 23, 6, 30, 0).unwrap();
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
        Utc.with_ymd_and_hms(2026, 11, 22, 23, 59, 59).unwrap(),
        "2026-11-23T09:00:00+09:00",
    );
    check(
        Utc.with_ymd_and_hms(2025, 12, 31, 3, 0, 0).unwrap(),
        "2026-01-02T10:00:00+09:00",
    );
}

proptest! {
    #[test]
    fn next_and_previous_undo_each_other(offset in 10_i64..6_500) {
        let calendar = TradingCalendar::xkrx();
        let day = date("2010-01-04") + chrono::Duration::days(offset);
        let next = calendar.next_session(day).unwrap();
        prop_assert!(next.date() > day);
        let back = calendar.previous_session(next.date()).unwrap();
        prop_assert!(back.date() <= day);
        if calendar.is_session(day).unwrap() {
            prop_assert_eq!(back, Session::new(day));
        }
        prop_assert_eq!(calendar.nth_session_after(back, 1).unwrap(), next);
    }
}
