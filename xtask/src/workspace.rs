//! What cargo says of this workspace: its folders, its crates, and what each declares to need.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::process;

/// The workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Where the root `Cargo.toml` lies.
    pub(crate) root: PathBuf,
    /// Where cargo builds; `CARGO_TARGET_DIR` and cargo's configuration are honoured.
    pub(crate) target: PathBuf,
    /// Its crates, in cargo's order.
    pub(crate) packages: Vec<Package>,
}

/// One crate of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    /// The name.
    pub(crate) name: String,
    /// Its `Cargo.toml`.
    pub(crate) manifest: PathBuf,
    /// What it declares to need.
    pub(crate) dependencies: Vec<Dependency>,
    /// Its benchmark targets.
    pub(crate) benches: Vec<String>,
}

/// One declared dependency.
#[derive(Debug)]
pub(crate) struct Dependency {
    /// The crate's own name, whatever it was renamed to.
    pub(crate) name: String,
    /// Only for tests, examples and benchmarks.
    pub(crate) dev: bool,
    /// Not a crate of this workspace.
    pub(crate) third_party: bool,
}

impl Workspace {
    /// Asks cargo about the workspace that `dir` lies in. Needs no network and no lock file.
    ///
    /// # Errors
    /// If `dir` is in no workspace, or a manifest is broken.
    pub(crate) fn read(dir: &Path) -> anyhow::Result<Self> {
        let mut command = process::cargo(dir);
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let output = process::ask(&mut command)?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            bail!("`cargo metadata` failed: {}", message.trim());
        }
        let metadata =
            serde_json::from_slice(&output.stdout).context("`cargo metadata` printed no JSON")?;
        Self::from_metadata(&metadata)
    }

    /// Takes what matters from cargo's metadata.
    ///
    /// # Errors
    /// If a field that cargo documents is not there.
    pub(crate) fn from_metadata(metadata: &Value) -> anyhow::Result<Self> {
        Ok(Self {
            root: text(metadata, "workspace_root")?.into(),
            target: text(metadata, "target_directory")?.into(),
            packages: list(metadata, "packages")?
                .iter()
                .map(Package::from_metadata)
                .collect::<anyhow::Result<_>>()?,
        })
    }

    /// The binary `naeil` of a profile's folder (`debug` or `release`).
    pub(crate) fn naeil_binary(&self, profile_folder: &str) -> PathBuf {
        self.target.join(profile_folder).join("naeil")
    }
}

impl Package {
    fn from_metadata(package: &Value) -> anyhow::Result<Self> {
        let mut benches = Vec::new();
        for target in list(package, "targets")? {
            if list(target, "kind")?.iter().any(|kind| kind == "bench") {
                benches.push(text(target, "name")?);
            }
        }
        Ok(Self {
            name: text(package, "name")?,
            manifest: text(package, "manifest_path")?.into(),
            dependencies: list(package, "dependencies")?
                .iter()
                .map(Dependency::from_metadata)
                .collect::<anyhow::Result<_>>()?,
            benches,
        })
    }

    /// What it needs when it is built for use, not for tests.
    pub(crate) fn product_dependencies(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|needed| !needed.dev)
    }

    /// The folder of its `Cargo.toml`.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(Path::new("."))
    }
}

impl Dependency {
    fn from_metadata(dependency: &Value) -> anyhow::Result<Self> {
        Ok(Self {
            name: text(dependency, "name")?,
            dev: dependency["kind"] == "dev",
            third_party: dependency["path"].is_null(),
        })
    }
}

fn text(value: &Value, field: &str) -> anyhow::Result<String> {
    let text = value[field].as_str();
    Ok(text
        .with_context(|| format!("cargo's metadata has no text `{field}`"))?
        .to_owned())
}

fn list<'a>(value: &'a Value, field: &str) -> anyhow::Result<&'a [Value]> {
    let list = value[field].as_array();
    Ok(list.with_context(|| format!("cargo's metadata has no list `{field}`"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_read() {
        let workspace = Workspace::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let xtask = workspace
            .packages
            .iter()
            .find(|package| package.name == "xtask")
            .unwrap();
        assert_eq!(xtask.folder(), workspace.root.join("xtask"));
        assert!(
            xtask
                .dependencies
                .iter()
                .any(|needed| needed.name == "clap" && needed.third_party)
        );
    }

    #[test]
    fn a_folder_outside_any_workspace_is_an_error_that_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let error = Workspace::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("could not find `Cargo.toml`"), "{error}");
    }

    #[test]
    fn metadata_without_a_field_names_the_field() {
        let error = Workspace::from_metadata(&serde_json::json!({})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cargo's metadata has no text `workspace_root`"
        );
    }
}
