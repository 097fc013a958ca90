//! Starting other programs, each printed to stderr before it runs.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

use anyhow::{Context, bail};

/// The cargo that runs us, set to work in `dir`.
pub(crate) fn cargo(dir: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(dir);
    command
}

/// Runs a command to its end with our own stdin, stdout and stderr.
///
/// # Errors
/// If it cannot be started, or does not end with success.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    announce(command);
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", describe(command)))?;
    if !status.success() {
        bail!("`{}` failed: {status}", describe(command));
    }
    Ok(())
}

/// Runs a quick question to its end and keeps what it printed; not announced.
///
/// # Errors
/// If it cannot be started. Whether it succeeded is for the caller to judge.
pub(crate) fn ask(command: &mut Command) -> anyhow::Result<Output> {
    command
        .output()
        .with_context(|| format!("cannot start `{}`", describe(command)))
}

/// Becomes the command: signals reach it directly and its exit code is ours.
///
/// # Errors
/// If it cannot be started; on success this does not return.
pub(crate) fn become_command(command: &mut Command) -> anyhow::Result<ExitCode> {
    announce(command);
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start `{}`", describe(command)))
}

/// Prints a command line to stderr.
pub(crate) fn announce(command: &Command) {
    eprintln!("$ {}", describe(command));
}

/// The command line as one would type it; variables we set stand in front.
pub(crate) fn describe(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", lossy(name), quoted(value?))));
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_else(|| command.get_program());
    variables
        .chain(std::iter::once(lossy(program)))
        .chain(command.get_args().map(quoted))
        .collect::<Vec<_>>()
        .join(" ")
}

fn lossy(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}

fn quoted(text: &OsStr) -> String {
    let text = lossy(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_can_be_pasted_into_a_shell() {
        let mut command = Command::new("/usr/bin/cargo");
        command
            .args(["clippy", "--", "it's", ""])
            .env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            describe(&command),
            r"RUSTDOCFLAGS='-D warnings' cargo clippy -- 'it'\''s' ''"
        );
    }

    #[test]
    fn a_failing_command_is_named_with_its_status() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c 'exit 3'` failed: exit status: 3");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("/nonexistent/program")).unwrap_err();
        assert_eq!(error.to_string(), "cannot start `program`");
    }
}
