//! `cargo xtask test`: every test of the workspace.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{ExitCode, Stdio};
use std::time::Instant;

use anyhow::Context;
use naeil_services::Postgres;
use naeil_services::test_database::{REQUIRED_VARIABLE, SERVER_VARIABLE};

use crate::process;
use crate::workspace::Workspace;

/// Builds everything, then runs unit, end-to-end and documentation tests and ends with a line of
/// what passed. End-to-end tests find the binary under test in `NAEIL_BIN`, and all tests share the
/// PostgreSQL server in `NAEIL_TEST_POSTGRES`.
///
/// # Errors
/// If the build fails, cargo cannot be started, or a service is required and cannot be had. A
/// failed test is exit code 1.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    // With the tests, so that features are unified as `cargo test` unifies them and nothing is
    // built twice.
    process::run(process::cargo(&workspace.root).args([
        "build",
        "--workspace",
        "--bins",
        "--tests",
        "--locked",
    ]))?;

    let database = database()?;
    let mut command = process::cargo(&workspace.root);
    if let Some(server) = &database {
        command.env(SERVER_VARIABLE, server.url());
    }
    command
        .args(["test", "--workspace", "--locked", "--no-fail-fast"])
        .args(args)
        .env("NAEIL_BIN", workspace.naeil_binary("debug"))
        .stdout(Stdio::piped());
    process::announce(&command);
    let mut child = command.spawn().context("cannot start `cargo test`")?;
    let printed = child
        .stdout
        .take()
        .context("the output of `cargo test` is not there to read")?;
    let tally = relay(BufReader::new(printed), std::io::stdout().lock())?;
    let status = child.wait().context("cannot wait for `cargo test`")?;

    let word = if status.success() { "ok" } else { "FAILED" };
    eprintln!(
        "\ntest: {word}. {tally}, in {:.0} s with the build",
        started.elapsed().as_secs_f64()
    );
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One PostgreSQL server for all test programs. `None` if somebody has given one already, or if
/// there can be none here: then the tests that need it say why they are skipped.
fn database() -> anyhow::Result<Option<Postgres>> {
    if std::env::var_os(SERVER_VARIABLE).is_some() {
        return Ok(None);
    }
    match Postgres::start() {
        Ok(server) => Ok(Some(server)),
        Err(problem) if std::env::var_os(REQUIRED_VARIABLE).is_some() => Err(problem),
        Err(problem) => {
            eprintln!("tests against PostgreSQL will be skipped: {problem:#}");
            Ok(None)
        }
    }
}

/// What the test programs reported, summed up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    programs: u64,
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Counts a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; ...`; any other line
    /// counts nothing.
    fn add_line(&mut self, line: &str) {
        let Some(result) = line.trim().strip_prefix("test result: ") else {
            return;
        };
        self.programs += 1;
        let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
        for part in counts.split("; ") {
            let mut words = part.split(' ');
            let count = words.next().and_then(|word| word.parse::<u64>().ok());
            match (count, words.next()) {
                (Some(count), Some("passed")) => self.passed += count,
                (Some(count), Some("failed")) => self.failed += count,
                (Some(count), Some("ignored")) => self.ignored += count,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} tests passed, {} failed, {} ignored, in {} test programs",
            self.passed, self.failed, self.ignored, self.programs
        )
    }
}

/// Passes lines on as they come and counts results on the way.
fn relay(mut from: impl BufRead, mut to: impl Write) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        tally.add_line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_summed_and_every_line_is_passed_on() {
        let printed = "\
running 2 tests
test a ... ok
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

test result: FAILED. 1 passed; 3 failed; 4 ignored; 0 measured; 0 filtered out; finished in 1.2s
not valid UTF-8: ";
        let printed = [printed.as_bytes(), b"\xff\n"].concat();
        let mut passed_on = Vec::new();
        let tally = relay(printed.as_slice(), &mut passed_on).unwrap();
        assert_eq!(passed_on, printed);
        assert_eq!(
            tally,
            Tally {
                programs: 2,
                passed: 3,
                failed: 3,
                ignored: 4
            }
        );
    }
}
