//! `cargo xtask bench [NAME]`: the benchmarks of the end-to-end package.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::workspace::{Package, Workspace};
use crate::{naeil, process};

/// The package that holds the benchmarks.
const PACKAGE: &str = "naeil-tests";

/// Builds the product in release, for benchmarks that start it, and runs one benchmark or all.
///
/// # Errors
/// If there is no such benchmark, or a build fails.
pub(crate) fn run(
    workspace: &Workspace,
    name: Option<&str>,
    args: &[OsString],
) -> anyhow::Result<ExitCode> {
    let package = workspace
        .packages
        .iter()
        .find(|package| package.name == PACKAGE)
        .with_context(|| format!("the workspace has no package `{PACKAGE}`"))?;
    let targets = select(package, name)?;
    naeil::build_release(workspace)?;
    process::become_command(
        process::cargo(&workspace.root)
            .args(["bench", "--locked", "--package", PACKAGE])
            .args(targets.iter().flat_map(|target| ["--bench", target]))
            .arg("--")
            .args(args)
            .env("NAEIL_BIN", workspace.naeil_binary("release")),
    )
}

fn select<'a>(package: &'a Package, name: Option<&'a str>) -> anyhow::Result<Vec<&'a str>> {
    let all: Vec<&str> = package.benches.iter().map(String::as_str).collect();
    match name {
        _ if all.is_empty() => bail!("`{PACKAGE}` has no benchmarks"),
        None => Ok(all),
        Some(name) if all.contains(&name) => Ok(vec![name]),
        Some(name) => bail!(
            "there is no benchmark `{name}`; there are: {}",
            all.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(benches: &[&str]) -> Package {
        Package {
            name: PACKAGE.into(),
            manifest: "tests/Cargo.toml".into(),
            dependencies: Vec::new(),
            benches: benches.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn one_or_all_benchmarks_are_chosen() {
        let package = package(&["http", "inference"]);
        assert_eq!(select(&package, None).unwrap(), ["http", "inference"]);
        assert_eq!(select(&package, Some("http")).unwrap(), ["http"]);
    }

    #[test]
    fn an_unknown_benchmark_is_refused_with_those_there_are() {
        let package = package(&["http", "inference"]);
        let error = select(&package, Some("htp")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no benchmark `htp`; there are: http, inference"
        );
    }
}
