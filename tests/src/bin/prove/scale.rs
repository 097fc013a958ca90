//! The whole market is retrained in half an hour.

use std::time::Instant;

use naeil_tests::binary::Workdir;
use naeil_tests::scale::{Retraining, retrain};

use crate::record::record;

/// Minutes that the retraining may take, on two cores.
const MINUTES: f64 = 30.0;
/// Memory that it may take.
const BYTES: u64 = 4 << 30;

/// What may be asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Stocks of the market.
    #[arg(long, default_value_t = 2_500)]
    stocks: usize,
    /// Its sessions.
    #[arg(long, default_value_t = 730)]
    sessions: usize,
}

/// Runs the proof; the binary is `NAEIL_BIN`, or the one beside this program.
///
/// # Errors
/// If the market cannot be retrained, the result cannot be written, or it takes too long or too much.
pub(crate) fn prove(arguments: &Arguments) -> anyhow::Result<()> {
    let started = Instant::now();
    let &Arguments { stocks, sessions } = arguments;
    let Retraining {
        bars,
        stages,
        seconds,
        peak_bytes,
        said,
    } = retrain(&Workdir::without_settings(), stocks, sessions)?;
    eprintln!("{said}");
    let holds = seconds <= 60.0 * MINUTES && peak_bytes <= BYTES;
    let rows: String = stages
        .iter()
        .map(|(stage, seconds)| format!("| {stage} | {seconds:.1} s |\n"))
        .collect();
    let text = format!(
        "`naeil retrain` with the default settings, in a process of its own on at most 2 cores, on \
         a simulated market of {stocks} stocks x {sessions} sessions x 3 horizons ({bars} bars in \
         SQLite): every stage from the store to a calibrated champion, in at most {MINUTES:.0} \
         minutes and {:.0} GiB.\n\n\
         | stage | time |\n|---|---|\n{rows}| all, from start to exit | {:.1} min |\n\n\
         Greatest resident memory: {:.2} GiB.\n\n{}",
        BYTES as f64 / f64::from(1 << 30),
        seconds / 60.0,
        peak_bytes as f64 / f64::from(1 << 30),
        if holds {
            "Holds."
        } else {
            "**Does not hold.**"
        }
    );
    let command = format!("cargo xtask prove scale --stocks {stocks} --sessions {sessions}");
    record("scale", &command, &text, started)?;
    anyhow::ensure!(holds, "see docs/PROOFS.md");
    Ok(())
}
