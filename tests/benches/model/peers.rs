//! The peers: a Python process that computes on request.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::Context as _;
use naeil_services::Python;
use naeil_tests::dev_data::dev_data;

use crate::training::networks_json;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/model_peers.py");
const REQUIREMENTS: &str = include_str!("../../python/model_peers.txt");

/// ONNX Runtime and PyTorch with the reference weights loaded.
pub(crate) struct Peers {
    child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Peers {
    /// Starts the process; `None`, with the reason printed, without the reference weights.
    pub(crate) fn start() -> anyhow::Result<Option<Self>> {
        let Some(weights) = dev_data("peer-lstm/lstm_f24.safetensors") else {
            return Ok(None);
        };
        let folder = weights.parent().context("a file has a folder")?;
        let python = Python::with("model-peers", REQUIREMENTS)?;
        let mut child = python
            .command()
            .arg(SCRIPT)
            .arg(folder)
            .arg(networks_json())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the peers")?;
        let requests = child.stdin.take().context("the peers take no requests")?;
        let replies = child.stdout.take().context("the peers give no replies")?;
        Ok(Some(Self {
            child,
            requests,
            replies: BufReader::new(replies),
        }))
    }

    /// A figure that a peer gives.
    pub(crate) fn figure(&mut self, request: &str) -> anyhow::Result<f64> {
        let reply = self.ask(request)?;
        reply
            .trim()
            .parse()
            .with_context(|| format!("the peers answer '{request}' with '{reply}'"))
    }

    /// The numbers that a peer gives.
    pub(crate) fn numbers(&mut self, request: &str) -> anyhow::Result<Vec<f64>> {
        Ok(serde_json::from_str(&self.ask(request)?)?)
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
