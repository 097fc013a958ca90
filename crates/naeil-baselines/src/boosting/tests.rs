use proptest::prelude::*;

use super::binning::Bins;
use super::histogram::{Derivatives, Sums, best_split, sum_histogram};
use super::*;
use crate::judge::{log_loss_given_base, rank_ic, softplus};
use crate::test_rows::simulated;

fn small() -> BoostingConfig {
    BoostingConfig {
        max_trees: 60,
        learning_rate: 0.1,
        max_leaves: 8,
        min_rows: 20,
        l2: 1.0,
        row_fraction: 0.6,
        column_fraction: 0.7,
        look_every: 5,
        patience: 4,
        seed: 3,
    }
}

fn fit(
    config: BoostingConfig,
    train: &TabularData,
    validation: &TabularData,
) -> Box<dyn FittedBaseline> {
    GradientBoosting { config }.fit(train, validation).unwrap()
}

/// What only trees can learn: neither column says anything by itself.
fn interaction(x: &[f32]) -> f64 {
    1.5 * f64::from(x[1]) * f64::from(x[3])
}

#[test]
fn derivatives_are_those_of_the_loss() {
    let rows = simulated(8, 12, 2, 1.0, 5, |_| 0.0);
    let horizon = Horizon::FiveDays;
    let targets = rows.targets(horizon);
    assert!(targets.base_logit.iter().any(|logit| logit.abs() > 0.5));
    let loss = |objective, row: usize, score: f64| match objective {
        Objective::Relative => 0.5 * (score - f64::from(targets.percentile[row])).powi(2),
        Objective::Direction => {
            let logit = score + f64::from(targets.base_logit[row]);
            softplus(if targets.is_up(row) { -logit } else { logit })
        }
    };
    for objective in [Objective::Relative, Objective::Direction] {
        for row in 0..rows.len() {
            let score = 0.7 * (row as f64 * 0.37).sin();
            let h = 1e-4;
            let at = |step: f64| loss(objective, row, score + step);
            let gradient = (at(h) - at(-h)) / (2.0 * h);
            let hessian = (at(h) - 2.0 * at(0.0) + at(-h)) / (h * h);
            let found = objective.derivatives(&rows, horizon, row, score);
            assert!((f64::from(found.gradient) - gradient).abs() < 1e-6);
            assert!((f64::from(found.hessian) - hessian).abs() < 1e-5);
        }
    }
}

#[test]
fn learns_an_interaction_that_no_line_can() {
    let rows = |seed| simulated(80, 60, 5, 0.5, seed, interaction);
    let (train, validation, test) = (rows(1), rows(2), rows(3));
    let boosted = fit(small(), &train, &validation).score(&test).unwrap();
    let linear = crate::LinearBaseline
        .fit(&train, &validation)
        .unwrap()
        .score(&test)
        .unwrap();
    let oracle: Vec<f64> = (0..test.len())
        .map(|row| f64::from(test.columns()[1][row]) * f64::from(test.columns()[3][row]))
        .collect();
    let horizon = Horizon::TwentyDays;
    let ic = |scores: &[f64]| rank_ic(&test, horizon, scores);
    assert!(ic(&linear.relative[2]).abs() < 0.05);
    assert!(
        ic(&boosted.relative[2]) > 0.85 * ic(&oracle),
        "{}",
        ic(&boosted.relative[2])
    );
    let loss = |scores: &[f64]| log_loss_given_base(&test, horizon, scores);
    let knows_nothing = loss(&vec![0.0; test.len()]);
    assert!(loss(boosted.direction[2].as_ref().unwrap()) < knows_nothing - 0.1);
}

#[test]
fn leaves_the_market_to_the_base_rate() {
    // Column 0 is the session's drift: a learner without offset would live on it.
    let rows = |seed| {
        let rows = simulated(60, 60, 3, 0.5, seed, |_| 0.0);
        let base = rows.targets(Horizon::OneDay).base_logit.clone();
        let mut columns = rows.columns().to_vec();
        columns[0] = base;
        let returns = rows.targets(Horizon::OneDay).forward_return.clone();
        TabularData::from_columns(
            rows.names().to_vec(),
            columns,
            rows.session_idx().to_vec(),
            rows.stock_idx().to_vec(),
            [returns.clone(), returns.clone(), returns],
        )
    };
    let (train, validation) = (rows(1), rows(2));
    let scores = fit(small(), &train, &validation)
        .score(&validation)
        .unwrap();
    for direction in scores.direction.iter().flatten() {
        let mean_size = direction.iter().map(|x| x.abs()).sum::<f64>() / direction.len() as f64;
        assert!(mean_size < 0.1, "{mean_size}");
    }
}

#[test]
fn validation_chooses_the_number_of_trees_and_nothing_else() {
    let train = simulated(40, 40, 4, 1.0, 1, interaction);
    let cuts = Cuts::fit(&train);
    let bins = cuts.bin(&train);
    let grow = |validation: TabularData| {
        let held_out = cuts.bin(&validation);
        let parts =
            [(&train, &bins), (&validation, &held_out)].map(|(rows, bins)| Part { rows, bins });
        let [train, validation] = &parts;
        let objective = Objective::Relative;
        let horizon = Horizon::OneDay;
        Ensemble::fit(&small(), &cuts, train, validation, objective, horizon).unwrap()
    };
    let alike = grow(simulated(20, 40, 4, 1.0, 2, interaction));
    let opposed = grow(simulated(20, 40, 4, 1.0, 2, |x| -interaction(x)));
    assert!(opposed.len() < alike.len());
    assert_eq!(opposed.trees(), &alike.trees()[..opposed.len()]);
}

#[test]
fn does_not_depend_on_the_number_of_threads_or_on_labels_of_scored_rows() {
    let train = simulated(60, 200, 6, 1.0, 1, interaction);
    let validation = simulated(20, 200, 6, 1.0, 2, interaction);
    let scores = [1, 2, 5].map(|n_threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        pool.install(|| {
            fit(small(), &train, &validation)
                .score(&validation)
                .unwrap()
        })
    });
    assert_eq!(scores[0], scores[1]);
    assert_eq!(scores[0], scores[2]);
    let unknown = TabularData::from_columns(
        validation.names().to_vec(),
        validation.columns().to_vec(),
        validation.session_idx().to_vec(),
        validation.stock_idx().to_vec(),
        [const { f32::NAN }; 3].map(|nan| vec![nan; validation.len()]),
    );
    let fitted = fit(small(), &train, &validation);
    assert_eq!(fitted.score(&unknown).unwrap(), scores[0]);
    let refused = GradientBoosting::default()
        .fit(&train, &unknown)
        .map(|_| ())
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no validation row has an outcome at 1d: give it more sessions"
    );
}

#[test]
fn refuses_settings_that_cannot_be() {
    let rows = simulated(2, 10, 2, 1.0, 1, |_| 0.0);
    for config in [
        BoostingConfig {
            max_trees: 0,
            ..small()
        },
        BoostingConfig {
            row_fraction: f64::NAN,
            ..small()
        },
        BoostingConfig {
            max_leaves: 1,
            ..small()
        },
        BoostingConfig {
            l2: -1.0,
            ..small()
        },
    ] {
        let refused = GradientBoosting { config }.fit(&rows, &rows).map(|_| ());
        assert!(matches!(refused, Err(BaselineError::InvalidConfig { .. })));
    }
    let fitted = fit(small(), &rows, &rows);
    let wider = simulated(2, 10, 3, 1.0, 1, |_| 0.0);
    assert_eq!(
        fitted.score(&wider),
        Err(BaselineError::ColumnsDiffer {
            found: 3,
            expected: 2
        })
    );
}

proptest! {
    #[test]
    fn bins_keep_the_order(values in prop::collection::vec(-5.0_f32..5.0, 1..700)) {
        let values: Vec<f32> = values.iter().map(|value| (value * 64.0).round() / 64.0).collect();
        let n = values.len();
        let returns = vec![0.0; n];
        let data = TabularData::from_columns(
            vec!["x".to_owned()],
            vec![values.clone()],
            vec![0; n],
            (0..n as u32).collect(),
            [returns.clone(), returns.clone(), returns],
        );
        let cuts = Cuts::fit(&data);
        let Bins { columns, .. } = cuts.bin(&data);
        let mut pairs: Vec<(f32, u8)> = values.into_iter().zip(columns[0].iter().copied()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in pairs.windows(2) {
            prop_assert!(pair[0].1 <= pair[1].1);
            prop_assert!(pair[0].0 != pair[1].0 || pair[0].1 == pair[1].1);
        }
        prop_assert!(pairs.iter().all(|pair| usize::from(pair.1) < cuts.n_bins(0)));
        // No bin is wasted: as many as distinct values, up to the greatest number.
        let mut distinct: Vec<f32> = pairs.iter().map(|pair| pair.0).collect();
        distinct.dedup();
        prop_assert!(cuts.n_bins(0) <= distinct.len().min(255));
    }

    #[test]
    fn the_best_split_is_the_best(
        rows in prop::collection::vec((0_u8..6, -1.0_f32..1.0), 4..60),
    ) {
        let bins: Vec<u8> = rows.iter().map(|row| row.0).collect();
        let derivatives: Vec<Derivatives> = rows
            .iter()
            .map(|&(_, gradient)| Derivatives { gradient, hessian: 1.0 })
            .collect();
        let idxs: Vec<u32> = (0..rows.len() as u32).collect();
        let histogram = sum_histogram(&bins, &idxs, &derivatives);
        let config = BoostingConfig { min_rows: 2, l2: 0.5, ..small() };
        let total = Sums::of(&derivatives);
        let found = best_split(&histogram, 7, 6, total, rows.len(), &config);
        // By hand: what the squared gradients of both sides say at every cut.
        let merit = |side: &dyn Fn(u8) -> bool| {
            let inside: Vec<f64> = rows.iter().filter(|row| side(row.0)).map(|row| f64::from(row.1)).collect();
            let sum: f64 = inside.iter().sum();
            (inside.len(), sum * sum / (inside.len() as f64 + 0.5))
        };
        let best = (0..5_u8)
            .filter_map(|cut| {
                let (left, right) = (merit(&|bin| bin <= cut), merit(&|bin| bin > cut));
                (left.0 >= 2 && right.0 >= 2).then(|| left.1 + right.1 - merit(&|_| true).1)
            })
            .fold(0.0_f64, f64::max);
        let gain = found.map_or(0.0, |split| split.gain);
        prop_assert!((gain - best).abs() < 1e-9, "{gain} {best}");
        prop_assert!(found.is_none_or(|split| split.column == 7));
    }
}
