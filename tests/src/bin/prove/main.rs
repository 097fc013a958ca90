//! Proofs at full counts, one file each: resumable, and written to docs/PROOFS.md.
//!
//! `cargo xtask prove` calls this program.

mod calibration;
mod deterministic;
mod honest;
mod import;
mod lookahead;
mod record;
mod scale;

use clap::{Parser, Subcommand};
use naeil_tests::killed_training::{Once, SUBCOMMAND};

/// Runs a proof and records it in docs/PROOFS.md.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    proof: Proof,
}

#[derive(Debug, Subcommand)]
enum Proof {
    /// Models find nothing where nothing is, find most of what was planted, and leaks are named.
    Honest(honest::Arguments),
    /// The same training gives the same weights, whatever the number of threads and however often
    /// it is killed.
    Deterministic(deterministic::Arguments),
    /// Probabilities are true given the session's base rate, and intervals hold what they say.
    Calibration(calibration::Arguments),
    /// An import that is killed leaves everything of its file or nothing, and run again it gives
    /// what an undisturbed one gives.
    Import(import::Arguments),
    /// No feature and no label knows the future, and a server computes what training computed.
    Lookahead(lookahead::Arguments),
    /// The whole market is retrained in half an hour, on 2 cores and in 4 GB.
    Scale(scale::Arguments),
    /// One training: what the proof of determinism compares and kills.
    #[command(name = SUBCOMMAND, hide = true)]
    TrainOnce(Once),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().proof {
        Proof::Honest(arguments) => honest::prove(&arguments),
        Proof::Deterministic(arguments) => deterministic::prove(&arguments),
        Proof::Calibration(arguments) => calibration::prove(&arguments),
        Proof::Import(arguments) => import::prove(&arguments),
        Proof::Lookahead(arguments) => lookahead::prove(&arguments),
        Proof::Scale(arguments) => scale::prove(&arguments),
        Proof::TrainOnce(once) => once.train(),
    }
}
