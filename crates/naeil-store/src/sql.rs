//! Small helpers for statements that are written by hand.

pub(crate) mod bulk;

use std::fmt::Write as _;

use naeil_domain::ports::StoreError;
use sea_orm::sea_query::Values;
use sea_orm::{DbBackend, DbErr, RuntimeErr, Statement, Value};

/// A statement whose parameters are written as `?`, in the backend's own spelling.
pub(crate) fn statement(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    let sql = match backend {
        DbBackend::Postgres => numbered(sql),
        _ => sql.to_owned(),
    };
    Statement {
        sql,
        values: Some(Values(values)),
        db_backend: backend,
    }
}

/// `INSERT INTO table (columns) VALUES (?, ?), ...` for `n_rows` rows.
pub(crate) fn insert_rows(table: &str, columns: &[&str], n_rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns.len()].join(","));
    let rows = vec![row; n_rows].join(",");
    format!("INSERT INTO {table} ({}) VALUES {rows}", columns.join(","))
}

fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut n = 0;
    for c in sql.chars() {
        if c == '?' {
            n += 1;
            let _ = write!(out, "${n}");
        } else {
            out.push(c);
        }
    }
    out
}

/// Maps what the database said while `doing` to what a caller of a port can act on.
pub(crate) fn store_error(doing: &'static str) -> impl Fn(DbErr) -> StoreError {
    move |source| match source {
        DbErr::Type(_) | DbErr::TryIntoErr { .. } | DbErr::Json(_) => {
            StoreError::Corrupt(format!("{source}, while {doing}"))
        }
        source if is_damage(&source) => {
            StoreError::Corrupt(format!("{source}, while {doing}; restore it from a backup"))
        }
        source => StoreError::Unavailable {
            doing,
            source: Box::new(source),
        },
    }
}

/// Whether the database says that its file is damaged, which no retry mends.
fn is_damage(error: &DbErr) -> bool {
    let (DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error)) = error else {
        return false;
    };
    let RuntimeErr::SqlxError(error) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    // SQLite's result code; the bits above the lowest eight tell kinds of damage apart.
    let sqlite_code = code.and_then(|code| code.parse::<u32>().ok());
    sqlite_code.is_some_and(|code| matches!(code & 0xff, SQLITE_CORRUPT | SQLITE_NOTADB))
}

const SQLITE_CORRUPT: u32 = 11;
const SQLITE_NOTADB: u32 = 26;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_spelt_as_the_backend_wants_them() {
        let sql = insert_rows("t", &["a", "b"], 2);
        assert_eq!(sql, "INSERT INTO t (a,b) VALUES (?,?),(?,?)");
        let spelt = |backend| statement(backend, &sql, Vec::new()).sql;
        assert_eq!(spelt(DbBackend::Sqlite), sql);
        assert_eq!(
            spelt(DbBackend::Postgres),
            "INSERT INTO t (a,b) VALUES ($1,$2),($3,$4)"
        );
    }
}
