//! Installing Debian packages.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::account::is_root;
use crate::programs::SearchPath;

/// One process installs at a time; the others wait and then find what they need.
const LOCK: &str = "naeil-services-apt.lock";

/// Gives what `find` finds; where it finds nothing, installs the Debian package if we may and
/// looks again.
///
/// # Errors
/// The error of `find`, with what to install, if we are not root or there is no `apt-get`; that of
/// the installation if it fails.
pub(crate) fn find_or_install<T>(
    package: &str,
    find: impl Fn() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let missing = match find() {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    if !is_root() || SearchPath::system().find("apt-get").is_none() {
        return Err(missing.context(format!(
            "install the Debian package {package} (as root: apt-get install {package})"
        )));
    }
    let lock = std::env::temp_dir().join(LOCK);
    let _held = locked(&lock)?;
    if let Ok(found) = find() {
        return Ok(found);
    }
    apt_get(&["update", "--quiet", "--quiet"])?;
    let options = "--quiet --quiet --yes --no-install-recommends";
    let mut words = vec!["install"];
    words.extend(options.split(' '));
    words.push(package);
    apt_get(&words)?;
    find().with_context(|| format!("the Debian package {package} is installed, and yet"))
}

/// Holds a file's lock until it is dropped; waits while another process holds it.
pub(crate) fn locked(path: &Path) -> anyhow::Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot open the lock {}", path.display()))?;
    file.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

fn apt_get(words: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("apt-get");
    command
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // Debian starts what it installs; in runlevel 1 it does not.
        .env("RUNLEVEL", "1")
        .stdin(Stdio::null());
    run(&mut command)
}

/// Prints a command and runs it to its end. Its standard output goes to our standard error, because
/// ours may be read by a program.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let line = words.join(" ");
    eprintln!("$ {line}");
    let status = command
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_installed() {
        assert_eq!(find_or_install("no-such-package", || Ok(7)).unwrap(), 7);
    }

    #[test]
    fn a_failing_command_is_named_with_its_status() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` failed: exit status: 3");
    }
}
