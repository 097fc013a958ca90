//! The calendar's data files and how they are read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate, NaiveTime};

use super::{Hours, TradingCalendar};

const HOLIDAYS: &str = include_str!("../../data/xkrx_holidays.csv");
const SPECIAL_SESSIONS: &str = include_str!("../../data/xkrx_special_sessions.csv");

/// A line of an override file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "calendar override, line {line}: {problem}; expected DATE,closed or DATE,open[,HH:MM,HH:MM]"
)]
pub struct CalendarFileError {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

pub(super) enum Override {
    Closed(NaiveDate),
    Open(NaiveDate, Option<Hours>),
}

/// The shipped files belong to the program: a defect in them is a defect of the build, found by
/// the tests, so reading them may panic.
pub(super) fn embedded() -> TradingCalendar {
    let closed: BTreeSet<NaiveDate> = data_lines(HOLIDAYS)
        .map(|line| parse_date(line.split(',').next().unwrap_or_default()).expect("shipped date"))
        .collect();
    let special: BTreeMap<NaiveDate, Hours> = data_lines(SPECIAL_SESSIONS)
        .map(|line| {
            let mut fields = line.split(',');
            let mut next = || {
                fields
                    .next()
                    .expect("shipped special session has three fields")
            };
            let date = parse_date(next()).expect("shipped date");
            let hours = Hours {
                open: parse_time(next()).expect("shipped opening time"),
                close: parse_time(next()).expect("shipped closing time"),
            };
            (date, hours)
        })
        .collect();
    let first_year = closed.first().expect("holidays are shipped").year();
    let last_year = closed.last().expect("holidays are shipped").year();
    TradingCalendar {
        first_year,
        last_year,
        closed,
        special,
        opened: BTreeSet::new(),
    }
}

fn data_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().skip(1).filter(|line| !line.trim().is_empty())
}

/// 09:00 to 15:30 since 2016-08-01, to 15:00 before (as exchange_calendars has it for XKRX).
pub(super) fn regular_hours(date: NaiveDate) -> Hours {
    let longer_day = NaiveDate::from_ymd_opt(2016, 8, 1).expect("a valid date");
    let (hour, minute) = if date >= longer_day {
        (15, 30)
    } else {
        (15, 0)
    };
    Hours {
        open: NaiveTime::from_hms_opt(9, 0, 0).expect("a valid time"),
        close: NaiveTime::from_hms_opt(hour, minute, 0).expect("a valid time"),
    }
}

pub(super) fn parse_overrides(text: &str) -> Result<Vec<Override>, CalendarFileError> {
    let mut overrides = Vec::new();
    for (idx, line) in text.lines().enumerate() {
        let content = line.split('#').next().unwrap_or_default().trim();
        if content.is_empty() {
            continue;
        }
        let fail = |problem: String| CalendarFileError {
            line: idx + 1,
            problem,
        };
        let fields: Vec<&str> = content.split(',').map(str::trim).collect();
        let date =
            parse_date(fields[0]).ok_or_else(|| fail(format!("'{}' is not a date", fields[0])))?;
        overrides.push(match fields[1..] {
            ["closed"] => Override::Closed(date),
            ["open"] => Override::Open(date, None),
            ["open", open, close] => {
                let time = |text: &str| {
                    parse_time(text).ok_or_else(|| fail(format!("'{text}' is not a time")))
                };
                let hours = Hours {
                    open: time(open)?,
                    close: time(close)?,
                };
                if hours.open >= hours.close {
                    return Err(fail(format!(
                        "opening {open} is not before closing {close}"
                    )));
                }
                Override::Open(date, Some(hours))
            }
            _ => return Err(fail(format!("'{content}' is neither closed nor open"))),
        });
    }
    Ok(overrides)
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}
