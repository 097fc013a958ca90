//! Imports that are killed leave everything or nothing.

use std::time::Instant;

use anyhow::Context as _;
use naeil_tests::database::Database;
use naeil_tests::killed_import::{KilledImport, Left, Shares};
use serde_json::json;

use crate::record::{Results, record};

/// What may be asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Imports to kill, on each database.
    #[arg(long, default_value_t = 100)]
    kills: usize,
    /// Stocks in the file.
    #[arg(long, default_value_t = 400)]
    stocks: usize,
    /// Sessions in the file.
    #[arg(long, default_value_t = 600)]
    sessions: usize,
    /// Decides when each import is killed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Forgets the results of an interrupted run.
    #[arg(long)]
    fresh: bool,
}

/// Runs the proof; the binary that is killed is `NAEIL_BIN`, or the one beside this program.
///
/// # Errors
/// If a killed import leaves a part or cannot be run again, or if nothing could be tried.
pub(crate) fn prove(arguments: &Arguments) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut results = Results::open("import", arguments.fresh)?;
    let mut text = format!(
        "`naeil import` of a file, and of one that corrects every seventh of its bars, in turn \
         killed with SIGKILL after an evenly random share of the time that it takes undisturbed \
         (seed {}). The store then holds everything of the file or nothing of it; run again, the \
         import gives what an undisturbed one gives, bit by bit; and what was known before is as \
         it was.\n\n\
         | database | bars a file | undisturbed, first and second file | kills | left nothing | \
         left everything |\n|---|---|---|---|---|---|\n",
        arguments.seed
    );
    let command = format!("cargo xtask prove import --kills {}", arguments.kills);
    for database in Database::ALL {
        match one_database(arguments, database, &mut results) {
            Ok(row) => text += &row,
            Err(problem) => {
                text += &format!("\n**Does not hold** in {}: {problem:#}", database.as_str());
                record("import", &command, &text, started)?;
                return Err(problem);
            }
        }
    }
    text += "\nHolds.";
    record("import", &command, &text, started)
}

/// Kills imports into one database, and gives its row of the table.
fn one_database(
    arguments: &Arguments,
    database: Database,
    results: &mut Results,
) -> anyhow::Result<String> {
    let name = database.as_str();
    let folder = tempfile::tempdir().context("cannot make a folder for the files")?;
    let imports = KilledImport::prepare(
        folder.path(),
        database,
        arguments.stocks,
        arguments.sessions,
    )?;
    let [first, second] = imports.undisturbed.map(|time| time.as_secs_f64());
    let shares = Shares::new(arguments.seed).take(arguments.kills);
    let mut left_everything = 0;
    for (kill, share) in shares.enumerate() {
        let key = json!([name, arguments.seed, imports.n_bars, kill]);
        let before = results.iter().find(|result| result["key"] == key);
        let everything = match before.and_then(|result| result["everything"].as_bool()) {
            Some(everything) => everything,
            None => {
                let everything = imports.kill(kill % 2, share)? == Left::Everything;
                results.push(json!({"key": key, "share": share, "everything": everything}))?;
                everything
            }
        };
        left_everything += usize::from(everything);
        eprintln!(
            "{name}: kill {} of {} after {share:.3} of the time left {}",
            kill + 1,
            arguments.kills,
            if everything { "everything" } else { "nothing" }
        );
    }
    Ok(format!(
        "| {name} | {} | {first:.2} s, {second:.2} s | {} | {} | {left_everything} |\n",
        imports.n_bars,
        arguments.kills,
        arguments.kills - left_everything
    ))
}
