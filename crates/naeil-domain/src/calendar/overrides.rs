//! The override file: what was declared after this version was built.

use chrono::{Datelike as _, NaiveDate, Weekday};

use super::shipped::{parse_date, parse_time};
use super::{Hours, TradingCalendar};

/// A line of an override file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "calendar override, line {line}: {problem}; expected DATE,closed or DATE,open[,HH:MM,HH:MM] \
     or YEAR,covered"
)]
pub struct CalendarFileError {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

enum Override {
    Closed(NaiveDate),
    Open(NaiveDate, Option<Hours>),
    Covered(i32),
}

/// All lines or none: a file with one bad line changes nothing.
pub(super) fn apply(
    mut calendar: TradingCalendar,
    text: &str,
) -> Result<TradingCalendar, CalendarFileError> {
    let mut changes = parse(text)?;
    // Years first, so that it does not matter where in the file the line stands.
    changes.sort_by_key(|(_, change)| match change {
        Override::Covered(year) => *year,
        Override::Closed(_) | Override::Open(..) => i32::MAX,
    });
    let usual = calendar.special.clone();
    let mut added_years = Vec::new();
    for (line, change) in changes {
        let fail = |problem: String| CalendarFileError { line, problem };
        let date = match change {
            Override::Covered(year) => {
                if year > calendar.last_year + 1 {
                    return Err(fail(format!(
                        "{year} does not follow {}, the last year covered",
                        calendar.last_year
                    )));
                }
                // A newer version may ship a year that the file was written for.
                if year > calendar.last_year {
                    calendar.last_year = year;
                    added_years.push((line, year));
                }
                continue;
            }
            Override::Closed(date) | Override::Open(date, _) => date,
        };
        if !calendar.covers(date) {
            return Err(fail(format!(
                "{date} has no effect, the calendar covers {} to {}",
                calendar.first_year, calendar.last_year
            )));
        }
        match change {
            Override::Open(_, hours) => {
                calendar.closed.remove(&date);
                calendar.opened.insert(date);
                // The later line counts: hours that an earlier one gave are forgotten.
                match hours.or_else(|| usual.get(&date).copied()) {
                    Some(hours) => calendar.special.insert(date, hours),
                    None => calendar.special.remove(&date),
                };
            }
            Override::Closed(_) | Override::Covered(_) => {
                calendar.opened.remove(&date);
                calendar.special.remove(&date);
                calendar.closed.insert(date);
            }
        }
    }
    for (line, year) in added_years {
        refuse_unlisted(&calendar, year).map_err(|problem| CalendarFileError { line, problem })?;
    }
    Ok(calendar)
}

/// The exchange closes on the last weekday of every year: a year without that closure was not
/// listed, only announced.
fn refuse_unlisted(calendar: &TradingCalendar, year: i32) -> Result<(), String> {
    let last_weekday = (1..=31)
        .rev()
        .filter_map(|day| NaiveDate::from_ymd_opt(year, 12, day))
        .find(|date| !is_weekend(*date));
    match last_weekday {
        Some(date) if !calendar.closed.contains(&date) => Err(format!(
            "the closures of {year} are not all listed, {date} (the year-end closure) is missing"
        )),
        _ => Ok(()),
    }
}

pub(super) fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

fn parse(text: &str) -> Result<Vec<(usize, Override)>, CalendarFileError> {
    // A byte order mark is what some editors begin a file with.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut changes = Vec::new();
    for (idx, line) in text.lines().enumerate() {
        let content = line.split('#').next().unwrap_or_default().trim();
        if !content.is_empty() {
            let change = parse_line(content).map_err(|problem| CalendarFileError {
                line: idx + 1,
                problem,
            })?;
            changes.push((idx + 1, change));
        }
    }
    Ok(changes)
}

fn parse_line(content: &str) -> Result<Override, String> {
    let fields: Vec<&str> = content.split(',').map(str::trim).collect();
    if let [year, "covered"] = fields[..] {
        return match year.parse() {
            Ok(year @ 1900..=9999) => Ok(Override::Covered(year)),
            _ => Err(format!("'{year}' is not a year")),
        };
    }
    let date = parse_date(fields[0]).ok_or_else(|| format!("'{}' is not a date", fields[0]))?;
    match fields[1..] {
        ["closed"] => Ok(Override::Closed(date)),
        ["open"] => Ok(Override::Open(date, None)),
        ["open", open, close] => {
            let time =
                |text: &str| parse_time(text).ok_or_else(|| format!("'{text}' is not a time"));
            let hours = Hours {
                open: time(open)?,
                close: time(close)?,
            };
            if hours.open >= hours.close {
                return Err(format!("opening {open} is not before closing {close}"));
            }
            Ok(Override::Open(date, Some(hours)))
        }
        _ => Err(format!("'{content}' is neither closed nor open")),
    }
}
