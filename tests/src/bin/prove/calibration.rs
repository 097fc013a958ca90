//! Probabilities are true and intervals hold what they say, as time goes.

use std::time::Instant;

use naeil_tests::calibrated::{CalibrationFigures, LongMarket};

use crate::record::record;

/// Expected calibration error given the session's base rate, at most.
const ERROR: f64 = 0.01;
/// Distance of the intervals' coverage from their level, at most.
const COVERAGE: f64 = 0.01;

/// What may be asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Sessions of the market.
    #[arg(long, default_value_t = 2_000)]
    sessions: usize,
    /// The first so many train the network.
    #[arg(long, default_value_t = 500)]
    train_sessions: usize,
    /// Stocks.
    #[arg(long, default_value_t = 200)]
    stocks: usize,
    /// Seed of market and training.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the proof.
///
/// # Errors
/// If something cannot be measured, the result cannot be written, or it does not hold.
pub(crate) fn prove(arguments: &Arguments) -> anyhow::Result<()> {
    let started = Instant::now();
    let &Arguments {
        sessions,
        train_sessions,
        stocks,
        seed,
    } = arguments;
    let market = LongMarket {
        n_stocks: stocks,
        n_sessions: sessions,
        train_sessions,
        seed,
    };
    let found = market.measure()?;
    let holds = found.iter().all(|figures| {
        figures.error_given_base_rate <= ERROR
            && (figures.interval_coverage - figures.interval_level).abs() <= COVERAGE
    });
    let rows: String = found.iter().map(row).collect();
    let verdict = if holds {
        "Holds."
    } else {
        "**Does not hold.**"
    };
    let text = format!(
        "A simulated market of {stocks} stocks x {sessions} sessions (seed {seed}); a small network \
         (hidden 8, 10 steps, 2 epochs) is trained on the first {train_sessions} and never again. \
         Calibrated as time goes over every session after them, with the defaults and nothing left \
         out for a start: the calibration error given the session's base rate has to be at most \
         {ERROR}, and the share of returns inside their interval within {:.0} point of its level. \
         The other columns are there to be seen: the calibration error with the base rate in it is \
         the market's too.\n\n\
         | horizon | sessions | rows | error given the base rate | error | log loss | of the base \
         rate of all known sessions | coverage | level | coverage of the network's own 5 to 95 % \
         |\n|{}\n{rows}\n{verdict}",
        100.0 * COVERAGE,
        "---|".repeat(10)
    );
    let command = format!(
        "cargo xtask prove calibration --sessions {sessions} --train-sessions {train_sessions} \
         --stocks {stocks} --seed {seed}"
    );
    record("calibration", &command, &text, started)?;
    anyhow::ensure!(holds, "see docs/PROOFS.md");
    Ok(())
}

fn row(figures: &CalibrationFigures) -> String {
    let CalibrationFigures {
        horizon,
        n_sessions,
        n_rows,
        error_given_base_rate,
        error,
        log_loss,
        base_rate_log_loss,
        interval_coverage,
        interval_level,
        raw_coverage,
        ..
    } = figures;
    format!(
        "| {horizon} | {n_sessions} | {n_rows} | {error_given_base_rate:.4} | {error:.4} | \
         {log_loss:.4} | {base_rate_log_loss:.4} | {interval_coverage:.4} | {interval_level:.2} | \
         {raw_coverage:.4} |\n"
    )
}
