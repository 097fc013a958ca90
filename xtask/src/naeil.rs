//! Commands that the product answers itself: builds `naeil` in release and becomes it.

use std::ffi::{OsStr, OsString};
use std::process::{Command, ExitCode};

use anyhow::bail;

use crate::process;
use crate::workspace::Workspace;

/// The first words that are handed to the product. A word that is not here is a typing error, and
/// no reason to build for minutes.
const ROLES: &[&str] = &[
    "calibrate",
    "completions",
    "config",
    "demo",
    "doctor",
    "evaluate",
    "import",
    "ledger",
    "man",
    "predict",
    "retrain",
    "serve",
    "simulate",
    "token",
];

/// Said below the help text.
pub(crate) const ROLES_HELP: &str = "\
Handed to the product, which is built in release first:
  demo         Does the whole job on a simulated market, or on recorded bars, and serves it
  import       Stores bars from files
  simulate     Stores the bars of a simulated market
  retrain      Trains a model, judges it, and promotes it if it has earned it
  calibrate    Fits the champion's probabilities to the outcomes known by now
  evaluate     Judges the model on the past, beside simpler forecasters, and looks for leaks
  predict      Predicts from the command line
  serve        Serves the HTTP API
  token        Makes a token for the API
  doctor       Looks for what is wrong with an installation
  config       Shows the settings and where each comes from
  ledger       Lists every promotion decision
  completions  Prints shell completions
  man          Writes the manual pages

`cargo xtask <role> --help` shows what each takes.";

/// Builds the product and becomes it, with `args` as its own.
///
/// # Errors
/// If the first word is no role, or the build fails. What the product itself answers is its exit
/// code.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> anyhow::Result<ExitCode> {
    require_role(args.first().map(OsString::as_os_str))?;
    build_release(workspace)?;
    // The user's folder stays the current one: relative paths and the data directory are theirs.
    process::become_command(Command::new(workspace.naeil_binary("release")).args(args))
}

/// Builds `naeil` in release.
///
/// # Errors
/// If the build fails.
pub(crate) fn build_release(workspace: &Workspace) -> anyhow::Result<()> {
    process::run(process::cargo(&workspace.root).args([
        "build",
        "--release",
        "--locked",
        "--package",
        "naeil-server",
        "--bin",
        "naeil",
    ]))
}

fn require_role(word: Option<&OsStr>) -> anyhow::Result<()> {
    let word = word.unwrap_or_default().to_string_lossy();
    if !ROLES.contains(&word.as_ref()) {
        bail!(
            "`{word}` is no command; there are check, test, prove, bench, and of the product {}",
            ROLES.join(", ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_told_without_a_build() {
        let error = require_role(Some("tset".as_ref())).unwrap_err().to_string();
        assert!(
            error.starts_with("`tset` is no command; there are check, test"),
            "{error}"
        );
    }

    #[test]
    fn every_role_is_accepted_and_explained() {
        for role in ROLES {
            require_role(Some(role.as_ref())).unwrap();
            assert!(ROLES_HELP.contains(&format!("\n  {role} ")), "{role}");
        }
    }
}
