//! Python with pinned packages, in an environment of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::package::{find_or_install, locked, run};
use crate::programs::SearchPath;

/// Brings `ensurepip`, which Debian keeps apart from Python itself.
const PACKAGE: &str = "python3-venv";

/// In the environment: the requirements that are installed in it, written last. Kept as they are
/// and not as a digest, because they are short and may be read.
const INSTALLED: &str = "naeil-requirements.txt";

/// An environment with the packages of a requirements text.
#[derive(Debug, Clone)]
pub struct Python {
    program: PathBuf,
}

impl Python {
    /// The environment `target/tools/python-NAME` with these requirements (`name==version` lines),
    /// made anew unless it was made from the same ones.
    ///
    /// # Errors
    /// If Python or `venv` is not installed and cannot be, saying what to install, or a package
    /// cannot be had.
    pub fn with(name: &str, requirements: &str) -> anyhow::Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"),
            PathBuf::from,
        );
        Self::inside(&target.join("tools"), name, requirements)
    }

    /// Runs its Python: `command().arg("script.py")`.
    pub fn command(&self) -> Command {
        Command::new(&self.program)
    }

    fn inside(tools: &Path, name: &str, requirements: &str) -> anyhow::Result<Self> {
        std::fs::create_dir_all(tools)
            .with_context(|| format!("cannot make {}", tools.display()))?;
        let tools = tools
            .canonicalize()
            .with_context(|| format!("cannot find {}", tools.display()))?;
        let folder = tools.join(format!("python-{name}"));
        let python = Self {
            program: folder.join("bin/python"),
        };
        // Two programs that want the same environment do not make it twice at once.
        let _held = locked(&tools.join(format!("python-{name}.lock")))?;
        let installed = folder.join(INSTALLED);
        if std::fs::read_to_string(&installed).is_ok_and(|text| text == requirements)
            && python
                .command()
                .arg("--version")
                .output()
                .is_ok_and(|ran| ran.status.success())
        {
            return Ok(python);
        }
        let system = find_or_install(PACKAGE, || with_venv(&SearchPath::system()))?;
        run(Command::new(system)
            .args(["-m", "venv", "--clear"])
            .arg(&folder))?;
        let wanted = folder.join("wanted.txt");
        write(&wanted, requirements)?;
        run(python
            .command()
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg("--requirement")
            .arg(&wanted))?;
        write(&installed, requirements)?;
        Ok(python)
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// A Python that can make environments.
fn with_venv(search: &SearchPath) -> anyhow::Result<PathBuf> {
    let Some(program) = search.find("python3") else {
        bail!("Python is not installed: no folder of {search} holds python3");
    };
    let status = Command::new(&program)
        .args(["-c", "import venv, ensurepip"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !status.success() {
        bail!("{} lacks the modules venv and ensurepip", program.display());
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::is_root;

    #[test]
    fn a_missing_python_is_named() {
        let empty = tempfile::tempdir().unwrap();
        let search = SearchPath::new(vec![empty.path().to_owned()]);
        let error = with_venv(&search).unwrap_err().to_string();
        assert!(error.starts_with("Python is not installed"), "{error}");
    }

    #[test]
    fn an_environment_is_made_once_for_the_same_requirements() {
        if with_venv(&SearchPath::system()).is_err() && !is_root() {
            eprintln!("skipped: python3-venv is not installed, and only root may install it");
            return;
        }
        let tools = tempfile::tempdir().unwrap();
        // Without a package, so that the test needs no network.
        let python = Python::inside(tools.path(), "test", "# nothing\n").unwrap();
        let mark = tools.path().join("python-test/mark");
        let script = "import sys; open(sys.argv[1], 'w'); assert sys.prefix != sys.base_prefix";
        let status = python.command().args(["-c", script]).arg(&mark).status();
        assert!(status.unwrap().success());

        Python::inside(tools.path(), "test", "# nothing\n").unwrap();
        assert!(mark.exists(), "the same requirements make nothing anew");
        Python::inside(tools.path(), "test", "# nothing else\n").unwrap();
        assert!(!mark.exists(), "other requirements make it anew");
    }
}
