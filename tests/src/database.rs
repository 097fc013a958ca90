//! Either database under the store, each time an empty one.

use naeil_services::test_database::TestDatabase;

use crate::binary::Workdir;

/// The databases that a store can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A file in the data directory.
    Sqlite,
    /// A database of its own on the tests' server.
    Postgres,
}

impl Database {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// An empty data directory with an empty store, or `None` with the reason printed.
    ///
    /// # Panics
    /// If there is no PostgreSQL and `NAEIL_REQUIRE_SERVICES` is set.
    pub fn workdir_or_skip(self) -> Option<StoredWorkdir> {
        match self {
            Self::Sqlite => Some(StoredWorkdir::sqlite()),
            Self::Postgres => TestDatabase::create_or_skip().map(StoredWorkdir::postgres),
        }
    }

    /// An empty data directory with an empty store.
    ///
    /// # Errors
    /// If there is no PostgreSQL, saying what to install.
    pub fn workdir(self) -> anyhow::Result<StoredWorkdir> {
        Ok(match self {
            Self::Sqlite => StoredWorkdir::sqlite(),
            Self::Postgres => StoredWorkdir::postgres(TestDatabase::create()?),
        })
    }
}

/// A data directory and the database that its store is in.
#[derive(Debug)]
pub struct StoredWorkdir {
    /// The data directory, its settings naming the store.
    pub workdir: Workdir,
    // Dropped after the data directory's last command.
    database: Option<TestDatabase>,
}

impl StoredWorkdir {
    /// The store's address.
    pub fn store_url(&self) -> String {
        match &self.database {
            Some(database) => database.url().to_owned(),
            None => {
                let file = self.workdir.path().join("naeil.db");
                format!("sqlite://{}?mode=rwc", file.display())
            }
        }
    }

    fn sqlite() -> Self {
        Self {
            workdir: Workdir::new(),
            database: None,
        }
    }

    fn postgres(database: TestDatabase) -> Self {
        let mut workdir = Workdir::new();
        workdir.set("NAEIL_STORE__URL", database.url());
        Self {
            workdir,
            database: Some(database),
        }
    }
}
