//! A PostgreSQL server of the tests' own, and databases in it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

const BINARIES: &str = "/usr/lib/postgresql/15/bin";

/// An empty database of its own in a server that the whole test process shares.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
}

impl TestDatabase {
    /// Makes a database, starting the server first if this is the first one.
    ///
    /// # Errors
    /// If PostgreSQL is not installed or does not start.
    pub fn create() -> anyhow::Result<Self> {
        static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = SERVER
            .get_or_init(|| Server::start().map_err(|error| format!("{error:#}")))
            .as_ref()
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        let name = format!("naeil_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        server.sql(&format!("CREATE DATABASE {name}"))?;
        Ok(Self {
            url: format!("postgres://naeil:secret@127.0.0.1:{}/{name}", server.port),
        })
    }

    /// The address, password included.
    pub fn url(&self) -> &str {
        &self.url
    }
}

struct Server {
    port: u16,
    _folder: TempDir,
}

impl Server {
    fn start() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("naeil-pg").tempdir()?;
        std::os::unix::fs::chown(folder.path(), Some(65534), Some(65534)).ok();
        let data = folder.path().join("data");
        let password = folder.path().join("password");
        std::fs::write(&password, "secret")?;
        std::os::unix::fs::chown(&password, Some(65534), Some(65534)).ok();
        run(unprivileged("initdb")
            .args(["-U", "naeil", "-A", "scram-sha-256", "-E", "UTF8"])
            .args(["--locale=C.UTF-8", "--no-sync"])
            .arg(format!("--pwfile={}", password.display()))
            .arg("-D")
            .arg(&data))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut postgres = unprivileged("postgres");
        postgres
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "fsync=off", "-c"])
            .arg(format!(
                "unix_socket_directories={}",
                folder.path().display()
            ))
            .args(["-c", "max_connections=200"])
            .stdout(Stdio::null())
            .stderr(log);
        // The death signal follows the thread that starts the server, so that one must last.
        std::thread::spawn(move || postgres.status());
        let server = Self {
            port,
            _folder: folder,
        };
        for _ in 0..200 {
            if server.sql("SELECT 1").is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("PostgreSQL did not answer within 10 s")
    }

    fn sql(&self, sql: &str) -> anyhow::Result<()> {
        run(Command::new(Path::new(BINARIES).join("psql"))
            .env("PGPASSWORD", "secret")
            .args([
                "-h",
                "127.0.0.1",
                "-U",
                "naeil",
                "-d",
                "postgres",
                "-c",
                sql,
            ])
            .args(["-p", &self.port.to_string()]))
    }
}

fn unprivileged(name: &str) -> Command {
    let binary: PathBuf = Path::new(BINARIES).join(name);
    let mut command = Command::new("setpriv");
    command
        .args([
            "--pdeathsig",
            "KILL",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--",
        ])
        .arg(binary)
        .current_dir("/")
        .stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .with_context(|| format!("running {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
