use proptest::prelude::*;

use super::platt::{sigmoid, softplus};
use super::summary::SessionSummary;
use super::*;
use crate::simulated::{Simulated, market};

fn log_loss(outcomes: &Outcomes, probabilities: &[f64]) -> f64 {
    let losses = probabilities.iter().enumerate().map(|(row, &p)| {
        let p = if outcomes.is_up(row) { p } else { 1.0 - p };
        -p.ln()
    });
    losses.sum::<f64>() / probabilities.len() as f64
}

fn alone(member: Member) -> CalibrationConfig {
    CalibrationConfig {
        members: vec![member],
        ..CalibrationConfig::default()
    }
}

#[test]
fn bins_change_a_fit_by_less_than_a_thousandth() {
    let Simulated {
        outcomes,
        direction,
        ..
    } = market(50, 1000, 0.6, Horizon::OneDay, 3);
    let fit = |n_bins: usize| {
        let sessions: Vec<_> = outcomes
            .sessions()
            .iter()
            .map(|rows| {
                let returns = &outcomes.forward_return()[rows.clone()];
                SessionSummary::new(0, &direction[rows.clone()], returns, n_bins)
            })
            .collect();
        let prior = PlattPrior {
            centre: Platt::IDENTITY,
            intercept_precision: 0.0,
            slope_precision: 0.0,
        };
        let bins = sessions.iter().flat_map(|session| &session.bins);
        Platt::fit(bins, &prior, Platt::IDENTITY)
    };
    let (exact, binned) = (fit(usize::MAX), fit(64));
    // What is lost within a bin is noise in the slope: a thousandth of the spread lies there.
    assert!(
        (exact.intercept - binned.intercept).abs() < 1e-3,
        "{exact:?} {binned:?}"
    );
    assert!(
        (exact.slope - binned.slope).abs() < 5e-3,
        "{exact:?} {binned:?}"
    );
}

#[test]
fn the_slope_given_the_base_rate_is_the_true_one() {
    for (horizon, slope) in [(Horizon::OneDay, 0.5), (Horizon::TwentyDays, 0.9)] {
        let Simulated {
            outcomes,
            direction,
            ..
        } = market(600, 400, slope, horizon, 11);
        let config = alone(Member::BaseRate { window: None });
        let mut calibrator = HorizonCalibrator::new(horizon, &config);
        for rows in outcomes.sessions() {
            let returns = &outcomes.forward_return()[rows.clone()];
            calibrator.push(
                outcomes.session_idx()[rows.start],
                &direction[rows.clone()],
                returns,
            );
        }
        // 240,000 rows, spread 0.3: standard error 2 / (0.3 * 490) = 0.014.
        let found = calibrator.at(700).slope;
        assert!((found - slope).abs() < 0.045, "{found} for {slope}");
        assert_eq!(calibrator.n_sessions(), 600);
    }
}

#[test]
fn the_blend_beats_its_worst_member_and_every_trailing_base_rate() {
    for (horizon, seed) in Horizon::ALL.into_iter().zip([5, 6, 7]) {
        let Simulated {
            outcomes,
            direction,
            ..
        } = market(1500, 100, 0.8, horizon, seed);
        let config = CalibrationConfig::default();
        let loss_of = |config: &CalibrationConfig| {
            let found = calibrate_as_time_goes(&outcomes, &direction, horizon, config);
            assert!(found.iter().all(|p| *p > 0.0 && *p < 1.0));
            log_loss(&outcomes, &found)
        };
        let blended = loss_of(&config);
        let members: Vec<f64> = config.members.iter().map(|&m| loss_of(&alone(m))).collect();
        let worst = members.iter().copied().fold(0.0, f64::max);
        let best = members.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(blended <= worst + 1e-12, "{horizon}: {blended} {members:?}");
        assert!(blended <= best + 1e-3, "{horizon}: {blended} {members:?}");
        for window in [Some(250), Some(1000), None] {
            let baseline = log_loss(&outcomes, &trailing_base_rate(&outcomes, horizon, window));
            assert!(blended < baseline, "{horizon}: {blended} {baseline}");
        }
    }
}

/// The log loss of every session, of several calibrations at once.
#[test]
fn no_session_is_worse_than_by_the_worst_member() {
    let (horizon, seed) = (Horizon::FiveDays, 21);
    let Simulated {
        outcomes,
        direction,
        ..
    } = market(400, 60, 0.5, horizon, seed);
    let config = CalibrationConfig::default();
    let mut calibrator = HorizonCalibrator::new(horizon, &config);
    for rows in outcomes.sessions() {
        let session_idx = outcomes.session_idx()[rows.start];
        let blend = calibrator.at(session_idx);
        let loss = |platt: Platt| -> f64 {
            let of = |row: usize| {
                let logit = platt.logit(direction[row]);
                softplus(if outcomes.is_up(row) { -logit } else { logit })
            };
            rows.clone().map(of).sum()
        };
        let members = calibrator.standings();
        let weights: f64 = members.iter().map(|member| member.weight).sum();
        assert!((weights - 1.0).abs() < 1e-12);
        let mean: f64 = members.iter().map(|m| m.weight * loss(m.fit)).sum();
        // Jensen's inequality: the bound is the weighted mean, which no worst member exceeds.
        assert!(loss(blend) <= mean + 1e-9);
        let returns = &outcomes.forward_return()[rows.clone()];
        calibrator.push(session_idx, &direction[rows.clone()], returns);
    }
}

#[test]
fn given_the_base_rate_the_calibration_error_is_small() {
    let Simulated {
        outcomes,
        direction,
        logit,
    } = market(1000, 100, 0.6, Horizon::OneDay, 9);
    let found = calibrate_as_time_goes(
        &outcomes,
        &direction,
        Horizon::OneDay,
        &CalibrationConfig::default(),
    );
    // Taking each session's own mean out leaves the error of the slope alone.
    let (mut error, mut n) = (0.0, 0.0);
    for rows in &outcomes.sessions()[250..] {
        let mean =
            |of: &dyn Fn(usize) -> f64| rows.clone().map(of).sum::<f64>() / rows.len() as f64;
        let (p, truth) = (mean(&|row| found[row]), mean(&|row| sigmoid(logit[row])));
        for row in rows.clone() {
            error += ((found[row] - p) - (sigmoid(logit[row]) - truth)).abs();
            n += 1.0;
        }
    }
    assert!(error / n < 0.01, "{}", error / n);
}

#[test]
fn before_anything_is_known_there_is_no_edge() {
    let config = CalibrationConfig::default();
    let mut calibrator = HorizonCalibrator::new(Horizon::FiveDays, &config);
    let prior = Platt {
        intercept: 0.0,
        slope: config.prior_slope,
    };
    let near = |found: Platt| (found.intercept.abs() + (found.slope - prior.slope).abs()) < 1e-12;
    assert!(near(calibrator.at(3)));
    calibrator.push(3, &[0.1, -0.1], &[0.02, 0.01]);
    assert!(near(calibrator.at(7)));
    assert_eq!(calibrator.n_sessions(), 0);
    let learned = calibrator.at(8);
    assert!(learned.intercept > 0.0, "both rose: {learned:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_not_known_yet_changes_nothing(cut in 5_u32..90, which in 0_usize..3, seed in 0_u64..99) {
        let horizon = Horizon::ALL[which];
        let simulated = market(100, 12, 0.7, horizon, seed);
        let steps = horizon.steps() as u32;
        let mut other = Outcomes::default();
        for row in 0..simulated.outcomes.len() {
            let session = simulated.outcomes.session_idx()[row];
            let known = session + steps <= cut;
            let outcome = simulated.outcomes.forward_return()[row];
            let stock = simulated.outcomes.stock_idx()[row];
            other.push(session, stock, if known { outcome } else { -outcome });
        }
        let config = CalibrationConfig::default();
        let of = |outcomes| calibrate_as_time_goes(outcomes, &simulated.direction, horizon, &config);
        let (found, changed) = (of(&simulated.outcomes), of(&other));
        let until = (cut as usize + 1) * 12;
        prop_assert_eq!(&found[..until], &changed[..until]);
        // The test could fail: one session later, what was changed shows.
        prop_assert_ne!(&found[until..], &changed[until..]);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(seed in 0_u64..99) {
        let simulated = market(60, 20, 0.7, Horizon::OneDay, seed);
        let config = CalibrationConfig::default();
        let fit = |reverse: bool| {
            let mut calibrator = HorizonCalibrator::new(Horizon::OneDay, &config);
            for rows in simulated.outcomes.sessions() {
                let mut scores = simulated.direction[rows.clone()].to_vec();
                let mut returns = simulated.outcomes.forward_return()[rows.clone()].to_vec();
                if reverse {
                    scores.reverse();
                    returns.reverse();
                }
                let session = simulated.outcomes.session_idx()[rows.start];
                calibrator.push(session, &scores, &returns);
            }
            calibrator.at(100)
        };
        prop_assert_eq!(fit(false), fit(true));
    }
}
