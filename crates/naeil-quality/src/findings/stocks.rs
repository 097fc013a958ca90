//! Findings about the bars of a stock.

use super::{Facts, NEVER, Says, example, examples, figure, greatest, grouped, made, n};
use crate::limits::COARSE_BELOW;
use crate::market::CodeTally;
use crate::name::CheckName;
use crate::report::Finding;

pub(super) fn outside_range(facts: &Facts<'_>) -> Finding {
    let worst = &facts.market.outside_range;
    let widest = worst
        .cases()
        .first()
        .map_or(0.0, |case| case.severity * 100.0);
    let says = Says {
        failed: false,
        flagged: worst.n > 0,
        summary: if worst.n == 0 {
            "open and close lie within low to high".to_owned()
        } else {
            format!(
                "{} kept with open or close outside low to high, at most by {widest:.2} % of the \
                 close",
                n(worst.n, "bar")
            )
        },
        limit: NEVER,
        remedy: "nothing: adjusted prices are rounded one by one. More than 1 % is refused on \
                 import and told as impossible_bars",
    };
    let examples = examples(worst, |case| {
        format!("{} beyond {}", figure(case.after), figure(case.before))
    });
    made(
        CheckName::OutsideRange,
        says,
        &[("bars", worst.n)],
        examples,
    )
}

pub(super) fn halts(facts: &Facts<'_>) -> Finding {
    let codes = &facts.market.codes;
    let bars: u64 = codes.iter().map(|c| c.halts).sum();
    let longest = codes.iter().map(|c| c.longest_halt).max().unwrap_or(0);
    let (bare, changes) = (facts.market.bare_halts, facts.market.halted_changes.n);
    let says = Says {
        failed: false,
        flagged: changes > 0,
        summary: if bars == 0 {
            "every bar has a trade".to_owned()
        } else {
            format!(
                "{} without a trade: {} bare (open, high and low 0), {} with the price \
                 repeated; the longest run {}; in {changes} the close changes",
                n(bars, "bar"),
                grouped(bare),
                grouped(bars - bare),
                n(longest, "session")
            )
        },
        limit: NEVER,
        remedy: "nothing: a halt is carried and flagged. A close that changes without a trade is \
                 an adjustment made by the source",
    };
    let mut shown = examples(&facts.market.halted_changes, |case| {
        format!(
            "{} to {} without a trade",
            figure(case.before),
            figure(case.after)
        )
    });
    if shown.is_empty() {
        let worst = greatest(codes.iter(), |c| c.longest_halt, |c| c.code.as_str());
        let words = |c: &CodeTally| format!("{} bars, {} in a row", c.halts, c.longest_halt);
        shown.extend(
            worst
                .into_iter()
                .map(|c| example(Some(c.code.as_str()), None, words(c))),
        );
    }
    let counts = [
        ("bars", bars),
        ("bare", bare),
        ("repeated_price", bars - bare),
        ("longest", longest),
        ("close_changes", changes),
    ];
    made(CheckName::Halts, says, &counts, shown)
}

pub(super) fn flat_series(facts: &Facts<'_>) -> Finding {
    let worst = &facts.market.flat_runs;
    let longest = facts.market.codes.iter().map(|c| c.longest_flat).max();
    let longest = u64::from(longest.unwrap_or(0));
    let says = Says {
        failed: false,
        flagged: worst.n > 0,
        summary: if worst.n == 0 {
            "no close stays the same for 10 traded sessions".to_owned()
        } else {
            format!(
                "{} of 10 traded sessions or more with one close, the longest {}",
                n(worst.n, "run"),
                n(longest, "session")
            )
        },
        limit: NEVER,
        remedy: "look at the longest: a takeover at a fixed price is real, a source that repeats \
                 its last row is not",
    };
    let shown = examples(worst, |case| {
        format!(
            "{} for {} sessions",
            figure(case.after),
            figure(case.before)
        )
    });
    let counts = [("runs", worst.n), ("longest", longest)];
    made(CheckName::FlatSeries, says, &counts, shown)
}

pub(super) fn coarse_prices(facts: &Facts<'_>) -> Finding {
    let is_coarse = |c: &&CodeTally| c.whole_units && c.low_priced > 0;
    let coarse = || facts.market.codes.iter().filter(is_coarse);
    let bars: u64 = coarse().map(|c| c.low_priced).sum();
    let codes = coarse().count() as u64;
    let says = Says {
        failed: false,
        flagged: bars > 0,
        summary: if bars == 0 {
            format!("no price in whole units lies below {COARSE_BELOW}")
        } else {
            format!(
                "{} of {} lie below {COARSE_BELOW} in whole units, where one unit is 1 % and more",
                n(bars, "bar"),
                n(codes, "code")
            )
        },
        limit: NEVER,
        remedy: "prefer prices as traded with an adjustment factor: rounding after adjustment \
                 invents returns",
    };
    let worst = greatest(coarse(), |c| c.low_priced, |c| c.code.as_str());
    let examples = worst
        .into_iter()
        .map(|c| {
            let what = format!("{} of {} bars", c.low_priced, c.bars);
            example(Some(c.code.as_str()), None, what)
        })
        .collect();
    let counts = [("bars", bars), ("codes", codes)];
    made(CheckName::CoarsePrices, says, &counts, examples)
}

pub(super) fn volume_outliers(facts: &Facts<'_>) -> Finding {
    let worst = &facts.market.volume_outliers;
    let says = Says {
        failed: false,
        flagged: false,
        summary: if worst.n == 0 {
            "no volume lies beyond 100 times its code's median".to_owned()
        } else {
            format!(
                "{} with more than 100 times its code's median volume",
                n(worst.n, "bar")
            )
        },
        limit: NEVER,
        remedy: "nothing: features take logarithms of volume. Many on one day would mean other \
                 units",
    };
    let shown = examples(worst, |case| {
        format!(
            "{} where {} is usual",
            figure(case.after),
            figure(case.before)
        )
    });
    made(CheckName::VolumeOutliers, says, &[("bars", worst.n)], shown)
}
