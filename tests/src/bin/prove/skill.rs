//! Models find nothing where nothing is.

use std::time::Instant;

use naeil_domain::Horizon;
use naeil_tests::skill::{SkillConfig, mean_and_error, measure};
use serde_json::json;

use crate::record::{Results, record};

/// What may be asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Markets to simulate and train on.
    #[arg(long, default_value_t = 20)]
    markets: u64,
    /// Forgets the results of an interrupted run.
    #[arg(long)]
    fresh: bool,
}

/// Runs the proof.
///
/// # Errors
/// If a market cannot be measured, the result cannot be written, or it does not hold.
pub(crate) fn prove(arguments: &Arguments) -> anyhow::Result<()> {
    let &Arguments { markets, fresh } = arguments;
    let started = Instant::now();
    let mut results = Results::open("skill", fresh)?;
    for seed in 1..=markets {
        if results.iter().any(|r| r["seed"] == seed) {
            eprintln!("market {seed} of {markets}: done before");
            continue;
        }
        let found = measure(&SkillConfig::nothing_to_find(seed))?;
        let rank_ics: Vec<f64> = found.iter().map(|skill| skill.rank_ic).collect();
        eprintln!("market {seed} of {markets}: rank IC {rank_ics:.4?}");
        let result = json!({"seed": seed, "rank_ics": rank_ics});
        results.push(result)?;
    }
    let wanted = |r: &&serde_json::Value| {
        let seed = r["seed"].as_u64();
        seed.is_some_and(|seed| (1..=markets).contains(&seed))
    };

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
            .filter(wanted)
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
