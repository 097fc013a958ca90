//! Redis.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::bail;

use crate::package::find_or_install;
use crate::programs::SearchPath;
use crate::supervised::{Plan, Supervised, folder, on_free_port, words};

const PACKAGE: &str = "redis-server";

/// How long one question to a server that starts may take.
const ASK_WITHIN: Duration = Duration::from_secs(1);

/// A Redis server, empty and the caller's own; it ends with this value or with the process.
#[derive(Debug)]
pub struct Redis {
    server: Supervised,
    url: String,
}

impl Redis {
    /// Starts a server that keeps nothing on disk.
    ///
    /// # Errors
    /// If Redis is not installed and cannot be, saying what to install, or does not start, with its
    /// log.
    pub fn start() -> anyhow::Result<Self> {
        let program = find_or_install(PACKAGE, || program(&SearchPath::system()))?;
        on_free_port(|port| Self::on_port(&program, port))
    }

    fn on_port(program: &Path, port: u16) -> anyhow::Result<Self> {
        let folder = folder("redis", &std::env::temp_dir())?;
        let server = words(&[
            &program,
            &"--bind",
            &"127.0.0.1",
            &"--port",
            &port.to_string(),
            &"--save",
            &"",
            &"--appendonly",
            &"no",
            &"--dir",
            &folder.path(),
        ]);
        let plan = Plan {
            name: "Redis",
            prepare: Vec::new(),
            server,
            stop_signal: "TERM",
        };
        let server = Supervised::start(folder, &plan, || answers(port).unwrap_or(false))?;
        let url = format!("redis://127.0.0.1:{port}");
        Ok(Self { server, url })
    }

    /// Its address: `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the server ends of itself.
    ///
    /// # Errors
    /// Always, when it has, with its log.
    pub fn wait(&mut self) -> anyhow::Result<()> {
        self.server.wait()
    }
}

fn program(search: &SearchPath) -> anyhow::Result<PathBuf> {
    match search.find("redis-server") {
        Some(program) => Ok(program),
        None => bail!("Redis is not installed: no folder of {search} holds redis-server"),
    }
}

fn answers(port: u16) -> std::io::Result<bool> {
    let mut stream =
        TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), ASK_WITHIN)?;
    stream.set_read_timeout(Some(ASK_WITHIN))?;
    stream.write_all(b"PING\r\n")?;
    let mut reply = [0; 5];
    stream.read_exact(&mut reply)?;
    Ok(&reply == b"+PONG")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::is_root;

    #[test]
    fn a_missing_program_is_named() {
        let empty = tempfile::tempdir().unwrap();
        let search = SearchPath::new(vec![empty.path().to_owned()]);
        let error = program(&search).unwrap_err().to_string();
        assert!(error.starts_with("Redis is not installed"), "{error}");
    }

    #[test]
    fn a_server_starts_answers_and_vanishes() {
        if program(&SearchPath::system()).is_err() && !is_root() {
            eprintln!("skipped: Redis is not installed, and only root may install it");
            return;
        }
        let server = Redis::start().unwrap();
        let port = server.url().rsplit_once(':').unwrap().1.parse().unwrap();
        assert!(answers(port).unwrap());
        let folder = server.server.folder().to_owned();
        drop(server);
        assert!(!folder.exists());
        assert!(answers(port).is_err());
    }
}
