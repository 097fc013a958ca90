//! What goes wrong while opening or filling the store, split by what the caller will do.

use std::path::PathBuf;

use naeil_domain::ports::StoreError;

/// Why the store did not open.
#[derive(Debug, thiserror::Error)]
pub enum StoreOpenError {
    /// The address names a database that this version cannot talk to.
    #[error(
        "the store cannot be a '{scheme}' database, give its address as sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    Unsupported {
        /// What stands before the first colon; the rest may hold a password.
        scheme: String,
    },
    /// The address of a PostgreSQL database cannot be read.
    #[error(
        "cannot read the address {url}: write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the password escaped as in %40 for @"
    )]
    BadAddress {
        /// The address without its password.
        url: String,
    },
    /// No server answers.
    #[error(
        "no PostgreSQL server answers at {url}: check host and port, that it is running, and that a firewall lets you through"
    )]
    Unreachable {
        /// The address without its password.
        url: String,
        /// The driver's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server knows no such user or the password is wrong.
    #[error("the server of {url} refused the login: check user and password")]
    Login {
        /// The address without its password.
        url: String,
        /// The server's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server has no such database.
    #[error(
        "the server of {url} has no database '{database}': create it with `createdb {database}`"
    )]
    NoDatabase {
        /// The address without its password.
        url: String,
        /// The database.
        database: String,
    },
    /// The server refused for a reason of its own, such as too many connections.
    #[error("the server of {url} refused")]
    Server {
        /// The address without its password.
        url: String,
        /// The server's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server is older than any that naeil runs on.
    #[error("the server of {url} is PostgreSQL {found}, naeil needs {needed} or later: upgrade it")]
    TooOld {
        /// The address without its password.
        url: String,
        /// The server's major version.
        found: String,
        /// The least major version.
        needed: i32,
    },
    /// The database cannot be opened or is none of naeil's.
    #[error(
        "cannot open the store {url}: check that the folder exists, that it may be written, and that the file is a naeil database"
    )]
    Open {
        /// The address without its password.
        url: String,
        /// The database's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A later version of naeil has changed the schema in a way that this one cannot live with.
    #[error(
        "the store {url} was changed by a later version of naeil ({step}), upgrade this one to open it"
    )]
    Newer {
        /// The address without its password.
        url: String,
        /// The step of the schema that is unknown here.
        step: String,
    },
    /// The schema cannot be brought up to date.
    #[error("cannot bring the schema of the store {url} up to date")]
    Migrate {
        /// The address.
        url: String,
        /// The database's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why an import stored nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("cannot read {}: check that it exists and may be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// A folder was given.
    #[error("{} is a folder, name the files in it", path.display())]
    Directory {
        /// The folder.
        path: PathBuf,
    },
    /// The file's name does not end as one that can be imported.
    #[error(
        "{} has an unknown format, its name must end in .parquet, .csv or .csv.gz", path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The file has no bytes.
    #[error("{} is empty, not even a header is there", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is cut off or damaged.
    #[error("{} is damaged or cut off, fetch it again: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What its format's reader said.
        detail: String,
    },
    /// Columns that every source needs are not there.
    #[error(
        "{source_name} lacks the column{} {}; it has {}{hint}",
        if missing.len() == 1 { "" } else { "s" }, missing.join(", "), present.join(", ")
    )]
    MissingColumns {
        /// The source.
        source_name: String,
        /// What is missing.
        missing: Vec<String>,
        /// What is there.
        present: Vec<String>,
        /// "; did you mean ..." or nothing.
        hint: String,
    },
    /// Two columns have the same name.
    #[error("{} has the column {column} twice, rename or remove one", path.display())]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// A Parquet column has a type that cannot be read as what it should hold.
    #[error("column {column} of {} is {found}, expected {expected}", path.display())]
    WrongColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// The types that are understood.
        expected: &'static str,
    },
    /// A quoted field runs over the end of its line, as it does when a quote is never closed.
    #[error("line {line} of {} has a quote that is not closed on that line", path.display())]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// Where the record starts.
        line: u64,
    },
    /// The source has not one row.
    #[error("{source_name} has a header but no rows, nothing was stored")]
    NoRows {
        /// The source.
        source_name: String,
    },
    /// So much was refused that the source as a whole cannot be meant.
    #[error(
        "{refused} of {rows_read} rows of {source_name} were refused ({by_reason}), nothing was stored{}",
        rejects_file.as_ref().map(|path| format!("; see {}", path.display())).unwrap_or_default()
    )]
    MostlyRefused {
        /// The source.
        source_name: String,
        /// Rows read.
        rows_read: u64,
        /// Rows refused.
        refused: u64,
        /// Counts by reason, the most frequent first: "bad_number 3, negative_price 1".
        by_reason: String,
        /// Where every refusal is written down.
        rejects_file: Option<PathBuf>,
    },
    /// The rejects file cannot be written.
    #[error("cannot write the rejects file {}", path.display())]
    Rejects {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// The layout cannot be used for the file.
    #[error(transparent)]
    Layout(#[from] crate::import::LayoutError),
    /// The exchange's service did not give the session.
    #[error(transparent)]
    Krx(#[from] crate::import::krx::KrxError),
    /// The other team's database did not give its bars.
    #[error(transparent)]
    Database(#[from] crate::import::database::DatabaseError),
    /// The store failed; a retry may help.
    #[error("the store failed during the import, nothing was stored")]
    Store(#[source] StoreError),
}

/// Why corporate actions were not stored; nothing of the file was.
#[derive(Debug, thiserror::Error)]
pub enum ActionsError {
    /// The file cannot be read.
    #[error("cannot read {}: check that it exists and may be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// A line has too few or too many fields, or is no text.
    #[error("{} is not a CSV file of actions: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader said, with the line.
        detail: String,
    },
    /// A column that is needed is not there.
    #[error("{} lacks the column {column}; an actions file has code,session,kind,ratio", path.display())]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A value cannot be what its column holds.
    #[error("line {line}: '{value}' is no {column}, expected {expected}")]
    BadValue {
        /// The line; the header is line 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// The store has no stock of that code.
    #[error("line {line}: the store has no stock {code} on {exchange}, import its bars first")]
    UnknownCode {
        /// The line.
        line: u64,
        /// The code.
        code: String,
        /// The exchange that was looked at.
        exchange: naeil_domain::Exchange,
    },
    /// The ratio is none that an action can have.
    #[error(
        "line {line}: {ratio} cannot be a ratio, expected price before / price after, such as 5 for a 5:1 split"
    )]
    BadRatio {
        /// The line.
        line: u64,
        /// The ratio.
        ratio: f64,
    },
    /// The exchange did not trade on that day.
    #[error(
        "line {line}: {session} is not a session of {exchange}, name the first one on the new footing"
    )]
    NotASession {
        /// The line.
        line: u64,
        /// The date.
        session: naeil_domain::Session,
        /// The exchange.
        exchange: naeil_domain::Exchange,
    },
    /// Two lines speak of the same stock and session.
    #[error("line {line}: an earlier line has the same code and session, {code} {session}")]
    Repeated {
        /// The later line.
        line: u64,
        /// The code.
        code: String,
        /// The session.
        session: naeil_domain::Session,
    },
    /// The store failed; a retry may help.
    #[error("the store failed while storing actions, nothing was stored")]
    Store(#[source] StoreError),
}
