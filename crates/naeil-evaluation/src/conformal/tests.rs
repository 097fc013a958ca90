use naeil_domain::Horizon;

use super::horizon::Quantiles;
use super::*;
use crate::Outcomes;
use crate::simulated::Noise;

/// Normal returns whose volatility wanders and whose market moves, beside quantiles that are too
/// narrow below and too wide above, and know nothing of either.
fn rows(n_sessions: u32, n_rows: u32, steps: usize, seed: u64) -> (Outcomes, Vec<Quantiles>) {
    let mut noise = Noise(seed);
    let shocks: Vec<f64> = (0..n_sessions as usize + steps)
        .map(|_| noise.normal())
        .collect();
    let mut log_volatility = 0.0;
    let (mut outcomes, mut quantiles) = (Outcomes::default(), Vec::new());
    for session in 0..n_sessions {
        log_volatility = 0.99 * log_volatility + 0.03 * noise.normal();
        let shared: f64 = shocks[session as usize..][..steps].iter().sum();
        let market = 0.4 * shared / (steps as f64).sqrt();
        for stock in 0..n_rows {
            let own = 0.02 * (1.0 + f64::from(stock % 5));
            let scale = own * f64::exp(log_volatility);
            outcomes.push(session, stock, scale * (market + 0.9 * noise.normal()));
            quantiles.push([-1.0, -0.4, 0.0, 0.8, 2.5].map(|q: f64| q * own));
        }
    }
    (outcomes, quantiles)
}

fn coverage(outcomes: &Outcomes, intervals: &[[f64; 2]], from: usize) -> [f64; 3] {
    let (mut below, mut above, mut n) = (0.0, 0.0, 0.0);
    for rows in &outcomes.sessions()[from..] {
        for row in rows.clone() {
            let [lower, upper] = intervals[row];
            let outcome = outcomes.forward_return()[row];
            below += f64::from(u8::from(outcome < lower));
            above += f64::from(u8::from(outcome > upper));
            n += 1.0;
        }
    }
    [below / n, 1.0 - (below + above) / n, above / n]
}

#[test]
fn both_tails_hold_what_they_say_while_volatility_drifts() {
    for (horizon, tolerance) in Horizon::ALL.into_iter().zip([0.01, 0.01, 0.01]) {
        let (outcomes, quantiles) = rows(2000, 40, horizon.steps(), 17);
        let config = ConformalConfig::default();
        let intervals = intervals_as_time_goes(&outcomes, &quantiles, horizon, config);
        let [below, inside, above] = coverage(&outcomes, &intervals, 100);
        assert!(
            (inside - 0.90).abs() < tolerance,
            "{horizon}: {below} {inside} {above}"
        );
        assert!(
            (below - 0.05).abs() < 0.01 && (above - 0.05).abs() < 0.01,
            "{horizon}: {below} {above}"
        );
        // The raw quantiles are far off, so the scales do something.
        let raw = quantiles.iter().map(|q| [q[0], q[4]]).collect::<Vec<_>>();
        assert!((coverage(&outcomes, &raw, 100)[1] - 0.90).abs() > 0.03);
    }
}

/// At 20 sessions a burst of misses is over before the first of it is known, so it can only be made
/// up for afterwards.
#[test]
fn bursts_of_misses_are_made_up_for() {
    let mut noise = Noise(3);
    let (mut outcomes, mut quantiles) = (Outcomes::default(), Vec::new());
    for session in 0..3000 {
        // Six of ten rows fall far out of the quantiles for 20 sessions of each 250: 4.8 % of all rows.
        let in_burst = session % 250 >= 230;
        for stock in 0..40 {
            let falls = in_burst && stock % 10 < 6;
            let outcome = if falls { -0.8 } else { 0.03 * noise.normal() };
            outcomes.push(session, stock, outcome);
            quantiles.push([-0.05, -0.02, 0.0, 0.02, 0.05]);
        }
    }
    let config = ConformalConfig::default();
    let intervals = intervals_as_time_goes(&outcomes, &quantiles, Horizon::TwentyDays, config);
    let [below, _, above] = coverage(&outcomes, &intervals, 500);
    assert!((below - 0.05).abs() < 0.01, "{below}");
    assert!((above - 0.05).abs() < 0.01, "{above}");
}

#[test]
fn the_level_is_a_setting() {
    let (outcomes, quantiles) = rows(600, 40, 1, 4);
    let config = ConformalConfig {
        level: 0.5,
        ..ConformalConfig::default()
    };
    let intervals = intervals_as_time_goes(&outcomes, &quantiles, Horizon::OneDay, config);
    let inside = coverage(&outcomes, &intervals, 100)[1];
    assert!((inside - 0.5).abs() < 0.02, "{inside}");
}

#[test]
fn what_is_not_known_yet_changes_nothing() {
    for horizon in Horizon::ALL {
        let (outcomes, quantiles) = rows(120, 10, horizon.steps(), 8);
        let cut = 80;
        let mut other = Outcomes::default();
        for row in 0..outcomes.len() {
            let session = outcomes.session_idx()[row];
            let known = session as usize + horizon.steps() <= cut;
            let factor = if known { 1.0 } else { 9.0 };
            let outcome = factor * outcomes.forward_return()[row];
            other.push(session, outcomes.stock_idx()[row], outcome);
        }
        let of = |outcomes| {
            intervals_as_time_goes(outcomes, &quantiles, horizon, ConformalConfig::default())
        };
        let (found, changed) = (of(&outcomes), of(&other));
        let until = (cut + 1) * 10;
        assert_eq!(found[..until], changed[..until]);
        assert_ne!(found[until..], changed[until..]);
    }
}

#[test]
fn before_enough_is_known_the_intervals_are_the_models_own() {
    let mut calibrator = IntervalCalibrator::new(Horizon::OneDay, ConformalConfig::default());
    for session in 0..20 {
        let scales = calibrator.at(session);
        assert_eq!((scales.lower_scale, scales.upper_scale), (1.0, 1.0));
        // A median at the top: every fall is beyond a tail of no width, every rise within.
        let quantiles = [[0.0, 0.0, 0.0, 0.0, 0.1]; 2];
        calibrator.push(session, &quantiles, &[-0.01, 0.05]);
    }
    let scales = calibrator.at(20);
    assert!(scales.lower_scale >= 64.0, "{scales:?}");
    assert!((scales.upper_scale - 0.5).abs() < 0.02, "{scales:?}");
    assert_eq!(calibrator.n_sessions(), 20);
}
