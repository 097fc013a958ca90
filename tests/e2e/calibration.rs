//! Probabilities and intervals, on a tenth of the rows that `cargo xtask prove calibration` scores.

use naeil_tests::calibrated::LongMarket;

/// With a tenth of the rows the error of a perfect forecaster is larger, and intervals of 20 sessions
/// have seen few independent periods.
const ERROR: f64 = 0.015;
const COVERAGE: [f64; 3] = [0.01, 0.015, 0.03];

#[test]
fn probabilities_are_true_and_intervals_hold_what_they_say() {
    let market = LongMarket {
        n_stocks: 50,
        n_sessions: 1_000,
        train_sessions: 400,
        seed: 1,
    };
    for (figures, coverage) in market.measure().unwrap().into_iter().zip(COVERAGE) {
        eprintln!("{figures:?}");
        assert!(figures.n_rows > 20_000, "{figures:?}");
        assert!(figures.error_given_base_rate <= ERROR, "{figures:?}");
        let distance = (figures.interval_coverage - figures.interval_level).abs();
        assert!(distance <= coverage, "{figures:?}");
    }
}
