//! The peers that features are raced against: a Python process that computes on request.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::Context as _;
use naeil_services::Python;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/features_peers.py");
const REQUIREMENTS: &str = include_str!("../../python/features_peers.txt");

/// TA-Lib's per-ticker loop and polars, with the bars loaded.
pub(super) struct Peers {
    child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Peers {
    /// Starts the process on the columns that lie in `folder`.
    pub(super) fn start(folder: &Path, n_stocks: usize) -> anyhow::Result<Self> {
        let python = Python::with("features-peers", REQUIREMENTS)?;
        let mut child = python
            .command()
            .arg(SCRIPT)
            .arg(folder)
            .arg(n_stocks.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the peers")?;
        let requests = child.stdin.take().context("the peers take no requests")?;
        let replies = child.stdout.take().context("the peers give no replies")?;
        Ok(Self {
            child,
            requests,
            replies: BufReader::new(replies),
        })
    }

    /// Seconds that one peer takes.
    pub(super) fn seconds(&mut self, peer: &str) -> anyhow::Result<f64> {
        let milliseconds: f64 = self.ask(peer)?.trim().parse()?;
        Ok(milliseconds / 1e3)
    }

    /// Lets TA-Lib's columns be written into the folder, as `talib.f64`.
    pub(super) fn save(&mut self) -> anyhow::Result<()> {
        self.ask("save").map(|_| ())
    }

    fn ask(&mut self, request: &str) -> anyhow::Result<String> {
        writeln!(self.requests, "{request}")?;
        let mut reply = String::new();
        let n = self.replies.read_line(&mut reply)?;
        anyhow::ensure!(n > 0, "the peers ended at '{request}'");
        Ok(reply)
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        // Our own child, which has nothing to lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
