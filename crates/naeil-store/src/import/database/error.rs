//! What goes wrong between us and the other team's database.

use super::super::layout::LayoutError;

/// Why its bars did not come. None of the messages holds the address, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The address names another kind of database.
    #[error("sources.database.url must be postgresql://USER:PASSWORD@HOST/NAME, {found}")]
    Unsupported {
        /// "'mysql' is another database", or that it is no address.
        found: String,
    },
    /// A value of the mapping makes no sense, or contradicts another one.
    #[error("the mapping cannot be used: {0}")]
    Mapping(#[from] LayoutError),
    /// The mapping names something that can be no table or column.
    #[error("{key} of the mapping is '{name}', which cannot be the name of a {kind}")]
    BadName {
        /// The key.
        key: String,
        /// What stands there.
        name: String,
        /// "table" or "column".
        kind: &'static str,
    },
    /// The mapping leaves out a value that every bar needs.
    #[error("the mapping does not say where the {value} stands: set {remedy}")]
    NoPlace {
        /// The value.
        value: &'static str,
        /// What to set.
        remedy: &'static str,
    },
    /// The database cannot be reached, or does not let us in.
    #[error("cannot connect to the database of sources.database.url: {detail}")]
    Connect {
        /// What it said.
        detail: String,
    },
    /// There is no such table, or not for us.
    #[error("the database has no table {table}; it has {present}{hint}")]
    MissingTable {
        /// The table.
        table: String,
        /// Those that the role may see.
        present: String,
        /// "; did you mean ..." or nothing.
        hint: String,
    },
    /// There is no such column.
    #[error("the table {table} has no column {column}; it has {present}{hint}")]
    MissingColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Those it has.
        present: String,
        /// "; did you mean ..." or nothing.
        hint: String,
    },
    /// The database gave up on a statement.
    #[error("the database failed while {doing}: {detail}{remedy}")]
    Query {
        /// What we did.
        doing: &'static str,
        /// What it said.
        detail: String,
        /// "; GRANT ..." or nothing.
        remedy: &'static str,
    },
}

impl DatabaseError {
    /// Quotes nothing but what is surely the name of a kind of database: who writes an address of
    /// another shape may begin it with the password.
    pub(super) fn unsupported(url: &str) -> Self {
        let found = match url.split_once("://") {
            Some((scheme, _))
                if scheme
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'+') =>
            {
                format!("'{scheme}' is another database")
            }
            _ => "what it holds has another shape".to_owned(),
        };
        Self::Unsupported { found }
    }

    pub(super) fn query(doing: &'static str) -> impl Fn(sea_orm::DbErr) -> Self {
        move |error| {
            let detail = detail(&error);
            let remedy = if detail.contains("permission denied") {
                "; the role needs GRANT SELECT on both tables"
            } else {
                ""
            };
            Self::Query {
                doing,
                detail,
                remedy,
            }
        }
    }
}

/// What the database said, on one line, without our statement and the line of its own source.
pub(super) fn detail(error: &sea_orm::DbErr) -> String {
    let whole = error.to_string();
    let said = whole
        .rsplit("returned from database: ")
        .next()
        .unwrap_or(&whole);
    let said = match said.rsplit_once(" at line ") {
        Some((said, line)) if line.bytes().all(|b| b.is_ascii_digit()) => said,
        _ => said,
    };
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}
