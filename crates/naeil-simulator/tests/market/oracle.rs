use naeil_domain::Horizon;
use naeil_simulator::{MarketConfig, signal};

use crate::{default_market, generate};

#[test]
fn knowing_the_signal_gives_the_strength_asked_for() {
    for seed in [1, 2, 3, MarketConfig::default().seed] {
        let market = generate(&MarketConfig {
            seed,
            ..MarketConfig::default()
        });
        let rank_ic = |horizon| market.oracle_rank_ic(0..750, horizon).unwrap();
        let next = rank_ic(Horizon::OneDay);
        assert!((0.05..0.15).contains(&next), "seed {seed}: {next}");
        for later in [Horizon::FiveDays, Horizon::TwentyDays] {
            assert!(
                rank_ic(later) > 0.0,
                "seed {seed}, {later}: {}",
                rank_ic(later)
            );
        }
    }
}

#[test]
fn strength_scales_what_can_be_known() {
    let rank_ic = |signal_strength| {
        let config = MarketConfig {
            signal_strength,
            ..MarketConfig::default()
        };
        let market = generate(&config);
        market.oracle_rank_ic(0..750, Horizon::OneDay).unwrap()
    };
    for strength in [0.05, 0.20] {
        let found = rank_ic(strength);
        assert!((found - strength).abs() < 0.02, "{strength}: {found}");
    }
    assert!(rank_ic(0.0).abs() < 0.01);
}

#[test]
fn a_score_depends_on_past_bars_alone() {
    let market = default_market();
    let panel = market.panel();
    for session_idx in [19, 20, 100, 400, 749] {
        let known = panel.truncated_after(panel.sessions()[session_idx]);
        let scores = signal::score_session(&known, session_idx);
        for (stock_idx, score) in scores.into_iter().enumerate() {
            assert_eq!(score, market.oracle_score(session_idx, stock_idx));
        }
        let n_scored = (0..300).filter(|&i| market.oracle_score(session_idx, i).is_some());
        let expected_some = session_idx >= signal::HISTORY - 1;
        assert_eq!(n_scored.count() > 250, expected_some, "{session_idx}");
    }
}

#[test]
fn a_score_does_not_see_levels() {
    // The last 21 sessions alone give the same scores: nothing older, and no recursion, is in it.
    let market = default_market();
    let recent = market.panel().last_sessions(signal::HISTORY);
    let scores = signal::score_session(&recent, signal::HISTORY - 1);
    for (stock_idx, score) in scores.into_iter().enumerate() {
        assert_eq!(score, market.oracle_score(749, stock_idx));
    }
}

#[test]
fn out_of_range_is_none() {
    let market = default_market();
    assert_eq!(market.oracle_score(750, 0), None);
    assert_eq!(market.oracle_score(0, 300), None);
    assert_eq!(market.oracle_rank_ic(745..750, Horizon::FiveDays), None);
    assert!(market.oracle_rank_ic(744..750, Horizon::FiveDays).is_some());
}
