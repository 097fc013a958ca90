//! The calendar's data files and how they are read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate, NaiveTime};

use super::finality::DEFAULT_FINAL_AFTER;
use super::{Hours, TradingCalendar};

const HOLIDAYS: &str = include_str!("../../data/xkrx_holidays.csv");
const SPECIAL_SESSIONS: &str = include_str!("../../data/xkrx_special_sessions.csv");

/// The shipped files belong to the program: a defect in them is a defect of the build, found by
/// the tests, so reading them may panic.
pub(super) fn xkrx() -> TradingCalendar {
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
        final_after: DEFAULT_FINAL_AFTER,
    }
}

fn data_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().skip(1).filter(|line| !line.trim().is_empty())
}

pub(super) fn parse_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

pub(super) fn parse_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}
