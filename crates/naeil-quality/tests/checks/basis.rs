//! Splits, switches of basis, and moves that the exchange forbids.

use naeil_domain::{ActionKind, ActionSource, Bar, CorporateAction, Market, PriceBasis, Session};
use naeil_quality::CheckName::{BasisSwitch, CorporateActions, ImpossibleMoves, UnadjustedSplit};
use naeil_test_support::fakes::FakeHistory;

use crate::support::{bar, failed, finding, quiet, report, sessions, wandering};

/// A series whose prices are divided, and volumes multiplied, by `ratio` from the `at`-th bar on.
fn divided(sessions: &[Session], at: usize, ratio: f64, basis: PriceBasis) -> Vec<(Session, Bar)> {
    let bar_of = |(i, &session): (usize, &Session)| {
        let ratio = if i < at { 1.0 } else { ratio };
        let mut bar = bar(wandering(100_000.0, i) / ratio, 1000.0 * ratio);
        bar.basis = basis;
        (session, bar)
    };
    sessions.iter().enumerate().map(bar_of).collect()
}

#[tokio::test]
async fn a_switch_of_basis_fails_and_is_told_from_where_on() {
    let days = sessions("2018-03-26", 40);
    let switched = divided(&days, 10, 50.0, PriceBasis::BackAdjusted);
    let history = FakeHistory::new()
        .with_bars("005930", Market::Kospi, switched)
        .with_bars("000660", Market::Kospi, quiet(&days, 80_000.0));
    let report = report(&history).await;
    assert_eq!(failed(&report), ["basis_switch"]);
    assert_eq!(report.count(BasisSwitch, "switches"), 1);
    let example = &finding(&report, BasisSwitch).examples[0];
    assert_eq!(example.code.as_deref(), Some("005930"));
    assert_eq!(example.session.as_deref(), Some("2018-04-09"));
    let [action] = report.suggested_actions.as_slice() else {
        panic!("{:?}", report.suggested_actions);
    };
    assert_eq!((action.kind.as_str(), action.ratio), ("basis_switch", 50.0));
    assert_eq!(
        report.failures(&[BasisSwitch]),
        Vec::<&naeil_quality::Finding>::new()
    );
}

/// What docs/DATA.md promises of a ratio of 1, and of an action that was entered before.
#[tokio::test]
async fn a_switch_that_was_reviewed_passes_and_a_half_explained_one_is_completed() {
    let days = sessions("2018-03-26", 40);
    let switched = divided(&days, 10, 50.0, PriceBasis::BackAdjusted);
    let nothing_happened = FakeHistory::new()
        .with_bars("005930", Market::Kospi, switched.clone())
        .with_action(action_of("005930", days[10], 1.0));
    let reviewed = report(&nothing_happened).await;
    assert_eq!(failed(&reviewed), Vec::<&str>::new());
    assert_eq!(reviewed.count(ImpossibleMoves, "moves"), 1);
    assert_eq!(reviewed.suggested_actions, []);

    // 25 of the 50 are known: what is suggested would stand instead of them.
    let half = switched
        .into_iter()
        .enumerate()
        .map(|(i, (session, mut bar))| {
            bar.adjustment_factor = if i < 10 { 1.0 } else { 25.0 };
            (session, bar)
        });
    let half_explained = FakeHistory::new()
        .with_bars("005930", Market::Kospi, half)
        .with_action(action_of("005930", days[10], 25.0));
    let completed = report(&half_explained).await;
    assert_eq!(failed(&completed), ["basis_switch"]);
    assert_eq!(completed.suggested_actions[0].ratio, 50.0);
}

#[tokio::test]
async fn a_split_as_traded_fails_until_an_action_explains_it() {
    let days = sessions("2021-03-02", 60);
    let split = divided(&days, 30, 5.0, PriceBasis::AsTraded);
    let unexplained = FakeHistory::new().with_bars("035720", Market::Kospi, split.clone());
    let before = report(&unexplained).await;
    assert_eq!(failed(&before), ["unadjusted_split"]);
    let action = &before.suggested_actions[0];
    assert_eq!((action.kind.as_str(), action.ratio), ("split", 5.0));

    // The action multiplies the factor, as a store does.
    let adjusted = split
        .into_iter()
        .enumerate()
        .map(|(i, (session, mut bar))| {
            bar.adjustment_factor = if i < 30 { 1.0 } else { 5.0 };
            (session, bar)
        });
    let explained = FakeHistory::new()
        .with_bars("035720", Market::Kospi, adjusted)
        .with_action(action_of("035720", days[30], 5.0));
    let after = report(&explained).await;
    assert_eq!(failed(&after), Vec::<&str>::new());
    assert_eq!(after.count(CorporateActions, "known"), 1);
    assert!(after.suggested_actions.is_empty());
}

fn action_of(code: &str, session: Session, ratio: f64) -> CorporateAction {
    CorporateAction {
        code: code.parse().unwrap(),
        session,
        kind: ActionKind::Split,
        ratio,
        source: ActionSource::Entered,
    }
}

#[tokio::test]
async fn an_action_on_prices_that_were_adjusted_already_is_contradicted() {
    let days = sessions("2021-03-02", 60);
    let bars = quiet(&days, 100_000.0).into_iter().enumerate();
    let twice = bars.map(|(i, (session, mut bar))| {
        bar.adjustment_factor = if i < 30 { 1.0 } else { 5.0 };
        (session, bar)
    });
    let history = FakeHistory::new()
        .with_bars("035720", Market::Kospi, twice)
        .with_action(action_of("035720", days[30], 5.0));
    let report = report(&history).await;
    assert_eq!(report.count(CorporateActions, "contradicted"), 1);
    assert_eq!(report.count(ImpossibleMoves, "adjacent"), 1);
}

#[tokio::test]
async fn a_missed_adjustment_over_a_halt_is_flagged_and_does_not_fail() {
    let days = sessions("2021-03-02", 60);
    let mut bars = divided(&days, 30, 5.0, PriceBasis::BackAdjusted);
    for (_, bar) in &mut bars[27..30] {
        *bar = Bar {
            volume: 0.0,
            ..*bar
        };
    }
    let history = FakeHistory::new().with_bars("035720", Market::Kospi, bars);
    let report = report(&history).await;
    assert_eq!(failed(&report), Vec::<&str>::new());
    assert_eq!(report.count(UnadjustedSplit, "missed_adjustments"), 1);
    assert_eq!(report.count(ImpossibleMoves, "after_halt"), 1);
}

#[tokio::test]
async fn moves_across_gaps_and_first_bars_are_bound_by_no_limit() {
    let days = sessions("2021-01-04", 300);
    let others = quiet(&days, 50_000.0);
    let mut gapped = quiet(&days[..20], 10_000.0);
    gapped.extend(quiet(&days[250..], 40_000.0));
    let history = FakeHistory::new()
        .with_bars("000660", Market::Kospi, others)
        .with_bars("005930", Market::Kospi, gapped);
    let report = report(&history).await;
    assert_eq!(report.count(ImpossibleMoves, "moves"), 0);
    assert_eq!(report.count(ImpossibleMoves, "across_gaps"), 1);
    assert!(!finding(&report, ImpossibleMoves).flagged);
}

#[tokio::test]
async fn the_limit_is_that_of_the_day() {
    for (from, moves) in [("2015-05-04", 1), ("2015-07-01", 0)] {
        let days = sessions(from, 10);
        let mut bars = quiet(&days, 10_000.0);
        bars[5].1 = bar(bars[4].1.close * 1.2, 1000.0);
        bars[6..]
            .iter_mut()
            .for_each(|(_, b)| *b = bar(b.close * 1.2, 1000.0));
        let history = FakeHistory::new().with_bars("005930", Market::Kospi, bars);
        assert_eq!(
            report(&history).await.count(ImpossibleMoves, "moves"),
            moves,
            "{from}"
        );
    }
}

/// Not one whole ratio, but a tenth of the market on one day: another kind of seam.
#[tokio::test]
async fn many_impossible_moves_in_one_session_are_a_switch_too() {
    let days = sessions("2021-03-02", 40);
    let mut history = FakeHistory::new();
    for code in 0..30 {
        let mut bars = quiet(&days, 10_000.0);
        if code < 6 {
            bars[20..]
                .iter_mut()
                .for_each(|(_, b)| *b = bar(b.close * 1.37, 1000.0));
        }
        history = history.with_bars(&format!("{code:06}"), Market::Kosdaq, bars);
    }
    let report = report(&history).await;
    assert_eq!(failed(&report), ["basis_switch"]);
    assert_eq!(report.count(BasisSwitch, "crowded_sessions"), 1);
    assert!(report.suggested_actions.is_empty());
}
