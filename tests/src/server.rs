//! A running `naeil serve`, ended with its owner.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::binary::Workdir;
use crate::http::Client;

/// A server on a free port of the loopback interface.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
    log: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts `naeil serve` on a free port and waits until it says where it listens.
    ///
    /// # Panics
    /// If it ends instead.
    pub fn start(workdir: &Workdir) -> Self {
        let mut child = workdir
            .command(["serve", "--bind", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stderr = child.stderr.take().expect("standard error is piped");
        // Read all along, so that a full pipe never stops the server.
        let log = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // A server that is killed cuts the stream; what came before is the log.
            let _ = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let mut line = String::new();
        let stdout = child.stdout.take().expect("standard output is piped");
        let read = BufReader::new(stdout).read_line(&mut line);
        if !matches!(read, Ok(n) if n > 0) {
            let status = child.wait();
            panic!(
                "the server ended with {status:?}: {}",
                log.join().unwrap_or_default()
            );
        }
        Self {
            child,
            url: line.trim().to_owned(),
            log: Some(log),
        }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client without a token.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Polls `condition` until it holds.
    ///
    /// # Panics
    /// If it does not within `limit`.
    pub fn wait_until(&self, what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
        let deadline = Instant::now() + limit;
        while !condition() {
            assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// Sends SIGTERM, waits, and gives the exit status and the log.
    ///
    /// # Panics
    /// If the process cannot be signalled or waited for.
    pub fn stop(mut self) -> (ExitStatus, String) {
        signal("TERM", self.pid());
        let status = self.child.wait().expect("the server can be waited for");
        let log = self
            .log
            .take()
            .map(|log| log.join().unwrap_or_default())
            .unwrap_or_default();
        (status, log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already stopped servers answer with an error that says so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to one process, by its id.
///
/// # Panics
/// If `kill` cannot be run.
pub fn signal(name: &str, pid: u32) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status()
        .expect("kill");
    assert!(status.success(), "kill -{name} {pid}: {status}");
}
