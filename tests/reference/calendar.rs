//! The trading calendar against exchange_calendars' XKRX.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use naeil_domain::TradingCalendar;

use crate::python;

/// Date to opening and closing time.
type Sessions = BTreeMap<String, String>;

fn ours(first: NaiveDate, last: NaiveDate) -> Sessions {
    let calendar = TradingCalendar::xkrx();
    let sessions = calendar.sessions_between(first, last).unwrap();
    let hours = |session| {
        let hours = calendar.hours(session).unwrap();
        format!(
            "{},{}",
            hours.open.format("%H:%M"),
            hours.close.format("%H:%M")
        )
    };
    sessions
        .into_iter()
        .map(|session| (session.to_string(), hours(session)))
        .collect()
}

fn theirs(first: NaiveDate, last: NaiveDate) -> Sessions {
    python::run(
        "calendar_sessions.py",
        [first.to_string(), last.to_string()],
    )
    .lines()
    .map(|line| line.split_once(',').unwrap())
    .map(|(date, hours)| (date.to_owned(), hours.to_owned()))
    .collect()
}

#[test]
fn seventeen_years_agree_with_exchange_calendars_but_for_what_it_lacks() {
    let (first, last) = ("2010-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
    let (ours, theirs) = (ours(first, last), theirs(first, last));
    assert_eq!((ours.len(), theirs.len()), (4183, 4185));

    // Declared after that package was released: local elections, and Constitution Day, a holiday
    // again from 2026 on. Recorded data show no trading on either.
    let not_theirs: Vec<&str> = theirs
        .keys()
        .filter(|date| !ours.contains_key(*date))
        .map(String::as_str)
        .collect();
    assert_eq!(not_theirs, ["2026-06-03", "2026-07-17"]);
    assert!(ours.keys().all(|date| theirs.contains_key(date)));

    // It has the hours of exam days up to 2020 only.
    let other_hours: Vec<(&str, &str, &str)> = ours
        .iter()
        .map(|(date, hours)| (date.as_str(), hours.as_str(), theirs[date].as_str()))
        .filter(|(_, ours, theirs)| ours != theirs)
        .collect();
    let exam_days = [
        "2021-11-18",
        "2022-11-17",
        "2023-11-16",
        "2024-11-14",
        "2025-11-13",
        "2026-11-19",
    ];
    let expected = exam_days.map(|date| (date, "10:00,16:30", "09:00,15:30"));
    assert_eq!(other_hours, expected);
}
