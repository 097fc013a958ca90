//! Models find what can be known, and nothing where nothing is.

use std::time::Instant;

use naeil_domain::Horizon;
use naeil_tests::honest::{NamedLeak, NothingToFind, Permuted, Planted, name_leaks};
use naeil_tests::judged::mean_and_error;
use serde_json::{Value, json};

use crate::record::{Results, record};

/// Every so many stocks of the recorded bars: about 200 of them.
const STOCKS_EVERY: usize = 5;
/// As-of sessions that models of permuted labels are judged by.
const PERMUTED_TEST_SESSIONS: usize = 240;
/// As-of sessions that the planted signal is looked for in.
const PLANTED_TEST_SESSIONS: usize = 150;
/// Share of the planted signal that has to be found.
const RECOVERED: f64 = 0.8;

/// What may be asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Trainings on permuted labels.
    #[arg(long, default_value_t = 20)]
    shuffles: u64,
    /// Markets without a signal.
    #[arg(long, default_value_t = 20)]
    markets: u64,
    /// Trainings on the market with a planted signal.
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// Forgets the results of an interrupted run.
    #[arg(long)]
    fresh: bool,
}

/// Runs the proof.
///
/// # Errors
/// If something cannot be trained or measured, the result cannot be written, or it does not hold.
pub(crate) fn prove(arguments: &Arguments) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut results = Results::open("honest", arguments.fresh)?;
    let mut holds = true;
    let mut text = String::new();
    for part in [permuted, nothing_to_find, planted, leaks] {
        let (part_text, part_holds) = part(arguments, &mut results)?;
        text += &part_text;
        holds &= part_holds;
    }
    text += if holds {
        "Holds."
    } else {
        "**Does not hold.**"
    };
    let Arguments {
        shuffles,
        markets,
        seeds,
        ..
    } = arguments;
    let command = format!(
        "cargo xtask prove honest --shuffles {shuffles} --markets {markets} --seeds {seeds}"
    );
    record("honest", &command, &text, started)?;
    anyhow::ensure!(holds, "see docs/PROOFS.md");
    Ok(())
}

type Part = anyhow::Result<(String, bool)>;

/// The result of a key, from before or computed now.
fn result(
    results: &mut Results,
    key: Value,
    compute: impl FnOnce() -> anyhow::Result<Value>,
) -> anyhow::Result<Value> {
    if let Some(before) = results.iter().find(|result| result["key"] == key) {
        eprintln!("{key}: {} (done before)", before["found"]);
        return Ok(before["found"].clone());
    }
    let found = compute()?;
    eprintln!("{key}: {found}");
    results.push(json!({"key": key, "found": found}))?;
    Ok(found)
}

/// A table of means over repetitions, each of which has to be within 4 standard errors of zero.
fn zero_within_errors(repetitions: &[Value], beside: Option<&Value>) -> (String, bool) {
    let mut text = "| horizon | mean rank IC | standard error | in standard errors |".to_owned();
    text += if beside.is_some() {
        " labels as they are |\n|---|---|---|---|---|\n"
    } else {
        "\n|---|---|---|---|\n"
    };
    let mut holds = true;
    for horizon in Horizon::ALL {
        let of = |found: &Value| found[horizon.index()].as_f64();
        let values: Vec<f64> = repetitions.iter().filter_map(of).collect();
        let (mean, error) = mean_and_error(&values);
        holds &= mean.abs() < 4.0 * error;
        let ratio = mean / error;
        text += &format!("| {horizon} | {mean:+.4} | {error:.4} | {ratio:+.2} |");
        if let Some(rank_ic) = beside.and_then(of) {
            text += &format!(" {rank_ic:+.4} |");
        }
        text += "\n";
    }
    (text + "\n", holds)
}

fn permuted(arguments: &Arguments, results: &mut Results) -> Part {
    let shuffles = arguments.shuffles;
    let market = Permuted::recorded_or_simulated(STOCKS_EVERY, PERMUTED_TEST_SESSIONS)?;
    let mut run = |permutation: Option<u64>| {
        let key = json!(["permuted", market.description, permutation]);
        result(results, key, || Ok(json!(market.rank_ics(permutation)?)))
    };
    let as_they_are = run(None)?;
    let found: Vec<Value> = (1..=shuffles)
        .map(|seed| run(Some(seed)))
        .collect::<anyhow::Result<_>>()?;
    let (table, holds) = zero_within_errors(&found, Some(&as_they_are));
    let text = format!(
        "**Permuted labels.** {shuffles} small models (hidden 8, 10 steps, 2 epochs) trained on \
         labels that are dealt anew within every training session, a stock's three returns as one: \
         the mean rank IC on the {PERMUTED_TEST_SESSIONS} sessions after training has to lie within \
         4 standard errors of zero. Bars: {}.\n\n{table}",
        market.description
    );
    Ok((text, holds))
}

fn nothing_to_find(arguments: &Arguments, results: &mut Results) -> Part {
    let markets = arguments.markets;
    let found: Vec<Value> = (1..=markets)
        .map(|seed| {
            let key = json!(["nothing to find", seed]);
            result(results, key, || {
                Ok(json!(NothingToFind::new(seed).rank_ics()?))
            })
        })
        .collect::<anyhow::Result<_>>()?;
    let (table, holds) = zero_within_errors(&found, None);
    let text = format!(
        "**Nothing to find.** The same models on {markets} simulated markets without any signal, \
         80 stocks x 460 sessions, labels as they are: the mean rank IC on the 120 sessions after \
         training. A feature that knew the future would show here, where permuted labels hide \
         it.\n\n{table}"
    );
    Ok((text, holds))
}

fn planted(arguments: &Arguments, results: &mut Results) -> Part {
    let seeds = arguments.seeds;
    let planted = Planted::new(300, 750, PLANTED_TEST_SESSIONS)?;
    let mut shares = Vec::new();
    let mut rows = String::new();
    for seed in 1..=seeds {
        let training = Planted::training(seed);
        let key = json!(["planted", seed, planted.oracle, training.epochs]);
        let found = result(results, key, || {
            let skill = planted.skill(&training)?;
            Ok(json!([skill.rank_ic, skill.oracle]))
        })?;
        let (rank_ic, oracle) = (
            found[0].as_f64().unwrap_or(f64::NAN),
            found[1].as_f64().unwrap_or(f64::NAN),
        );
        shares.push(rank_ic / oracle);
        rows += &format!(
            "| {seed} | {rank_ic:.4} | {oracle:.4} | {:.1} % |\n",
            100.0 * rank_ic / oracle
        );
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let text = format!(
        "**Planted signal.** A simulated market of 300 stocks x 750 sessions, in which knowing the \
         signal gives a rank IC of {:.4} at 1d on the last {PLANTED_TEST_SESSIONS} sessions with an \
         outcome. Default networks, each one seed, trained with the default settings ({} epochs) on the \
         sessions before them: at least {:.0} % of it has to be found, mean of the \
         seeds. (On the rows of usable windows, where both are scored.)\n\n\
         | seed | rank IC at 1d | of the signal itself | recovered |\n|---|---|---|---|\n{rows}\
         | mean | | | {:.1} % |\n\n",
        planted.oracle,
        Planted::training(0).epochs,
        100.0 * RECOVERED,
        100.0 * mean
    );
    Ok((text, mean >= RECOVERED))
}

fn leaks(_: &Arguments, _: &mut Results) -> Part {
    let (n_stocks, n_sessions) = (100, 700);
    let head = format!(
        "**Leaks.** Planted one by one in a simulated market of {n_stocks} stocks x {n_sessions} \
         sessions; each has to be named, and what is honest has to pass.\n\n"
    );
    match name_leaks(n_stocks, n_sessions) {
        Ok(named) => {
            let rows: String = named
                .iter()
                .map(
                    |NamedLeak {
                         planted,
                         leak,
                         said,
                     }| {
                        format!("| {planted} | {} | {said} |\n", leak.as_str())
                    },
                )
                .collect();
            let table = format!("| planted | named | said |\n|---|---|---|\n{rows}\n");
            Ok((head + &table, true))
        }
        Err(problem) => Ok((format!("{head}{problem:#}\n\n"), false)),
    }
}
