//! From counts to findings, one function a check.

mod actions;
mod basis;
mod refused;
mod sessions;
mod stocks;
mod tables;

use std::collections::BTreeMap;

use chrono::{NaiveDate, SecondsFormat};
use naeil_domain::CorporateAction;
use naeil_domain::ports::RefusedBar;

use crate::axis::Axis;
use crate::check::CheckRequest;
use crate::limits::EXAMPLES;
use crate::market::MarketTally;
use crate::name::CheckName;
use crate::report::{Count, Example, Finding, QualityReport, SCHEMA_VERSION};
use crate::worst::{Case, Worst};

/// Everything a finding is made from.
pub(crate) struct Facts<'a> {
    pub(crate) request: &'a CheckRequest,
    pub(crate) market: &'a MarketTally,
    pub(crate) axis: &'a Axis,
    pub(crate) actions: &'a [CorporateAction],
    pub(crate) refused: &'a [RefusedBar],
    pub(crate) from: Option<NaiveDate>,
}

/// Makes the report.
pub(crate) fn report(facts: &Facts<'_>) -> QualityReport {
    let refused = refused::Refused::new(facts);
    let findings = CheckName::ALL
        .into_iter()
        .map(|check| finding(check, facts, &refused))
        .collect();
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    let days = &facts.market.sessions;
    QualityReport {
        schema: SCHEMA_VERSION,
        exchange: facts.request.exchange.to_string(),
        checked_at: facts.request.now.to_rfc3339_opts(SecondsFormat::Secs, true),
        first_session: day(days.keys().next().copied()),
        last_session: day(days.keys().next_back().copied()),
        codes: facts.market.codes.len() as u64,
        n_sessions: facts.axis.sessions.len() as u64,
        bars: facts.market.bars,
        refused: refused.total(),
        findings,
        suggested_actions: actions::suggested(facts),
        worst_codes: tables::worst_codes(facts, &refused),
        sessions: tables::sessions(facts),
        returns: tables::returns(facts),
    }
}

fn finding(check: CheckName, facts: &Facts<'_>, refused: &refused::Refused) -> Finding {
    match check {
        CheckName::BasisSwitch => basis::basis_switch(facts),
        CheckName::UnadjustedSplit => basis::unadjusted_split(facts),
        CheckName::ImpossibleMoves => basis::impossible_moves(facts),
        CheckName::MixedBasis => basis::mixed_basis(facts),
        CheckName::CorporateActions => actions::corporate_actions(facts),
        CheckName::MissingSessions => sessions::missing_sessions(facts),
        CheckName::Gaps => sessions::gaps(facts),
        CheckName::StaleSeries => sessions::stale_series(facts),
        CheckName::Survivorship => sessions::survivorship(facts),
        CheckName::ObservedSessions => sessions::observed_sessions(facts),
        CheckName::ImpossibleBars
        | CheckName::MissingValues
        | CheckName::UnreadableRows
        | CheckName::WrongDates
        | CheckName::Duplicates => refused.finding(check, facts),
        CheckName::OutsideRange => stocks::outside_range(facts),
        CheckName::Halts => stocks::halts(facts),
        CheckName::FlatSeries => stocks::flat_series(facts),
        CheckName::CoarsePrices => stocks::coarse_prices(facts),
        CheckName::VolumeOutliers => stocks::volume_outliers(facts),
    }
}

/// What a finding says; see [`Finding`].
struct Says {
    failed: bool,
    flagged: bool,
    summary: String,
    limit: &'static str,
    remedy: &'static str,
}

fn made(check: CheckName, says: Says, counts: &[(&str, u64)], examples: Vec<Example>) -> Finding {
    let count = |&(what, n): &(&str, u64)| Count {
        what: what.to_owned(),
        n,
    };
    Finding {
        check,
        failed: says.failed,
        flagged: says.flagged || says.failed,
        summary: says.summary,
        limit: says.limit.to_owned(),
        remedy: says.remedy.to_owned(),
        counts: counts.iter().map(count).collect(),
        examples,
    }
}

/// The limit of a check that is told and never fails.
const NEVER: &str = "never fails";

fn example(code: Option<&str>, day: Option<NaiveDate>, what: String) -> Example {
    Example {
        code: code.map(str::to_owned),
        session: day.map(|day| day.to_string()),
        what,
    }
}

/// The kept cases in words.
fn examples(worst: &Worst, what: impl Fn(&Case) -> String) -> Vec<Example> {
    worst
        .cases()
        .iter()
        .map(|case| example(Some(case.code.as_str()), Some(case.day), what(case)))
        .collect()
}

/// The greatest few of a list, by a size, ties by code.
fn greatest<'a, T>(
    items: impl Iterator<Item = &'a T>,
    size: impl Fn(&T) -> u64,
    code: impl Fn(&T) -> &str,
) -> Vec<&'a T> {
    let mut items: Vec<&T> = items.filter(|item| size(item) > 0).collect();
    items.sort_by(|a, b| {
        let order = size(b).cmp(&size(a));
        order.then_with(|| code(a).cmp(code(b)))
    });
    items.truncate(EXAMPLES);
    items
}

/// `1 bar`, `2 bars`, `1,234 bars`.
fn n(count: u64, thing: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {thing}{s}", grouped(count))
}

/// A count with its thousands apart.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A price or volume without a tail of zeros.
fn figure(value: f64) -> String {
    if value.abs() >= 1000.0 && value.abs() < 1e15 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", grouped(value.abs().round() as u64));
    }
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Counts by key, in the order of the keys.
fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_for_people() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_415_909), "1,415,909");
        assert_eq!(n(1, "bar"), "1 bar");
        assert_eq!(n(1000, "bar"), "1,000 bars");
        assert_eq!(figure(2_420_000.0), "2,420,000");
        assert_eq!(figure(92.48), "92.48");
        assert_eq!(figure(7.0), "7");
    }
}
