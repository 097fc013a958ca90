//! Databases for tests, each empty and its owner's alone, on one PostgreSQL server.
//!
//! The server is the one that `NAEIL_TEST_POSTGRES` names, which `cargo xtask test` starts for all
//! test programs together, or one of this process's own.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, bail};

use crate::account::is_root;
use crate::postgres::{Postgres, execute};

/// The variable with the address of a server where this user may create databases.
pub const SERVER_VARIABLE: &str = "NAEIL_TEST_POSTGRES";

/// The variable that turns a service that cannot be had from a reason to skip into a failure.
pub const REQUIRED_VARIABLE: &str = "NAEIL_REQUIRE_SERVICES";

/// An empty database, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
    url: String,
}

impl TestDatabase {
    /// Creates a database.
    ///
    /// # Errors
    /// If no server can be had, saying what to install, or it refuses.
    pub fn create() -> anyhow::Result<Self> {
        Self::on(server()?)
    }

    /// Creates a database, or prints why the test that asks for it is skipped.
    ///
    /// # Panics
    /// If no server can be had although `NAEIL_REQUIRE_SERVICES` is set, as it is in CI, or although
    /// this is root, who can install one.
    pub fn create_or_skip() -> Option<Self> {
        let problem = match Self::create() {
            Ok(database) => return Some(database),
            Err(problem) => problem,
        };
        let required = is_root() || std::env::var_os(REQUIRED_VARIABLE).is_some();
        assert!(!required, "there is no PostgreSQL: {problem:#}");
        eprintln!("skipped: there is no PostgreSQL: {problem:#}");
        None
    }

    /// Its address, with a user who may do anything in it.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn on(server: &str) -> anyhow::Result<Self> {
        static CREATED: AtomicU64 = AtomicU64::new(0);
        let number = CREATED.fetch_add(1, Ordering::Relaxed);
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_millis();
        // The time keeps apart processes that had the same id on a server that outlives them.
        let name = format!("naeil_test_{}_{number}_{since}", std::process::id());
        execute(
            server,
            &format!("CREATE DATABASE {name} TEMPLATE template0"),
        )?;
        Ok(Self {
            server: server.to_owned(),
            url: with_database(server, &name)?,
            name,
        })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A server that has ended took its databases with it; what is left elsewhere has a name
        // that says whose it was.
        if let Err(problem) = execute(&self.server, &statement) {
            eprintln!("a test's database was not dropped: {problem:#}");
        }
    }
}

fn server() -> anyhow::Result<&'static str> {
    static SERVER: OnceLock<Result<(String, Option<Postgres>), String>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let given = std::env::var(SERVER_VARIABLE).ok();
        match given.filter(|url| !url.is_empty()) {
            Some(url) => Ok((url, None)),
            None => match Postgres::start() {
                Ok(server) => Ok((server.url().to_owned(), Some(server))),
                Err(problem) => Err(format!("{problem:#}")),
            },
        }
    });
    match server {
        Ok((url, _)) => Ok(url),
        Err(problem) => bail!("{problem}"),
    }
}

/// The address of another database on the same server.
fn with_database(server: &str, name: &str) -> anyhow::Result<String> {
    let (address, parameters) = match server.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (server, String::new()),
    };
    let (_, rest) = address
        .split_once("://")
        .with_context(|| format!("{SERVER_VARIABLE} is no address"))?;
    let host_end = rest.find('/').unwrap_or(rest.len());
    let base = &address[..address.len() - rest.len() + host_end];
    Ok(format!("{base}/{name}{parameters}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        for (server, expected) in [
            (
                "postgres://u@127.0.0.1:5/postgres",
                "postgres://u@127.0.0.1:5/x",
            ),
            ("postgresql://u:p@h", "postgresql://u:p@h/x"),
            (
                "postgres://h/a?sslmode=disable",
                "postgres://h/x?sslmode=disable",
            ),
        ] {
            assert_eq!(with_database(server, "x").unwrap(), expected);
        }
        assert!(with_database("nonsense", "x").is_err());
    }

    #[test]
    fn databases_are_empty_apart_and_gone_with_their_owner() {
        let Some(first) = TestDatabase::create_or_skip() else {
            return;
        };
        let second = TestDatabase::create().unwrap();
        assert_ne!(first.url(), second.url());
        for database in [&first, &second] {
            execute(database.url(), "CREATE TABLE only_one (n INTEGER)").unwrap();
        }
        let url = first.url().to_owned();
        drop(first);
        let error = execute(&url, "SELECT 1").unwrap_err().to_string();
        assert!(error.contains("does not exist"), "{error}");
        execute(second.url(), "SELECT n FROM only_one").unwrap();
    }
}
