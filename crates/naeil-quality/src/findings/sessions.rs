//! Findings about sessions and lives.

use super::{Facts, NEVER, Says, example, greatest, grouped, made, n};
use crate::limits::{
    ENDED_SESSIONS, EXAMPLES, MONTH_SESSIONS, STALE_MARKET_SESSIONS, STALE_SESSIONS, YEAR_SESSIONS,
};
use crate::name::CheckName;
use crate::report::Finding;

pub(super) fn missing_sessions(facts: &Facts<'_>) -> Finding {
    let empty = &facts.axis.empty;
    let count = empty.len() as u64;
    let listed = empty
        .iter()
        .take(3)
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    // A few codes may have been halted all at once, so only the whole market can lack a session.
    let of_some = facts.request.bars.codes.is_some();
    let codes = if of_some { "these codes" } else { "any code" };
    let all = facts.axis.sessions.len();
    let is_observed = all > 0 && facts.axis.observed == all;
    let says = Says {
        failed: count > 0 && !of_some,
        flagged: count > 0,
        summary: match (count, empty.len() - listed.len()) {
            (0, _) if is_observed => {
                "no calendar covers these sessions, so none can be seen to be missing".to_owned()
            }
            (0, _) => "every session of the calendar has bars".to_owned(),
            (_, 0) => format!(
                "{} without a bar of {codes}: {}",
                n(count, "session"),
                listed.join(", ")
            ),
            (_, more) => format!(
                "{} without a bar of {codes}: {} and {more} more",
                n(count, "session"),
                listed.join(", ")
            ),
        },
        limit: "fails if there is one, unless only some codes are checked",
        remedy: "import the missing sessions ('naeil fetch' can), or, if the exchange was closed, \
                 say so in the calendar's override file",
    };
    let examples = empty
        .iter()
        .take(EXAMPLES)
        .map(|&day| example(None, Some(day), format!("no bar of {codes}")))
        .collect();
    made(
        CheckName::MissingSessions,
        says,
        &[("sessions", count)],
        examples,
    )
}

pub(super) fn gaps(facts: &Facts<'_>) -> Finding {
    let codes = &facts.market.codes;
    let missing: u64 = codes.iter().map(|c| c.gaps).sum();
    let with_gaps = codes.iter().filter(|c| c.gaps > 0).count() as u64;
    let longest = codes.iter().map(|c| c.longest_gap).max().unwrap_or(0);
    let says = Says {
        failed: false,
        flagged: missing > 0,
        summary: if missing == 0 {
            "no session is missing inside a code's life".to_owned()
        } else {
            format!(
                "{} missing inside the lives of {}, the longest run {}",
                n(missing, "bar"),
                n(with_gaps, "code"),
                n(longest, "session")
            )
        },
        limit: NEVER,
        remedy: "nothing, if the source leaves out sessions without a trade; features take a \
                 missing session for a halt",
    };
    let worst = greatest(codes.iter(), |c| c.gaps, |c| c.code.as_str());
    let examples = worst
        .into_iter()
        .map(|c| {
            let what = format!("{} missing, {} in a row", c.gaps, c.longest_gap);
            example(Some(c.code.as_str()), None, what)
        })
        .collect();
    let counts = [
        ("bars", missing),
        ("codes", with_gaps),
        ("longest", longest),
    ];
    made(CheckName::Gaps, says, &counts, examples)
}

pub(super) fn stale_series(facts: &Facts<'_>) -> Finding {
    let codes = &facts.market.codes;
    let age = |c: &crate::market::CodeTally| facts.axis.after(c.last);
    let is_stale =
        |c: &&crate::market::CodeTally| (STALE_SESSIONS + 1..=ENDED_SESSIONS).contains(&age(c));
    let stale = codes.iter().filter(is_stale).count() as u64;
    let ended = codes.iter().filter(|c| age(c) > ENDED_SESSIONS).count() as u64;
    let behind = sessions_behind(facts);
    let market_is_stale = behind.is_some_and(|n| n > STALE_MARKET_SESSIONS);
    let behind_n = behind.unwrap_or(0) as u64;
    let of_market = match behind {
        Some(0) => "; the market's bars are the newest there can be".to_owned(),
        Some(_) => format!(
            "; the market's newest bars are {} old",
            n(behind_n, "session")
        ),
        None => String::new(),
    };
    let worst = greatest(
        codes.iter().filter(is_stale),
        |c| age(c) as u64,
        |c| c.code.as_str(),
    );
    let examples = worst
        .into_iter()
        .map(|c| {
            let what = format!("ends {} sessions before the newest", age(c));
            example(Some(c.code.as_str()), Some(c.last), what)
        })
        .collect();
    let says = Says {
        failed: false,
        flagged: stale > 0 || market_is_stale,
        summary: format!(
            "{} stale, {} ended long ago{of_market}",
            n(stale, "code"),
            grouped(ended)
        ),
        limit: NEVER,
        remedy: "import newer bars; a code that has left the exchange needs none",
    };
    let counts = [
        ("stale", stale),
        ("ended", ended),
        ("market_sessions_behind", behind_n),
    ];
    made(CheckName::StaleSeries, says, &counts, examples)
}

/// Completed sessions of the calendar after the newest bar.
fn sessions_behind(facts: &Facts<'_>) -> Option<usize> {
    let calendar = facts.request.calendar.as_ref()?;
    let newest = *facts.market.sessions.keys().next_back()?;
    let last = calendar
        .last_completed_session(facts.request.now)
        .ok()?
        .date();
    let is_session = |day: &chrono::NaiveDate| matches!(calendar.is_session(*day), Ok(true));
    let days = newest.iter_days().skip(1).take_while(|&day| day <= last);
    Some(days.filter(is_session).count())
}

pub(super) fn survivorship(facts: &Facts<'_>) -> Finding {
    let sessions = &facts.axis.sessions;
    let codes = &facts.market.codes;
    let at = |i: usize| sessions.get(i).copied();
    let year = at(YEAR_SESSIONS.min(sessions.len().saturating_sub(1)));
    let month = at(sessions.len().saturating_sub(MONTH_SESSIONS));
    let (mut early, mut gone) = (0, 0);
    if let (Some(year), Some(month)) = (year, month) {
        early = codes.iter().filter(|c| c.first <= year).count() as u64;
        let has_gone = |c: &&crate::market::CodeTally| c.first <= year && c.last < month;
        gone = codes.iter().filter(has_gone).count() as u64;
    }
    let long_enough = sessions.len() >= 2 * YEAR_SESSIONS && early > 0;
    let only_survivors = long_enough && gone == 0;
    let says = Says {
        failed: false,
        flagged: only_survivors,
        summary: if !long_enough {
            "too short to tell whether codes that left are in it".to_owned()
        } else if only_survivors {
            format!(
                "survivors only: none of the {} of the first year ends before the last month",
                n(early, "code")
            )
        } else {
            format!(
                "{gone} of the {} of the first year end before the last month",
                n(early, "code")
            )
        },
        limit: NEVER,
        remedy: "add the bars of delisted stocks; without them every measure of skill is somewhat \
                 too good",
    };
    let counts = [("codes_of_first_year", early), ("of_them_gone", gone)];
    made(CheckName::Survivorship, says, &counts, Vec::new())
}

pub(super) fn observed_sessions(facts: &Facts<'_>) -> Finding {
    let (all, observed) = (facts.axis.sessions.len() as u64, facts.axis.observed as u64);
    let years = facts
        .axis
        .observed_years
        .map_or_else(String::new, |(from, until)| format!(" ({from} to {until})"));
    let says = Says {
        failed: false,
        flagged: observed > 0,
        summary: if observed == 0 {
            "a trading calendar vouches for every session".to_owned()
        } else {
            format!(
                "calendar: observed for {} of {}{years}; they rest on the bars alone, and one \
                 that is missing for all codes does not show",
                grouped(observed),
                n(all, "session")
            )
        },
        limit: NEVER,
        remedy: "such sessions are stored and checked, and train only with 'naeil retrain \
                 --observed-calendar'",
    };
    let counts = [("sessions", all), ("observed", observed)];
    made(CheckName::ObservedSessions, says, &counts, Vec::new())
}
