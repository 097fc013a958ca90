//! Rows that imports refused, sorted into checks.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use naeil_domain::ports::RefusedBar;

use super::{Facts, Says, example, grouped, made, n};
use crate::limits::{EXAMPLES, REFUSED_SHARE};
use crate::name::CheckName;
use crate::report::{Example, Finding};

/// Refused rows of the request.
pub(super) struct Refused {
    by_check: BTreeMap<CheckName, Group>,
    by_code: BTreeMap<String, u64>,
}

#[derive(Default)]
struct Group {
    rows: u64,
    /// Rows whose code has a bar on that day by now.
    mended: u64,
    by_reason: BTreeMap<String, u64>,
    by_date: BTreeMap<String, u64>,
    examples: Vec<Example>,
}

impl Refused {
    pub(super) fn new(facts: &Facts<'_>) -> Self {
        let codes: BTreeMap<&str, &crate::market::CodeTally> = facts
            .market
            .codes
            .iter()
            .map(|c| (c.code.as_str(), c))
            .collect();
        let mut refused = Self {
            by_check: BTreeMap::new(),
            by_code: BTreeMap::new(),
        };
        for row in facts.refused.iter().filter(|row| is_asked_for(row, facts)) {
            let day = row.date.parse::<NaiveDate>().ok();
            let bars = codes.get(row.code.as_str());
            let has_bar = bars.zip(day).is_some_and(|(c, day)| c.days.contains(day));
            let group = refused.by_check.entry(check_of(&row.reason)).or_default();
            group.take(row, has_bar);
            *refused.by_code.entry(row.code.clone()).or_default() += row.count;
        }
        refused
    }

    pub(super) fn total(&self) -> u64 {
        self.by_check.values().map(|group| group.rows).sum()
    }

    pub(super) fn of_code(&self, code: &str) -> u64 {
        self.by_code.get(code).copied().unwrap_or(0)
    }

    pub(super) fn finding(&self, check: CheckName, facts: &Facts<'_>) -> Finding {
        let nothing = Group::default();
        let group = self.by_check.get(&check).unwrap_or(&nothing);
        let off_calendar = match check {
            CheckName::WrongDates => facts.axis.off_calendar.len() as u64,
            _ => 0,
        };
        // A repeated row has lost nothing, and one that was stored since is mended.
        let lost = match check {
            CheckName::Duplicates => group.rows,
            _ => group.rows - group.mended,
        };
        let all_rows = facts.market.bars + self.total();
        let failed = lost as f64 > all_rows as f64 * REFUSED_SHARE || off_calendar > 0;
        let mut counts = vec![("rows", group.rows), ("stored_since", group.mended)];
        if check == CheckName::WrongDates {
            counts.push(("days_with_bars_outside_the_calendar", off_calendar));
        }
        counts.extend(
            group
                .by_reason
                .iter()
                .map(|(reason, n)| (reason.as_str(), *n)),
        );
        let says = Says {
            failed,
            flagged: group.rows > 0,
            summary: group.summary(check, off_calendar),
            limit: match check {
                CheckName::WrongDates => {
                    "fails if more than 1 % of all rows were refused for it, or if there are bars \
                     on days that the exchange was closed"
                }
                _ => "fails if more than 1 % of all rows were refused for it",
            },
            remedy: remedy(check),
        };
        made(check, says, &counts, group.examples.clone())
    }
}

impl Group {
    fn take(&mut self, row: &RefusedBar, has_bar: bool) {
        self.rows += row.count;
        if has_bar {
            self.mended += row.count;
        }
        *self.by_reason.entry(row.reason.clone()).or_default() += row.count;
        *self.by_date.entry(row.date.clone()).or_default() += row.count;
        if self.examples.len() < EXAMPLES {
            let times = if row.count == 1 {
                String::new()
            } else {
                format!(", {} rows", row.count)
            };
            let mut shown = example(Some(&row.code), None, format!("{}{times}", row.reason));
            shown.session = Some(row.date.clone());
            self.examples.push(shown);
        }
    }

    fn summary(&self, check: CheckName, off_calendar: u64) -> String {
        if off_calendar > 0 {
            return format!(
                "{} with bars on which the exchange was closed",
                n(off_calendar, "day")
            );
        }
        if self.rows == 0 {
            return "no row was refused for it".to_owned();
        }
        let reasons: Vec<String> = self
            .by_reason
            .iter()
            .map(|(reason, n)| format!("{} {reason}", grouped(*n)))
            .collect();
        let most = self
            .by_date
            .iter()
            .max_by_key(|&(date, n)| (*n, std::cmp::Reverse(date)));
        let cluster = match most {
            Some((date, &n)) if check == CheckName::Duplicates && n * 2 > self.rows => {
                format!(", {n} of them on {date}")
            }
            _ => String::new(),
        };
        format!(
            "{} refused: {}{cluster}",
            n(self.rows, "row"),
            reasons.join(", ")
        )
    }
}

/// Whether a refused row belongs to the request; one whose date cannot be read always does.
fn is_asked_for(row: &RefusedBar, facts: &Facts<'_>) -> bool {
    let bars = &facts.request.bars;
    let code = bars.codes.as_ref();
    if code.is_some_and(|codes| codes.iter().all(|code| code.as_str() != row.code)) {
        return false;
    }
    let Ok(day) = row.date.parse::<NaiveDate>() else {
        return true;
    };
    // Of so many last sessions the first is known only from the bars.
    let first_read = bars.last_sessions.and_then(|_| facts.axis.first());
    let from = facts.from.max(first_read);
    let too_early = from.is_some_and(|from| day < from);
    let too_late = bars.until.is_some_and(|until| day > until.date());
    !(too_early || too_late)
}

fn check_of(reason: &str) -> CheckName {
    match reason {
        "not_finite" | "missing_value" => CheckName::MissingValues,
        "future_date" | "not_a_session" => CheckName::WrongDates,
        "duplicate_row" => CheckName::Duplicates,
        "bad_number" | "bad_date" | "bad_code" | "bad_utf8" | "wrong_field_count"
        | "unknown_market" => CheckName::UnreadableRows,
        _ => CheckName::ImpossibleBars,
    }
}

fn remedy(check: CheckName) -> &'static str {
    match check {
        CheckName::MissingValues => {
            "ask the source for the rows again; a value that is not known has to stay out"
        }
        CheckName::WrongDates => {
            "check the file's dates and their time zone; if the exchange did trade, say so in the \
             calendar's override file and import again"
        }
        CheckName::Duplicates => {
            "the first row of each code and date was kept; if another one is right, import that \
             one alone and it is stored as a correction"
        }
        CheckName::UnreadableRows => {
            "look into the file of refused rows; often the columns are mapped wrongly"
        }
        _ => {
            "look into the file of refused rows; many of them mean that columns are swapped or \
             on different bases"
        }
    }
}
