//! Proofs at full counts, one file each: resumable, and written to docs/PROOFS.md.
//!
//! `cargo xtask prove` calls this program.

mod import;
mod lookahead;
mod record;
mod skill;

use clap::{Parser, Subcommand};

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
    Skill(skill::Arguments),
    /// An import that is killed leaves everything of its file or nothing, and run again it gives
    /// what an undisturbed one gives.
    Import(import::Arguments),
    /// No feature and no label knows the future, and a server computes what training computed.
    Lookahead(lookahead::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().proof {
        Proof::Skill(arguments) => skill::prove(&arguments),
        Proof::Import(arguments) => import::prove(&arguments),
        Proof::Lookahead(arguments) => lookahead::prove(&arguments),
    }
}
