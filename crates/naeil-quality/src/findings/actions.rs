//! Corporate actions: those known, and those that would explain a break.

use std::collections::BTreeSet;

use naeil_domain::{ActionKind, ActionSource, CorporateAction};

use super::{Facts, NEVER, Says, example, made, n};
use crate::limits::EXAMPLES;
use crate::moves::{Move, Place};
use crate::name::CheckName;
use crate::ratio::{in_words, simple_ratio, whole_ratio};
use crate::report::{Finding, SuggestedAction};

pub(super) fn corporate_actions(facts: &Facts<'_>) -> Finding {
    let moved: BTreeSet<_> = facts
        .market
        .moves
        .iter()
        .filter(|m| m.place != Place::AcrossGap)
        .map(|m| (&m.code, m.day))
        .collect();
    let is_contradicted = |a: &&CorporateAction| moved.contains(&(&a.code, a.session.date()));
    let contradicted: Vec<_> = facts.actions.iter().filter(is_contradicted).collect();
    let of_source = |source| facts.actions.iter().filter(|a| a.source == source).count() as u64;
    let known = facts.actions.len() as u64;
    let n_contradicted = contradicted.len() as u64;
    let says = Says {
        failed: false,
        flagged: n_contradicted > 0,
        summary: if n_contradicted == 0 {
            format!(
                "{} known, none contradicted by the prices",
                n(known, "corporate action")
            )
        } else {
            format!(
                "{} known; with {n_contradicted} of them the adjusted close still moves beyond \
                 the limit",
                n(known, "corporate action")
            )
        },
        limit: NEVER,
        remedy: "check the ratio and the session, and whether the prices were adjusted already; \
                 a ratio of 1 takes an action back",
    };
    let counts = [
        ("known", known),
        ("stated", of_source(ActionSource::Stated)),
        ("entered", of_source(ActionSource::Entered)),
        ("contradicted", n_contradicted),
    ];
    let examples = contradicted
        .into_iter()
        .take(EXAMPLES)
        .map(|a| {
            let what = format!("{} {}, {}", a.kind, in_words(a.ratio), a.source.as_str());
            example(Some(a.code.as_str()), Some(a.session.date()), what)
        })
        .collect();
    made(CheckName::CorporateActions, says, &counts, examples)
}

/// The actions that would explain the breaks, by code and session.
pub(super) fn suggested(facts: &Facts<'_>) -> Vec<SuggestedAction> {
    let mut suggested: Vec<SuggestedAction> =
        facts.market.moves.iter().filter_map(suggestion).collect();
    suggested.sort_by(|a, b| (&a.code, &a.session).cmp(&(&b.code, &b.session)));
    suggested
}

fn suggestion(m: &Move) -> Option<SuggestedAction> {
    let kind = if m.is_switch() {
        ActionKind::BasisSwitch
    } else if m.is_unadjusted_split() || m.is_missed_adjustment() {
        if m.ratio > 1.0 {
            ActionKind::Split
        } else {
            ActionKind::Consolidation
        }
    } else {
        return None;
    };
    let nearest = whole_ratio(m.ratio).or_else(|| simple_ratio(m.ratio));
    // It would stand instead of the action that is known, so it has to say what both do.
    let ratio = nearest.unwrap_or(m.ratio) * m.action_ratio.unwrap_or(1.0);
    if !CorporateAction::is_plausible_ratio(ratio) {
        return None;
    }
    let why = match nearest {
        Some(ratio) => format!(
            "close before over open is {:.4}, near {}",
            m.ratio,
            in_words(ratio)
        ),
        None => "close before over open; the overnight move is taken for nothing".to_owned(),
    };
    Some(SuggestedAction {
        code: m.code.to_string(),
        session: m.day.to_string(),
        kind: kind.as_str().to_owned(),
        ratio,
        why,
    })
}
