//! Proofs at full counts: resumable, and written to docs/PROOFS.md.
//!
//! `cargo xtask prove` calls this program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use naeil_domain::Horizon;
use naeil_tests::skill::{SkillConfig, mean_and_error, measure};
use serde_json::{Value, json};

/// Runs a proof and records it in docs/PROOFS.md.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    proof: Proof,
}

#[derive(Debug, Subcommand)]
enum Proof {
    /// On markets without a signal, models find nothing: the mean rank IC over independently
    /// simulated markets is within 4 standard errors of zero at every horizon.
    Skill {
        /// Markets to simulate and train on.
        #[arg(long, default_value_t = 20)]
        markets: u64,
        /// Forgets the results of an interrupted run.
        #[arg(long)]
        fresh: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().proof {
        Proof::Skill { markets, fresh } => skill(markets, fresh),
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One line a finished market, so that an interrupted proof goes on where it stopped.
fn results_file(name: &str) -> PathBuf {
    repository()
        .join("target/prove")
        .join(format!("{name}.jsonl"))
}

fn skill(markets: u64, fresh: bool) -> anyhow::Result<()> {
    let started = Instant::now();
    let path = results_file("skill");
    if fresh && path.exists() {
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    let mut results = read_results(&path)?;
    for seed in 1..=markets {
        if results.iter().any(|r| r["seed"] == seed) {
            eprintln!("market {seed} of {markets}: done before");
            continue;
        }
        let found = measure(&SkillConfig::nothing_to_find(seed))?;
        let rank_ics: Vec<f64> = found.iter().map(|skill| skill.rank_ic).collect();
        eprintln!("market {seed} of {markets}: rank IC {rank_ics:.4?}");
        let result = json!({"seed": seed, "rank_ics": rank_ics});
        append(&path, &result)?;
        results.push(result);
    }
    results.retain(|r| {
        r["seed"]
            .as_u64()
            .is_some_and(|seed| (1..=markets).contains(&seed))
    });

    let mut text = format!(
        "Models trained on {markets} simulated markets without any signal (seeds 1 to {markets}, \
         80 stocks x 460 sessions, hidden 8): the mean rank IC on the 120 sessions after training \
         has to lie within 4 standard errors of zero.\n\n\
         | horizon | mean rank IC | standard error | in standard errors |\n|---|---|---|---|\n"
    );
    let mut holds = true;
    for horizon in Horizon::ALL {
        let values: Vec<f64> = results
            .iter()
            .filter_map(|r| r["rank_ics"][horizon.index()].as_f64())
            .collect();
        let (mean, error) = mean_and_error(&values);
        holds &= mean.abs() < 4.0 * error;
        text += &format!(
            "| {horizon} | {mean:+.4} | {error:.4} | {:+.2} |\n",
            mean / error
        );
    }
    text += if holds {
        "\nHolds."
    } else {
        "\n**Does not hold.**"
    };
    record(
        "skill",
        &format!("cargo xtask prove skill --markets {markets}"),
        &text,
        started,
    )?;
    anyhow::ensure!(
        holds,
        "a model found something where nothing is, see docs/PROOFS.md"
    );
    Ok(())
}

fn read_results(path: &Path) -> anyhow::Result<Vec<Value>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    // A line cut off by a kill is run again.
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

fn append(path: &Path, result: &Value) -> anyhow::Result<()> {
    let folder = path.parent().context("results lie in a folder")?;
    std::fs::create_dir_all(folder)?;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    writeln!(file, "{result}").with_context(|| format!("cannot write {}", path.display()))
}

/// Replaces the proof's section of docs/PROOFS.md.
fn record(name: &str, command: &str, text: &str, started: Instant) -> anyhow::Result<()> {
    let path = repository().join("docs/PROOFS.md");
    let old = std::fs::read_to_string(&path).unwrap_or_else(|_| {
        "# Proofs\n\nWhat the tests check at reduced counts, at full counts. Each section is \
         written by the command it names.\n"
            .to_owned()
    });
    let (begin, end) = (
        format!("<!-- begin {name} -->"),
        format!("<!-- end {name} -->"),
    );
    let section = format!(
        "{begin}\n## {name}\n\n`{command}`, {}, {}, this run {:.0} s.\n\n{text}\n{end}",
        chrono::Utc::now().format("%Y-%m-%d"),
        naeil_tests::machine::describe(),
        started.elapsed().as_secs_f64()
    );
    let new = match (old.find(&begin), old.find(&end)) {
        (Some(from), Some(to)) => format!("{}{section}{}", &old[..from], &old[to + end.len()..]),
        _ => format!(
            "{}\n{section}\n",
            old.trim_end_matches('\n').to_owned() + "\n"
        ),
    };
    std::fs::write(&path, new).with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("{text}\nwritten to docs/PROOFS.md");
    Ok(())
}
