//! PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::account::{Account, reachable};
use crate::package::find_or_install;
use crate::programs::SearchPath;
use crate::supervised::{Plan, Supervised, folder, on_free_port, words};

const PACKAGE: &str = "postgresql";

/// Where Debian keeps its programs, a folder a version; `PATH` has only wrappers of some.
const DEBIAN: &str = "/usr/lib/postgresql";

/// What a server and its clients need, from one folder, so that their versions agree.
const PROGRAMS: [&str; 3] = ["initdb", "postgres", "psql"];

/// The superuser.
const USER: &str = "naeil";

/// Its password: no secret, but asked for, so that clients that cannot give one are found out. Tests
/// look for it where no password may be shown.
const PASSWORD: &str = "canary-0123456789";

/// Longest path of a socket's folder that the system takes, with the socket's own name.
const LONGEST_SOCKET_FOLDER: usize = 80;

/// A PostgreSQL server, empty and the caller's own; it ends with this value or with the process.
#[derive(Debug)]
pub struct Postgres {
    server: Supervised,
    url: String,
}

/// What a server does about a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durability {
    /// Nothing: its data is thrown away.
    None,
    /// What PostgreSQL does unless told otherwise.
    Full,
}

impl Postgres {
    /// Starts a server that never waits for the disk: for tests.
    ///
    /// # Errors
    /// If PostgreSQL is not installed and cannot be, saying what to install, or does not start,
    /// with its log.
    pub fn start() -> anyhow::Result<Self> {
        Self::with(Durability::None)
    }

    /// Starts a server with PostgreSQL's own defaults, that keeps what it has committed: for
    /// figures.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_durable() -> anyhow::Result<Self> {
        Self::with(Durability::Full)
    }

    fn with(durability: Durability) -> anyhow::Result<Self> {
        let bin = find_or_install(PACKAGE, || programs(&installed()))?;
        let account = Account::for_server(&SearchPath::system())?;
        on_free_port(|port| Self::on_port(&bin, account.as_ref(), port, durability))
    }

    fn on_port(
        bin: &Path,
        account: Option<&Account>,
        port: u16,
        durability: Durability,
    ) -> anyhow::Result<Self> {
        let temporary = std::env::temp_dir();
        let inside = match account {
            None => &temporary,
            Some(_) => reachable([&*temporary, Path::new("/tmp"), Path::new("/var/tmp")])?,
        };
        let folder = folder("postgres", inside)?;
        let [data, socket] = ["data", "socket"].map(|name| folder.path().join(name));
        for part in [&data, &socket] {
            make_private(part)?;
        }
        if let Some(account) = account {
            open_to_all(folder.path())?;
            for part in [&data, &socket] {
                account.own(part)?;
            }
        }
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD)
            .with_context(|| format!("cannot write {}", password.display()))?;
        let prefix = account.map(Account::prefix).unwrap_or_default();
        let mut prepare = prefix.clone();
        prepare.extend(words(&[
            &bin.join("initdb"),
            &format!("--username={USER}"),
            &"--auth=scram-sha-256",
            &format!("--pwfile={}", password.display()),
            &"--encoding=UTF8",
            &"--no-locale",
            &"--no-sync",
            &"--pgdata",
            &data,
        ]));
        let mut command = prefix;
        command.extend(words(&[&bin.join("postgres"), &"-D", &data]));
        for setting in settings(port, &socket, durability) {
            command.extend(words(&[&"-c", &setting]));
        }
        let url = format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres");
        let plan = Plan {
            name: "PostgreSQL",
            prepare,
            server: command,
            // At once: nobody will read what a checkpoint would write.
            stop_signal: "QUIT",
        };
        let server = Supervised::start(folder, &plan, || psql(bin, &url, "SELECT 1").is_ok())?;
        Ok(Self { server, url })
    }

    /// Address of its database `postgres`, as superuser:
    /// `postgres://naeil:PASSWORD@127.0.0.1:PORT/postgres`.
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

/// Runs one statement, with PostgreSQL's own client.
///
/// # Errors
/// What the client says.
pub(crate) fn execute(url: &str, statement: &str) -> anyhow::Result<()> {
    let bin = find_or_install(PACKAGE, || programs(&installed()))?;
    psql(&bin, url, statement)
}

fn psql(bin: &Path, url: &str, statement: &str) -> anyhow::Result<()> {
    let output = Command::new(bin.join("psql"))
        .args(["--no-psqlrc", "--quiet", "--no-password"])
        .args(["--set", "ON_ERROR_STOP=1", "--dbname", url])
        .args(["--command", statement])
        .stdin(Stdio::null())
        .output()
        .context("cannot start psql")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("PostgreSQL refused `{statement}`: {}", said.trim());
    }
    Ok(())
}

fn settings(port: u16, socket: &Path, durability: Durability) -> Vec<String> {
    let socket = socket.display().to_string();
    let socket = if socket.len() <= LONGEST_SOCKET_FOLDER {
        socket
    } else {
        String::new()
    };
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={socket}"),
        // Test programs run side by side, each with pools of its own.
        "max_connections=400".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
    ];
    if durability == Durability::None {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(str::to_owned),
        );
    }
    settings
}

/// Where PostgreSQL may be installed: Debian's folders, the newest version first, then `PATH`.
fn installed() -> SearchPath {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    SearchPath::system().after(versions.into_iter().map(|(_, bin)| bin).collect())
}

/// The folder of PostgreSQL's programs.
fn programs(search: &SearchPath) -> anyhow::Result<PathBuf> {
    match search.find_together(&PROGRAMS) {
        Some(folder) => Ok(folder.to_owned()),
        None => bail!(
            "PostgreSQL is not installed: no folder of {search} holds {}",
            PROGRAMS.join(", ")
        ),
    }
}

fn make_private(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make {}", folder.display()))
}

/// Lets every account walk through a folder, not list it.
fn open_to_all(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711))
        .with_context(|| format!("cannot open {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::is_root;

    #[test]
    fn a_missing_program_is_named_with_what_to_install() {
        let empty = tempfile::tempdir().unwrap();
        std::fs::write(empty.path().join("psql"), "").unwrap();
        let search = SearchPath::new(vec![empty.path().to_owned()]);
        let error = programs(&search).unwrap_err().to_string();
        assert!(error.starts_with("PostgreSQL is not installed"), "{error}");
        assert!(error.contains(&search.to_string()), "{error}");
        assert!(error.ends_with("initdb, postgres, psql"), "{error}");
    }

    #[test]
    fn a_server_starts_answers_and_vanishes() {
        if programs(&installed()).is_err() && !is_root() {
            eprintln!("skipped: PostgreSQL is not installed, and only root may install it");
            return;
        }
        let server = Postgres::start().unwrap();
        execute(server.url(), "CREATE TABLE t AS SELECT 1 AS one").unwrap();
        let error = execute(server.url(), "SELECT two FROM t").unwrap_err();
        assert!(error.to_string().contains("\"two\""), "{error}");
        let folder = server.server.folder().to_owned();
        assert!(folder.join("data/PG_VERSION").exists());
        let url = server.url().to_owned();
        drop(server);
        assert!(!folder.exists());
        assert!(execute(&url, "SELECT 1").is_err());
    }
}
