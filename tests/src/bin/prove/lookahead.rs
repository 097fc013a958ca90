//! No feature and no label knows the future, and a server computes what training computed.

use std::time::Instant;

use naeil_tests::lookahead::{LookaheadFigures, Market, lookahead};

use crate::record::record;

/// The recorded sets looked at: the main one, and the one whose bars lie before the split of 005930.
const FILES: [&str; 2] = ["krx_daily_2019_2024.parquet", "krx_long_2003_2018.parquet"];

/// What may be asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// (code, session) pairs drawn from each set of bars.
    #[arg(long, default_value_t = 200)]
    samples: usize,
    /// Seed of the draws.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A server's read is compared with the whole history every so many sessions.
    #[arg(long, default_value_t = 1)]
    read_every: usize,
}

/// Runs the proof.
///
/// # Errors
/// The first value that knows the future or differs, or if the result cannot be written.
pub(crate) fn prove(arguments: &Arguments) -> anyhow::Result<()> {
    let started = Instant::now();
    let &Arguments {
        samples,
        seed,
        read_every,
    } = arguments;
    let mut text = format!(
        "With everything after a session cut off or shuffled, the feature windows that end in it \
         are the same to the bit; so are labels with everything after their target cut off or \
         shuffled. Moved on session by session from the same first bar, every row is that of the \
         whole history to the bit. From the read of a server, windows are those of the whole \
         history within 1e-7 of the column's greatest value, ranks equal but for \
         ties within that (every {read_every} sessions). Seed {seed}.\n\n\
         | bars | pairs drawn (before a later split) | usable windows | labels (void) | rows \
         streamed | windows served | greatest difference | ranks tied |\n|{}\n",
        "---|".repeat(8)
    );
    for file in FILES {
        let market = Market::recorded_or_simulated(file, 1, read_every)?;
        let found = lookahead(&market, samples, seed)?;
        text += &row(&found);
    }
    text += "\nHolds.";
    record(
        "lookahead",
        &format!(
            "cargo xtask prove lookahead --samples {samples} --seed {seed} --read-every {read_every}"
        ),
        &text,
        started,
    )
}

fn row(found: &LookaheadFigures) -> String {
    let LookaheadFigures {
        bars,
        samples,
        before_a_split,
        windows,
        labels,
        void_labels,
        streamed_rows,
        served_windows,
        served_difference,
        served_ties,
    } = found;
    format!(
        "| {bars} | {samples} ({before_a_split}) | {windows} | {labels} ({void_labels}) | \
         {streamed_rows} | {served_windows} | {served_difference:.1e} | {served_ties} |\n"
    )
}
