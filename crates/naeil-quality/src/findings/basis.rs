//! Moves beyond the limit, and what they say about the basis of the prices.

use chrono::NaiveDate;
use naeil_domain::Exchange;

use super::{Facts, NEVER, Says, example, figure, greatest, grouped, made, n, tally};
use crate::limits::{EXAMPLES, IMPOSSIBLE_LEAST, IMPOSSIBLE_SHARE, SWITCH_LEAST, SWITCH_SHARE};
use crate::moves::{Move, Place};
use crate::name::CheckName;
use crate::ratio::{in_words, whole_ratio};
use crate::report::{Example, Finding};

/// Sessions in which many codes at once move impossibly.
fn crowded(facts: &Facts<'_>) -> Vec<(NaiveDate, u64, u64)> {
    facts
        .market
        .sessions
        .iter()
        .filter(|(_, s)| s.moves >= SWITCH_LEAST && s.moves as f64 >= s.bars as f64 * SWITCH_SHARE)
        .map(|(day, s)| (*day, s.moves, s.bars))
        .collect()
}

pub(super) fn basis_switch(facts: &Facts<'_>) -> Finding {
    let switches: Vec<&Move> = facts
        .market
        .moves
        .iter()
        .filter(|m| m.is_switch())
        .collect();
    let crowded = crowded(facts);
    let first = switches.iter().map(|m| m.day).min();
    let mut examples: Vec<Example> = crowded
        .iter()
        .take(EXAMPLES)
        .map(|&(day, moves, bars)| {
            example(
                None,
                Some(day),
                format!("{moves} of {bars} codes move beyond the limit"),
            )
        })
        .collect();
    examples.extend(shown(&switches));
    examples.truncate(EXAMPLES);
    let n_codes = tally(switches.iter().map(|m| &m.code)).len() as u64;
    let cause = match facts.request.exchange {
        Exchange::Krx => "the source changed what its prices mean",
        // Elsewhere a split needs no halt.
        Exchange::Us | Exchange::Cn => "the source changed what its prices mean, or missed a split",
    };
    let summary = match (first, crowded.first()) {
        (Some(first), _) => format!(
            "{} of adjusted prices and volumes by one whole ratio, without a halt, in {}, the \
             first on {first}: {cause}",
            n(switches.len() as u64, "step"),
            n(n_codes, "code"),
        ),
        (None, Some((day, moves, bars))) => {
            format!("{moves} of {bars} codes move beyond the limit on {day}")
        }
        (None, None) => "no series changes the basis of its prices".to_owned(),
    };
    let failed = !(switches.is_empty() && crowded.is_empty());
    let says = Says {
        failed,
        flagged: false,
        summary,
        limit: "fails if there is one",
        remedy: "import the series anew from one source on one basis, or review the suggested \
                 actions and import them: 'naeil import --actions FILE'. The one-day return at \
                 such a seam is not known, so windows and labels across it are left out of training",
    };
    let counts = [
        ("switches", switches.len() as u64),
        ("codes", n_codes),
        ("crowded_sessions", crowded.len() as u64),
    ];
    made(CheckName::BasisSwitch, says, &counts, examples)
}

pub(super) fn unadjusted_split(facts: &Facts<'_>) -> Finding {
    let of = |is: fn(&Move) -> bool| -> Vec<&Move> {
        facts.market.moves.iter().filter(|m| is(m)).collect()
    };
    let splits = of(Move::is_unadjusted_split);
    let missed = of(Move::is_missed_adjustment);
    let all: Vec<&Move> = splits.iter().chain(&missed).copied().collect();
    let summary = match (splits.len(), missed.len()) {
        (0, 0) => "no price steps like a split that nobody told of".to_owned(),
        (0, n_missed) => format!(
            "{} of adjusted prices over a halt, like those of a split that the vendor missed",
            n(n_missed as u64, "step")
        ),
        (n_splits, _) => format!(
            "{} of prices as traded like those of a split, and no corporate action says so",
            n(n_splits as u64, "step")
        ),
    };
    let says = Says {
        failed: !splits.is_empty(),
        flagged: !missed.is_empty(),
        summary,
        limit: "fails if prices as traded have one; in adjusted series it is told only, because \
                windows across it are left out of training",
        remedy: "review the suggested actions and import them: 'naeil import --actions FILE', or \
                 import adjusted prices with '--basis back_adjusted'",
    };
    let confirmed = all.iter().filter(|m| m.volume_confirms()).count() as u64;
    let counts = [
        ("as_traded", splits.len() as u64),
        ("missed_adjustments", missed.len() as u64),
        ("volume_confirms", confirmed),
    ];
    made(CheckName::UnadjustedSplit, says, &counts, shown(&all))
}

pub(super) fn impossible_moves(facts: &Facts<'_>) -> Finding {
    let market = facts.market;
    let at = |place: Place| market.moves.iter().filter(|m| m.place == place).count() as u64;
    let adjacent = at(Place::Adjacent) + market.moves_not_held;
    let (after_halt, across_gap) = (at(Place::AfterHalt), at(Place::AcrossGap));
    let one_day = adjacent + after_halt;
    let failed =
        one_day >= IMPOSSIBLE_LEAST && one_day as f64 > market.traded as f64 * IMPOSSIBLE_SHARE;
    let limit_in_words = match facts.request.exchange {
        Exchange::Krx => "the exchange's limit",
        Exchange::Us | Exchange::Cn => "30 %",
    };
    let says = Says {
        failed,
        flagged: one_day > 0,
        summary: if one_day + across_gap == 0 {
            format!("no close moves beyond {limit_in_words}")
        } else {
            format!(
                "{} beyond {limit_in_words}: {adjacent} between sessions that follow each other, \
                 {after_halt} after a halt; {} more across gaps, which no limit binds",
                n(one_day, "move"),
                grouped(across_gap),
            )
        },
        limit: "fails from 10 on if they are more than 1 in 10,000 traded bars",
        remedy: "look at each: a relisting or a capital reduction is real, a missed adjustment \
                 wants a corporate action. Labels and windows across such a move are void in any \
                 case",
    };
    let counts = [
        ("moves", one_day),
        ("adjacent", adjacent),
        ("after_halt", after_halt),
        ("across_gaps", across_gap),
        ("rows_beyond_31_percent", market.beyond_flat_limit),
    ];
    let one_day: Vec<&Move> = market
        .moves
        .iter()
        .filter(|m| m.place != Place::AcrossGap)
        .collect();
    made(CheckName::ImpossibleMoves, says, &counts, shown(&one_day))
}

pub(super) fn mixed_basis(facts: &Facts<'_>) -> Finding {
    let codes = &facts.market.codes;
    let mixed = |c: &&crate::market::CodeTally| c.as_traded > 0 && c.as_traded < c.bars;
    let n_mixed = codes.iter().filter(mixed).count() as u64;
    let as_traded: u64 = codes.iter().map(|c| c.as_traded).sum();
    let worst = greatest(
        codes.iter().filter(mixed),
        |c| c.as_traded.min(c.bars - c.as_traded),
        |c| c.code.as_str(),
    );
    let examples = worst
        .into_iter()
        .map(|c| {
            let what = format!(
                "{} bars as traded, {} adjusted",
                c.as_traded,
                c.bars - c.as_traded
            );
            example(Some(c.code.as_str()), None, what)
        })
        .collect();
    let says = Says {
        failed: false,
        flagged: n_mixed > 0,
        summary: match n_mixed {
            0 if as_traded == 0 => "every price is back-adjusted by its vendor".to_owned(),
            0 if as_traded == facts.market.bars => "every price is as traded".to_owned(),
            0 => "each code keeps one basis, and not all the same".to_owned(),
            _ => format!("{} with bars of both bases", n(n_mixed, "code")),
        },
        limit: NEVER,
        remedy: "import a code's whole history from one source; a seam that shows in the prices \
                 is told as basis_switch",
    };
    let counts = [
        ("codes", n_mixed),
        ("as_traded_bars", as_traded),
        ("back_adjusted_bars", facts.market.bars - as_traded),
    ];
    made(CheckName::MixedBasis, says, &counts, examples)
}

/// Moves in words, the widest first.
fn shown(moves: &[&Move]) -> Vec<Example> {
    let mut moves = moves.to_vec();
    let size = |m: &Move| m.change.ln_1p().abs();
    moves.sort_by(|a, b| {
        let order = size(b).total_cmp(&size(a));
        order.then_with(|| (&a.code, a.day).cmp(&(&b.code, b.day)))
    });
    moves.truncate(EXAMPLES);
    let words = |m: &&Move| example(Some(m.code.as_str()), Some(m.day), in_words_of(m));
    moves.iter().map(words).collect()
}

fn in_words_of(m: &Move) -> String {
    let place = match m.place {
        Place::Adjacent => String::new(),
        Place::AfterHalt => format!(", after a halt since {}", m.previous),
        Place::AcrossGap => format!(", across a gap since {}", m.previous),
    };
    let near = match whole_ratio(m.ratio) {
        Some(whole) if m.volume_confirms() => {
            format!("; near {}, and the volume says so too", in_words(whole))
        }
        Some(whole) => format!("; near {}, the volume does not say so", in_words(whole)),
        None => String::new(),
    };
    format!(
        "{} to {} ({:+.1} %){place}{near}",
        figure(m.before),
        figure(m.after),
        m.change * 100.0
    )
}
