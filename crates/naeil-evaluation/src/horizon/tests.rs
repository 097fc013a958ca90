use proptest::prelude::*;

use super::*;
use crate::metrics::fixture::{close_to, row, rows};

const RATES: TrainingRates = TrainingRates {
    base_rate: 0.45,
    up_after_rise: 0.40,
    up_after_fall: 0.52,
};

fn baseline(evaluation: &HorizonEvaluation, wanted: Baseline) -> Scores {
    let found = evaluation.baselines.iter().find(|(b, _)| *b == wanted);
    found.expect("every baseline is scored").1
}

#[test]
fn counts_rows_sessions_and_rises() {
    let evaluation = evaluate_horizon(Horizon::FiveDays, &rows(), &RATES);
    assert_eq!(evaluation.horizon, Horizon::FiveDays);
    assert_eq!(evaluation.n_rows, 29);
    assert_eq!(evaluation.n_sessions, 5);
    close_to(evaluation.base_rate, 15.0 / 29.0);
    close_to(evaluation.model.accuracy, 16.0 / 29.0);
}

#[test]
fn the_last_move_agrees_with_the_reference_libraries() {
    // As in the fixture's script, with p = np.where(last > 0, .40, np.where(last < 0, .52, .45));
    // here session 8 counts too, because its last moves vary.
    let scores = baseline(
        &evaluate_horizon(Horizon::OneDay, &rows(), &RATES),
        Baseline::LastMove,
    );
    close_to(scores.accuracy, 0.482_758_620_689_655_2);
    close_to(scores.precision, 0.5);
    close_to(scores.recall, 0.4);
    close_to(scores.f1, 0.444_444_444_444_444_4);
    close_to(scores.auc, 0.461_904_761_904_761_93);
    close_to(scores.brier, 0.260_424_137_931_034_5);
    close_to(scores.log_loss, 0.714_373_625_870_323_7);
    close_to(scores.ic, 0.037_036_139_627_476_594);
    close_to(scores.rank_ic, 0.027_350_475_219_278_97);
}

#[test]
fn constant_baselines_order_nothing() {
    let evaluation = evaluate_horizon(Horizon::OneDay, &rows(), &RATES);
    let rate = baseline(&evaluation, Baseline::BaseRate);
    // 15 rises of 29: (15 x 0.55^2 + 14 x 0.45^2) / 29.
    close_to(rate.brier, (15.0 * 0.3025 + 14.0 * 0.2025) / 29.0);
    close_to(rate.auc, 0.5);
    assert_eq!(rate.precision, None);
    assert_eq!(rate.f1, None);
    assert_eq!(rate.rank_ic, None);
    assert_eq!(rate.rank_ic_standard_error, None);
    // Always down is right for the 14 that did not rise and certain of it.
    let majority = baseline(&evaluation, Baseline::Majority);
    close_to(majority.accuracy, 14.0 / 29.0);
    close_to(majority.brier, 15.0 / 29.0);
}

#[test]
fn without_rows_nothing_is_defined() {
    let evaluation = evaluate_horizon(Horizon::OneDay, &[], &RATES);
    assert_eq!((evaluation.n_rows, evaluation.n_sessions), (0, 0));
    assert_eq!(evaluation.base_rate, None);
    assert_eq!(evaluation.model, Scores::default());
}

#[test]
fn an_answer_that_is_no_probability_leaves_no_score() {
    for broken in [f64::NAN, 1.1, -0.1] {
        let mut rows = rows();
        rows[4].probability_up = broken;
        let evaluation = evaluate_horizon(Horizon::OneDay, &rows, &RATES);
        assert_eq!(evaluation.model, Scores::default(), "{broken}");
        assert!(
            baseline(&evaluation, Baseline::LastMove).rank_ic.is_some(),
            "the baselines do not depend on the model"
        );
    }
}

fn all_of(scores: &Scores) -> [Option<f64>; 10] {
    [
        scores.accuracy,
        scores.precision,
        scores.recall,
        scores.f1,
        scores.auc,
        scores.brier,
        scores.log_loss,
        scores.ic,
        scores.rank_ic,
        scores.rank_ic_standard_error,
    ]
}

fn scored_rows() -> impl Strategy<Value = Vec<ScoredRow>> {
    let one = (0_u32..4, 0_u32..=20, -5_i32..=5)
        .prop_map(|(session, p, r)| row(session, f64::from(p) / 20.0, f64::from(r) / 100.0));
    prop::collection::vec(one, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_rows_does_not_matter(
        (rows, shuffled) in scored_rows().prop_flat_map(|rows| {
            (Just(rows.clone()), Just(rows).prop_shuffle())
        }),
    ) {
        let one = score(Horizon::FiveDays, &rows);
        let other = score(Horizon::FiveDays, &shuffled);
        for (a, b) in all_of(&one).into_iter().zip(all_of(&other)) {
            match (a, b) {
                // Standard errors near 0 are square roots of cancelled sums.
                (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-7, "{} {}", a, b),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }

    #[test]
    fn auc_sees_only_the_order_of_probabilities(rows in scored_rows()) {
        let mapped: Vec<ScoredRow> = rows
            .iter()
            .map(|row| ScoredRow { probability_up: row.probability_up.powi(3), ..*row })
            .collect();
        prop_assert_eq!(auc(&rows), auc(&mapped));
        // Turning every answer round turns the area round.
        let turned: Vec<ScoredRow> = rows
            .iter()
            .map(|row| ScoredRow { probability_up: 1.0 - row.probability_up, ..*row })
            .collect();
        if let (Some(area), Some(other)) = (auc(&rows), auc(&turned)) {
            prop_assert!((area + other - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn every_defined_score_lies_in_its_range(rows in scored_rows()) {
        let scores = score(Horizon::OneDay, &rows);
        let shares = [scores.accuracy, scores.precision, scores.recall, scores.f1, scores.auc];
        for share in shares.into_iter().chain([scores.brier]).flatten() {
            prop_assert!((0.0..=1.0).contains(&share));
        }
        for correlation in [scores.ic, scores.rank_ic].into_iter().flatten() {
            prop_assert!((-1.0..=1.0).contains(&correlation));
        }
        prop_assert!(scores.log_loss.is_none_or(|loss| loss >= 0.0));
    }
}
