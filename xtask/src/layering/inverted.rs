//! The resolved graph, read backwards: `cargo tree --invert` says who really depends on a crate.
//!
//! It sees what manifests hide: a crate that is reached through another one, or through a feature
//! that some dependency turns on.

use std::path::Path;

use anyhow::bail;

use super::arrows::{EXEMPT, may_reach};
use super::invariants::{CONFINED, FORBIDDEN, broken_by};
use crate::process;
use crate::workspace::Workspace;

/// Direct dependents of confined crates that may not be, and crates that are reached though they
/// must not be.
///
/// # Errors
/// If cargo cannot resolve the workspace.
pub(super) fn violations(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let ours: Vec<&str> = workspace
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .filter(|name| !EXEMPT.contains(name))
        .collect();
    let mut found = Vec::new();
    for to in &ours {
        for from in dependents(&workspace.root, to, &["--workspace"])? {
            if ours.contains(&from.as_str()) && !may_reach(&from, to) {
                found.push(format!("{from} reaches {to}, which no arrow allows"));
            }
        }
    }
    for to in CONFINED.iter().flat_map(|rule| rule.family) {
        let scope = ["--workspace", "--depth", "1"];
        for from in dependents(&workspace.root, to, &scope)? {
            if ours.contains(&from.as_str()) {
                found.extend(broken_by(&from, to));
            }
        }
    }
    for (from, forbidden) in FORBIDDEN.iter().filter(|(from, _)| ours.contains(from)) {
        for to in *forbidden {
            // Alone, because another crate may turn on what this one leaves off.
            let path = dependents(&workspace.root, to, &["--package", from])?;
            if !path.is_empty() {
                found.push(format!(
                    "{from} reaches {to}, which it must not know, by way of {}",
                    path.join(", ")
                ));
            }
        }
    }
    Ok(found)
}

/// The names that an inverted tree of `name` lists below it, without repetition; empty if nothing
/// in scope needs it.
fn dependents(root: &Path, name: &str, scope: &[&str]) -> anyhow::Result<Vec<String>> {
    let mut command = process::cargo(root);
    command
        .args(["tree", "--locked", "--quiet", "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(scope)
        .args(["--invert", name]);
    let output = process::ask(&mut command)?;
    let message = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Ok(names_below_root(&String::from_utf8_lossy(&output.stdout)));
    }
    if message.contains(&format!("`{name}` did not match any packages")) {
        return Ok(Vec::new());
    }
    // Several versions at once: cargo lists them as `name@version` and wants one of them.
    let versions: Vec<&str> = message
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with(name) && line[name.len()..].starts_with('@'))
        .collect();
    if versions.is_empty() || name.contains('@') {
        bail!(
            "`{}` failed: {}",
            process::describe(&command),
            message.trim()
        );
    }
    let mut all = Vec::new();
    for version in versions {
        all.extend(dependents(root, version, scope)?);
    }
    Ok(all)
}

/// Lines look like `name v1.2.3 (/path) (*)`; the first one is the crate that was asked for.
fn names_below_root(tree: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in tree.lines().skip(1) {
        if let Some(name) = line.split_whitespace().next()
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn names_are_read_from_a_tree() {
        let tree = "burn v0.22.1\nnaeil-model v0.1.0 (/x/crates/naeil-model)\n\
                    naeil-server v0.1.0 (/x)\nnaeil-model v0.1.0 (/x/crates/naeil-model) (*)\n";
        assert_eq!(names_below_root(tree), ["naeil-model", "naeil-server"]);
        assert!(names_below_root("").is_empty());
    }

    /// Writes a workspace whose crates need each other by path, so that no registry is asked; a
    /// crate that is not `naeil-*` plays a third-party one.
    fn workspace_of(crates: &[(&str, &[&str])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let names = crates.iter().map(|(name, _)| *name);
        let others: Vec<&str> = names.filter(|name| !name.starts_with("naeil-")).collect();
        let root = format!("[workspace]\nmembers = [\"naeil-*\"]\nexclude = {others:?}\n");
        fs::write(folder.path().join("Cargo.toml"), root).unwrap();
        for (name, needs) in crates {
            let mut manifest =
                format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\n");
            for needed in *needs {
                manifest += &format!("{needed} = {{ path = \"../{needed}\" }}\n");
            }
            fs::create_dir_all(folder.path().join(name).join("src")).unwrap();
            fs::write(folder.path().join(name).join("Cargo.toml"), manifest).unwrap();
            fs::write(folder.path().join(name).join("src/lib.rs"), "").unwrap();
        }
        let mut lock = process::cargo(folder.path());
        lock.args(["generate-lockfile", "--offline"]);
        assert!(process::ask(&mut lock).unwrap().status.success());
        folder
    }

    #[test]
    fn what_is_reached_through_another_crate_is_found() {
        let folder = workspace_of(&[
            ("naeil-domain", &["detour"]),
            ("naeil-serving", &["detour", "naeil-domain"]),
            ("detour", &["burn", "tokio"]),
            ("naeil-store", &["burn"]),
            ("burn", &[]),
            ("tokio", &[]),
        ]);
        let workspace = Workspace::read(folder.path()).unwrap();
        assert_eq!(
            violations(&workspace).unwrap(),
            [
                "naeil-store -> burn breaks an invariant: burn is named only in naeil-model",
                "naeil-domain reaches tokio, which it must not know, by way of detour, naeil-domain",
            ]
        );
    }

    #[test]
    fn a_way_between_our_crates_that_no_arrow_allows_is_found() {
        let folder = workspace_of(&[
            ("naeil-evaluation", &["detour"]),
            ("detour", &["naeil-store"]),
            ("naeil-store", &[]),
        ]);
        let workspace = Workspace::read(folder.path()).unwrap();
        assert_eq!(
            violations(&workspace).unwrap(),
            ["naeil-evaluation reaches naeil-store, which no arrow allows"]
        );
    }
}
