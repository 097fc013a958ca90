//! The same training gives the same weights, whatever the threads and however often it is killed.

use std::time::Instant;

use anyhow::Context as _;
use naeil_tests::killed_import::Shares;
use naeil_tests::killed_training::{Found, KilledTraining};
use serde_json::json;

use crate::record::{Results, record};

/// Numbers of threads that are tried.
const THREADS: [usize; 3] = [1, 2, 3];

/// What may be asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Trainings to kill.
    #[arg(long, default_value_t = 10)]
    kills: usize,
    /// Stocks of the market.
    #[arg(long, default_value_t = 150)]
    stocks: usize,
    /// Its sessions.
    #[arg(long, default_value_t = 500)]
    sessions: usize,
    /// Decides when each training is killed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Forgets the results of an interrupted run.
    #[arg(long)]
    fresh: bool,
}

/// Runs the proof; the trainings are processes of this program.
///
/// # Errors
/// If weights differ by a byte, or nothing could be trained.
pub(crate) fn prove(arguments: &Arguments) -> anyhow::Result<()> {
    let started = Instant::now();
    let &Arguments {
        kills,
        stocks,
        sessions,
        seed,
        fresh,
    } = arguments;
    let mut results = Results::open("deterministic", fresh)?;
    let command = format!(
        "cargo xtask prove deterministic --kills {kills} --stocks {stocks} --sessions {sessions} \
         --seed {seed}"
    );
    let mut text = format!(
        "The default network, two members, 3 epochs, on a simulated market of {stocks} stocks x \
         {sessions} sessions, trained in processes of their own and the weights' files compared \
         byte by byte. The numbers of threads are {THREADS:?}. Killed trainings are ended with \
         SIGKILL after an evenly random share of the time that one takes undisturbed (seed {seed}) \
         and run again.\n\n"
    );
    match compare(arguments, &mut results) {
        Ok(rows) => {
            text += &rows;
            text += "\nHolds.";
            record("deterministic", &command, &text, started)
        }
        Err(problem) => {
            text += &format!("**Does not hold**: {problem:#}");
            record("deterministic", &command, &text, started)?;
            Err(problem)
        }
    }
}

fn compare(arguments: &Arguments, results: &mut Results) -> anyhow::Result<String> {
    let program = std::env::current_exe().context("this program has no path")?;
    let trainings = KilledTraining::prepare(program, arguments.stocks, arguments.sessions)?;
    let expected = trainings.expected.to_string();
    eprintln!("undisturbed: {:?}, {expected}", trainings.undisturbed);
    for threads in THREADS {
        let key = json!([expected, "threads", threads]);
        if !results.iter().any(|result| result["key"] == key) {
            trainings.with_threads(threads)?;
            results.push(json!({ "key": key }))?;
        }
        eprintln!("{threads} threads: the same bytes");
    }
    let mut found_each = Vec::new();
    for (kill, share) in Shares::new(arguments.seed)
        .take(arguments.kills)
        .enumerate()
    {
        let key = json!([expected, "kill", arguments.seed, kill]);
        let before = results.iter().find(|result| result["key"] == key);
        let found = match before.and_then(|result| result["found"].as_str()) {
            Some(found) => found.to_owned(),
            None => {
                let found = trainings.kill(share)?.as_str().to_owned();
                results.push(json!({"key": key, "share": share, "found": found}))?;
                found
            }
        };
        eprintln!(
            "kill {} of {} after {share:.3} of the time left: {found}",
            kill + 1,
            arguments.kills
        );
        found_each.push(found);
    }
    let count = |found: Found| found_each.iter().filter(|f| *f == found.as_str()).count();
    Ok(format!(
        "| undisturbed | SHA-256 of the weights | kills | before the first checkpoint | with a \
         checkpoint | already done |\n|---|---|---|---|---|---|\n\
         | {:.1} s | {} | {} | {} | {} | {} |\n",
        trainings.undisturbed.as_secs_f64(),
        trainings.expected,
        arguments.kills,
        count(Found::Nothing),
        count(Found::Checkpoint),
        count(Found::Weights),
    ))
}
