//! A server that ends with the process that started it, however that dies.
//!
//! Between us and the server stands a shell whose standard input is a pipe that only we hold. When
//! the pipe closes, because it was dropped or because we were killed, the shell stops the server
//! and removes its folder. The shell is in a process group of its own, so that Ctrl-C reaches us
//! and not it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

/// How long a server may take to accept its first client.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// How long the shell may take to end the server and to remove the folder: a little more than the
/// time after which it kills the server.
const ENDED_WITHIN: Duration = Duration::from_secs(20);

const POLL: Duration = Duration::from_millis(30);

/// Lines of a server's log that an error quotes.
const LOG_LINES: usize = 30;

/// `$1`: the folder; `$2`: the signal that stops the server; `$3`: a shell command that has to
/// succeed first, or nothing; the rest is the server's command line.
const SHELL: &str = r#"
folder=$1 signal=$2 prepare=$3
shift 3
exec 3<&0 < /dev/null >> "$folder/log" 2>&1
(
    if eval "$prepare"; then
        "$@" &
        echo $! > "$folder/pid.new" && mv "$folder/pid.new" "$folder/pid"
        wait $!
    fi
    echo > "$folder/ended"
) 3<&- &
cat <&3 > /dev/null
tries=0
while [ ! -e "$folder/ended" ] && [ "$tries" -lt 100 ]; do
    [ -e "$folder/pid" ] && kill "-$signal" "$(cat "$folder/pid")"
    sleep 0.1
    tries=$((tries + 1))
done
[ -e "$folder/ended" ] || kill -KILL "$(cat "$folder/pid")"
rm -rf "$folder"
"#;

/// What to run.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The name in messages.
    pub(crate) name: &'static str,
    /// The command that has to succeed before the server starts; may be empty.
    pub(crate) prepare: Vec<OsString>,
    /// The server, in the foreground.
    pub(crate) server: Vec<OsString>,
    /// The signal that stops it; its data is thrown away.
    pub(crate) stop_signal: &'static str,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Supervised {
    name: &'static str,
    shell: Child,
    folder: PathBuf,
}

impl Supervised {
    /// Starts a server whose files lie in `folder`, and waits until `ready` says that it accepts
    /// clients.
    ///
    /// # Errors
    /// If it cannot be started, ends, or is not ready in time, with the end of its log.
    pub(crate) fn start(
        folder: TempDir,
        plan: &Plan,
        mut ready: impl FnMut() -> bool,
    ) -> anyhow::Result<Self> {
        let log = folder.path().join("log");
        std::fs::write(&log, "").with_context(|| format!("cannot write {}", log.display()))?;
        let shell = Command::new("sh")
            .args(["-c", SHELL, "sh"])
            .arg(folder.path())
            .arg(plan.stop_signal)
            .arg(quoted(&plan.prepare))
            .args(&plan.server)
            // Where the server may go too, whoever we are and wherever we stand.
            .current_dir("/")
            .stdin(Stdio::piped())
            // Nothing of ours is held open, for whoever reads our output until its end.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start a shell for {}", plan.name))?;
        let server = Self {
            name: plan.name,
            shell,
            // From here on the shell removes it.
            folder: folder.keep(),
        };
        let deadline = Instant::now() + READY_WITHIN;
        while !ready() {
            if server.has_ended() {
                bail!("{} did not start: {}", plan.name, server.log());
            }
            if Instant::now() > deadline {
                bail!(
                    "{} was not ready within {} s: {}",
                    plan.name,
                    READY_WITHIN.as_secs(),
                    server.log()
                );
            }
            std::thread::sleep(POLL);
        }
        // Whoever answered may have been another server on the same port.
        if server.has_ended() {
            bail!("{} did not start: {}", plan.name, server.log());
        }
        Ok(server)
    }

    /// Waits until the server ends of itself, which is an error.
    pub(crate) fn wait(&mut self) -> anyhow::Result<()> {
        // The shell itself ends only if somebody kills it.
        while !self.has_ended() && self.shell.try_wait()?.is_none() {
            std::thread::sleep(POLL * 10);
        }
        bail!("{} has ended: {}", self.name, self.log())
    }

    /// Where its files lie.
    #[cfg(test)]
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn has_ended(&self) -> bool {
        self.folder.join("ended").exists()
    }

    fn log(&self) -> String {
        let path = self.folder.join("log");
        let text = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => return format!("its log cannot be read: {error}"),
        };
        let lines: Vec<&str> = text.lines().collect();
        let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
        format!("its log ends with\n{}", last.join("\n"))
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let deadline = Instant::now() + ENDED_WITHIN;
        while matches!(self.shell.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                eprintln!(
                    "{} does not end; its files are {}",
                    self.name,
                    self.folder.display()
                );
                return;
            }
            std::thread::sleep(POLL);
        }
    }
}

/// A temporary folder for a server.
///
/// # Errors
/// If it cannot be made.
pub(crate) fn folder(name: &str, inside: &Path) -> anyhow::Result<TempDir> {
    tempfile::Builder::new()
        .prefix(&format!("naeil-{name}-"))
        .tempdir_in(inside)
        .with_context(|| format!("cannot make a folder in {}", inside.display()))
}

/// A port of the loopback interface that nobody listens on now.
///
/// # Errors
/// If the system has none.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Starts with a free port, and again with another if somebody took it meanwhile.
///
/// # Errors
/// That of the last attempt.
pub(crate) fn on_free_port<T>(
    mut start: impl FnMut(u16) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    for _ in 0..2 {
        match start(free_port()?) {
            Err(error) if error.to_string().contains("Address already in use") => {}
            other => return other,
        }
    }
    start(free_port()?)
}

/// Words of a command line.
pub(crate) fn words(words: &[&dyn AsRef<OsStr>]) -> Vec<OsString> {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}

/// A command line as a shell reads it.
fn quoted(words: &[OsString]) -> OsString {
    let mut line = Vec::new();
    for word in words {
        line.push(b'\'');
        for &byte in word.as_bytes() {
            match byte {
                b'\'' => line.extend(br"'\''"),
                byte => line.push(byte),
            }
        }
        line.extend(b"' ");
    }
    OsString::from_vec(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(prepare: &[&str], server: &[&str]) -> anyhow::Result<Supervised> {
        let folder = folder("test", &std::env::temp_dir())?;
        let ready = folder.path().join("ready");
        let plan = Plan {
            name: "a server",
            prepare: prepare.iter().map(OsString::from).collect(),
            server: server
                .iter()
                .map(|word| {
                    word.replace("FOLDER", &folder.path().to_string_lossy())
                        .into()
                })
                .collect(),
            stop_signal: "TERM",
        };
        Supervised::start(folder, &plan, || ready.exists())
    }

    #[test]
    fn a_server_ends_and_leaves_nothing_when_it_is_dropped() {
        let server = start(&[], &["sh", "-c", "touch FOLDER/ready; exec sleep 600"]).unwrap();
        let folder = server.folder().to_owned();
        let pid = std::fs::read_to_string(folder.join("pid")).unwrap();
        let process = PathBuf::from(format!("/proc/{}", pid.trim()));
        assert!(process.exists());
        drop(server);
        assert!(!process.exists());
        assert!(!folder.exists());
    }

    #[test]
    fn a_server_that_ends_is_an_error_that_quotes_its_log() {
        let error = start(&[], &["sh", "-c", "echo no 'such  option' >&2; exit 1"]).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with("a server did not start"), "{said}");
        assert!(said.ends_with("no such  option"), "{said}");
    }

    #[test]
    fn what_fails_to_prepare_keeps_the_server_from_starting() {
        let touch = ["sh", "-c", "touch FOLDER/ready; exec sleep 600"];
        let error = start(
            &["sh", "-c", "echo \"no $0\"; exit 1", "room's left"],
            &touch,
        );
        let said = error.unwrap_err().to_string();
        assert!(said.ends_with("no room's left"), "{said}");
    }

    #[test]
    fn another_port_is_tried_when_one_is_taken() {
        let mut tries = 0;
        let port = on_free_port(|port| {
            tries += 1;
            if tries < 3 {
                bail!("bind: Address already in use");
            }
            Ok(port)
        });
        assert!(port.unwrap() > 0);
        assert_eq!(tries, 3);
        on_free_port(|_| -> anyhow::Result<()> { bail!("something else") }).unwrap_err();
    }
}
