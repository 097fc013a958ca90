//! The real `naeil` binary, run in a data directory of its own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The binary under test: `NAEIL_BIN`, or the one built beside this program.
///
/// # Panics
/// If it has not been built.
pub fn naeil_bin() -> PathBuf {
    let path = std::env::var_os("NAEIL_BIN").map_or_else(beside_this_program, PathBuf::from);
    assert!(
        path.is_file(),
        "{} is missing: build it with 'cargo build -p naeil-server' in the same profile, or run \
         'cargo xtask test'",
        path.display()
    );
    path
}

/// `target/PROFILE/deps/e2e-HASH` and `target/PROFILE/prove` both lie at or under the folder of
/// the binary.
fn beside_this_program() -> PathBuf {
    let this = std::env::current_exe().expect("a running program has a path");
    this.ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("naeil"))
        .find(|path| path.is_file())
        .unwrap_or_else(|| this.with_file_name("naeil"))
}

/// A data directory and the settings of every command run in it.
#[derive(Debug)]
pub struct Workdir {
    dir: tempfile::TempDir,
    settings: Vec<(String, String)>,
}

/// A secret that signs the tests' tokens.
pub const SECRET: &str = "tests-0123456789-abcdefghijklmnopqrstuvwxyz";

impl Workdir {
    /// An empty one, with settings that keep a training down to seconds.
    ///
    /// # Panics
    /// If no temporary folder can be made.
    pub fn new() -> Self {
        let mut workdir = Self::without_settings();
        for (name, value) in [
            ("NAEIL_AUTH__JWT_SECRET", SECRET),
            ("NAEIL_RETRAIN__HIDDEN_SIZE", "8"),
            ("NAEIL_RETRAIN__EPOCHS", "1"),
            ("NAEIL_RETRAIN__SEEDS", "1"),
            ("NAEIL_RETRAIN__WINDOWS_PER_EPOCH", "1024"),
            ("NAEIL_RETRAIN__VALIDATION_WINDOWS", "512"),
            ("NAEIL_RETRAIN__VALIDATION_SESSIONS", "40"),
            ("NAEIL_RETRAIN__TEST_SESSIONS", "40"),
        ] {
            workdir.set(name, value);
        }
        workdir
    }

    /// An empty one with the settings a newcomer has: none.
    ///
    /// # Panics
    /// If no temporary folder can be made.
    pub fn without_settings() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a temporary folder"),
            settings: Vec::new(),
        }
    }

    /// Changes or adds a setting.
    pub fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Takes a setting away.
    pub fn unset(&mut self, name: &str) {
        self.settings.retain(|(key, _)| key != name);
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A command of the binary with this folder as data directory and no setting of the machine's.
    pub fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(naeil_bin());
        for (key, _) in std::env::vars_os() {
            if key.to_string_lossy().starts_with("NAEIL_") {
                command.env_remove(key);
            }
        }
        command
            .args(args)
            .envs(self.settings.iter().cloned())
            .env("NAEIL_DATA_DIR", self.path())
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn run(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
        let output = self.command(args).output().expect("the binary starts");
        Ran::from(output)
    }

    /// Runs a command that has to succeed, and gives its standard output.
    ///
    /// # Panics
    /// If it fails, with what it said.
    pub fn ok(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
        let ran = self.run(args);
        assert_eq!(
            ran.code,
            Some(0),
            "stdout: {}\nstderr: {}",
            ran.stdout,
            ran.stderr
        );
        ran.stdout
    }

    /// Runs a command that has to succeed with `--output json`, and gives the document.
    ///
    /// # Panics
    /// If it fails or does not print JSON.
    pub fn json(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> serde_json::Value {
        let mut command = self.command(args);
        command.args(["--output", "json"]);
        let ran = Ran::from(command.output().expect("the binary starts"));
        assert_eq!(
            ran.code,
            Some(0),
            "stdout: {}\nstderr: {}",
            ran.stdout,
            ran.stderr
        );
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stdout))
    }
}

impl Default for Workdir {
    fn default() -> Self {
        Self::new()
    }
}

/// What a finished command left.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
