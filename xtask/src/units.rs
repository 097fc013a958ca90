//! Whether systemd accepts the units of `deploy/systemd`.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::outcome::Outcome;
use crate::process;
use crate::workspace::Workspace;

/// Where the units lie, from the root.
const FOLDER: &str = "deploy/systemd";

/// Where the units expect the binary. It need not be there to check them, so a program that
/// every Linux has stands in for it.
const INSTALLED: &str = "/usr/local/bin/naeil";
const STAND_IN: &str = "/bin/true";

/// Runs `systemd-analyze verify` over copies of the units; skipped where systemd is not installed.
///
/// # Errors
/// If a unit cannot be read or copied.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let mut probe = Command::new("systemd-analyze");
    if process::ask(probe.arg("--version")).is_err() {
        let why = "systemd-analyze is not installed (Debian package systemd)";
        return Ok(Outcome::Skipped(why.to_owned()));
    }
    verify(&workspace.root.join(FOLDER)).map(Outcome::from_findings)
}

/// What systemd says against the units of a folder, and what it cannot say.
fn verify(folder: &Path) -> anyhow::Result<Vec<String>> {
    let copies = tempfile::tempdir().context("cannot make a folder for copies of the units")?;
    let mut command = Command::new("systemd-analyze");
    command.args(["verify", "--man=no"]);
    let mut found = Vec::new();
    for unit in units(folder)? {
        let name = unit.file_name().unwrap_or_default();
        let text = std::fs::read_to_string(&unit)
            .with_context(|| format!("cannot read {}", unit.display()))?;
        // systemd runs a binary that is not there only at night, so the path is checked here.
        for line in text.lines().filter(|line| line.starts_with("ExecStart=")) {
            if !line.starts_with(&format!("ExecStart={INSTALLED} ")) {
                found.push(format!("{}: `{line}` is not {INSTALLED}", name.display()));
            }
        }
        let copy = copies.path().join(name);
        std::fs::write(&copy, text.replace(INSTALLED, STAND_IN))
            .with_context(|| format!("cannot write {}", copy.display()))?;
        command.arg(copy);
    }
    process::announce(&command);
    let output = process::ask(&mut command)?;
    // It exits with success although it has warned of an unknown setting.
    let said = String::from_utf8_lossy(&output.stderr);
    found.extend(said.lines().map(str::to_owned));
    if found.is_empty() && !output.status.success() {
        found.push(format!("systemd-analyze verify: {}", output.status));
    }
    Ok(found)
}

fn units(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let context = || format!("cannot list {}", folder.display());
    let mut units = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path
            .extension()
            .is_some_and(|kind| kind == "service" || kind == "timer")
        {
            units.push(path);
        }
    }
    units.sort();
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn this_workspace() -> Workspace {
        Workspace::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn the_units_of_this_repository_are_accepted() {
        match check(&this_workspace()).unwrap() {
            Outcome::Skipped(why) => eprintln!("skipped: {why}"),
            outcome => assert_eq!(outcome, Outcome::Passed),
        }
        assert_eq!(units(&this_workspace().root.join(FOLDER)).unwrap().len(), 3);
    }

    #[test]
    fn an_unknown_setting_and_another_binary_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let unit = "[Service]\nExecStart=/opt/naeil serve\nRestrat=on-failure\n";
        std::fs::write(folder.path().join("wrong.service"), unit).unwrap();
        if process::ask(Command::new("systemd-analyze").arg("--version")).is_err() {
            eprintln!("skipped: systemd-analyze is not installed");
            return;
        }
        let found = verify(folder.path()).unwrap();
        assert!(
            found[0].contains("`ExecStart=/opt/naeil serve` is not"),
            "{found:?}"
        );
        assert!(
            found.iter().any(|line| line.contains("Restrat")),
            "{found:?}"
        );
    }
}
