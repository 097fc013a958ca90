//! `cargo xtask prove [NAME]`: the long proofs, at the counts the product promises.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::bail;

use crate::workspace::Workspace;
use crate::{naeil, process};

/// A proof and what it shows.
const PROOFS: &[(&str, &str)] = &[
    (
        "honest",
        "models find nothing where nothing is and most of what was planted, and leaks are named",
    ),
    (
        "deterministic",
        "a training gives the same weights on any number of threads, and after any kill",
    ),
    (
        "calibration",
        "probabilities are true given the session's base rate, intervals hold what they say",
    ),
    (
        "scale",
        "the whole market is retrained in 30 minutes on 2 cores, in 4 GB",
    ),
    (
        "import",
        "an import that is killed leaves no half of it, in SQLite and in PostgreSQL",
    ),
    (
        "lookahead",
        "no feature knows what comes after its session, no label what comes after its own",
    ),
];

/// Builds the product in release, for proofs that start it, and runs a proof; or lists them.
///
/// # Errors
/// If there is no such proof, or it cannot be built. What it finds is its exit code.
pub(crate) fn run(
    workspace: &Workspace,
    name: Option<&str>,
    args: &[OsString],
) -> anyhow::Result<ExitCode> {
    let Some(name) = name else {
        eprintln!("proofs, each run with `cargo xtask prove NAME`:");
        for (name, shows) in PROOFS {
            eprintln!("  {name}  {shows}");
        }
        return Ok(ExitCode::SUCCESS);
    };
    require_proof(name)?;
    naeil::build_release(workspace)?;
    process::become_command(
        process::cargo(&workspace.root)
            .args(["run", "--release", "--locked", "--package", "naeil-tests"])
            .args(["--bin", "prove", "--", name])
            .args(args)
            .env("NAEIL_BIN", workspace.naeil_binary("release")),
    )
}

fn require_proof(name: &str) -> anyhow::Result<()> {
    let names: Vec<&str> = PROOFS.iter().map(|(name, _)| *name).collect();
    if !names.contains(&name) {
        bail!(
            "there is no proof `{name}`; there are: {}",
            names.join(", ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_proof_is_refused_with_those_there_are() {
        let error = require_proof("honst").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no proof `honst`; there are: honest, deterministic, calibration, scale, import, \
             lookahead"
        );
        require_proof("honest").unwrap();
    }
}
