use naeil_domain::Horizon;
use proptest::prelude::*;

use super::*;
use crate::metrics::fixture::{close_to, row, rows};

#[test]
fn agrees_with_scipy_and_leaves_out_what_cannot_be_ordered() {
    // Sessions 7 (three rows) and 8 (one score for all) do not count.
    let pearson = ic(&rows(), Horizon::OneDay).unwrap();
    assert_eq!(pearson.n_sessions, 3);
    close_to(Some(pearson.mean), 0.473_336_736_308_219_7);

    let spearman = rank_ic(&rows(), Horizon::OneDay).unwrap();
    assert_eq!(spearman.n_sessions, 3);
    close_to(Some(spearman.mean), 0.211_123_676_981_781_9);
}

/// Ten sessions, 8 to 18 with one missing: the fixture's three over and over, with returns moved a
/// little each time.
fn ten_sessions() -> Vec<ScoredRow> {
    let origins = [3, 4, 6];
    let axis = (8_u32..19).filter(|&session_idx| session_idx != 12);
    axis.enumerate()
        .flat_map(|(i, session_idx)| {
            let moved = move |row: ScoredRow| ScoredRow {
                session_idx,
                forward_return: row.forward_return + 0.01 * (row.probability_up * i as f64).sin(),
                ..row
            };
            let of_origin = rows()
                .into_iter()
                .filter(move |r| r.session_idx == origins[i % 3]);
            of_origin.map(moved)
        })
        .collect()
}

#[test]
fn the_standard_error_is_that_of_blocks_of_sessions() {
    let all = ten_sessions();
    let mut daily: Vec<Option<f64>> = all
        .chunk_by(|a, b| a.session_idx == b.session_idx)
        .map(|rows| rank_ic(rows, Horizon::OneDay).map(|alone| alone.mean))
        .collect();
    assert_eq!(daily.len(), 10);
    // Session 12, the fifth, is missing.
    daily.insert(4, None);
    for horizon in [Horizon::OneDay, Horizon::FiveDays] {
        let figure = Bootstrap::of_horizon(horizon).figure(&Statistic::mean(daily.clone()));
        let found = rank_ic(&all, horizon).unwrap();
        assert_eq!(found.standard_error, Some(figure.unwrap().standard_error));
    }
}

#[test]
fn too_few_sessions_for_the_overlap_have_a_mean_and_no_error() {
    let ten = ten_sessions();
    let nine: Vec<ScoredRow> = ten.iter().copied().filter(|r| r.session_idx > 8).collect();
    let five_days = |rows: &[ScoredRow]| rank_ic(rows, Horizon::FiveDays).unwrap();
    assert!(five_days(&ten).standard_error.is_some());
    assert_eq!(five_days(&nine).n_sessions, 9);
    assert_eq!(five_days(&nine).standard_error, None);
    assert!(
        rank_ic(&nine, Horizon::OneDay)
            .unwrap()
            .standard_error
            .is_some()
    );
}

#[test]
fn without_a_session_that_counts_it_is_none() {
    assert_eq!(rank_ic(&[], Horizon::OneDay), None);
    let few: Vec<ScoredRow> = rows().into_iter().filter(|r| r.session_idx >= 7).collect();
    assert_eq!(rank_ic(&few, Horizon::OneDay), None);
    assert_eq!(ic(&few, Horizon::OneDay), None);
}

#[test]
fn one_session_has_a_mean_and_no_error() {
    let one: Vec<ScoredRow> = rows().into_iter().filter(|r| r.session_idx == 3).collect();
    let daily = rank_ic(&one, Horizon::OneDay).unwrap();
    assert_eq!(daily.n_sessions, 1);
    assert_eq!(daily.standard_error, None);
}

/// Sessions of 5 to 30 rows with returns from a coarse grid, so that ties occur.
fn market() -> impl Strategy<Value = Vec<ScoredRow>> {
    let session = prop::collection::vec((0.0..=1.0_f64, -30_i32..=30), 5..30);
    prop::collection::vec(session, 1..6).prop_map(|sessions| {
        let numbered = (0_u32..).zip(sessions);
        numbered
            .flat_map(|(session_idx, rows)| {
                rows.into_iter().map(move |(probability, percent)| {
                    row(session_idx, probability, f64::from(percent) / 100.0)
                })
            })
            .collect()
    })
}

/// The rows with the outcome itself, mapped into 0..=1, as score.
fn oracle(rows: &[ScoredRow], sign: f64) -> Vec<ScoredRow> {
    rows.iter()
        .map(|row| ScoredRow {
            probability_up: 0.5 + sign * row.forward_return,
            ..*row
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_score_ranks_itself_perfectly(rows in market()) {
        // No session may vary at all, which leaves nothing to correlate.
        if let Some(daily) = rank_ic(&oracle(&rows, 1.0), Horizon::OneDay) {
            prop_assert!((daily.mean - 1.0).abs() < 1e-12);
            let against = rank_ic(&oracle(&rows, -1.0), Horizon::OneDay).unwrap();
            prop_assert!((against.mean + 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn only_the_order_of_scores_matters_to_rank_ic(rows in market()) {
        let stretched: Vec<ScoredRow> = rows
            .iter()
            .map(|row| ScoredRow { probability_up: row.probability_up.exp() / 3.0, ..*row })
            .collect();
        let plain = rank_ic(&rows, Horizon::OneDay);
        let mapped = rank_ic(&stretched, Horizon::OneDay);
        match (plain, mapped) {
            (Some(a), Some(b)) => prop_assert!((a.mean - b.mean).abs() < 1e-9),
            (a, b) => prop_assert_eq!(a, b),
        }
    }
}
