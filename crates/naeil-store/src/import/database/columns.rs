//! Looking up tables and columns before they are read, so that what is missing can be named.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend};

use super::error::DatabaseError;
use crate::sql::statement;

/// The most names that a message lists.
const MOST_NAMES: usize = 30;

/// PostgreSQL cuts longer names off.
const MAX_NAME_BYTES: usize = 63;

/// A name in double quotes: nothing in it can be read as anything but a name.
pub(super) fn quoted(key: &str, name: &str, kind: &'static str) -> Result<String, DatabaseError> {
    // A question mark would be taken for a parameter.
    let is_odd = |c: char| c.is_control() || c == '?';
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(is_odd) {
        return Err(DatabaseError::BadName {
            key: key.to_owned(),
            name: name.escape_default().to_string(),
            kind,
        });
    }
    Ok(format!("\"{}\"", name.replace('"', "\"\"")))
}

/// `schema.table` or `table`, each part in quotes.
pub(super) fn quoted_table(key: &str, table: &str) -> Result<String, DatabaseError> {
    let parts: Result<Vec<String>, DatabaseError> = match table.split_once('.') {
        None => [table]
            .map(|part| quoted(key, part, "table"))
            .into_iter()
            .collect(),
        Some((schema, table)) => [schema, table]
            .map(|part| quoted(key, part, "table"))
            .into_iter()
            .collect(),
    };
    Ok(parts?.join("."))
}

/// The types of a table's columns by name, as PostgreSQL writes them.
pub(super) async fn column_types(
    transaction: &DatabaseTransaction,
    table: &str,
    quoted: &str,
) -> Result<BTreeMap<String, String>, DatabaseError> {
    let failed = DatabaseError::query("looking up its tables");
    let sql = "SELECT CAST(a.attname AS text), format_type(a.atttypid, a.atttypmod) \
               FROM pg_catalog.pg_attribute a \
               WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped";
    let find = statement(DbBackend::Postgres, sql, vec![quoted.into()]);
    let rows = transaction.query_all_raw(find).await.map_err(&failed)?;
    if rows.is_empty() {
        let sql = "SELECT CASE WHEN table_schema = ANY (current_schemas(false)) \
                   THEN CAST(table_name AS text) \
                   ELSE CAST(table_schema AS text) || '.' || CAST(table_name AS text) END \
                   FROM information_schema.tables \
                   WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1";
        let find = statement(DbBackend::Postgres, sql, Vec::new());
        let rows = transaction.query_all_raw(find).await.map_err(&failed)?;
        let names: Result<Vec<String>, _> =
            rows.iter().map(|row| row.try_get_by_index(0)).collect();
        let names = names.map_err(&failed)?;
        return Err(DatabaseError::MissingTable {
            table: table.to_owned(),
            hint: did_you_mean(table, &names),
            present: listed(&names),
        });
    }
    rows.iter()
        .map(|row| {
            let name = row.try_get_by_index(0).map_err(&failed)?;
            Ok((name, row.try_get_by_index(1).map_err(&failed)?))
        })
        .collect()
}

/// The type of one column.
pub(super) fn type_of<'t>(
    types: &'t BTreeMap<String, String>,
    table: &str,
    column: &str,
) -> Result<&'t str, DatabaseError> {
    types.get(column).map(String::as_str).ok_or_else(|| {
        let names: Vec<String> = types.keys().cloned().collect();
        DatabaseError::MissingColumn {
            table: table.to_owned(),
            column: column.to_owned(),
            hint: did_you_mean(column, &names),
            present: listed(&names),
        }
    })
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none that the role may see".to_owned();
    }
    let mut shown = names[..names.len().min(MOST_NAMES)].join(", ");
    if names.len() > MOST_NAMES {
        shown.push_str(&format!(" and {} more", names.len() - MOST_NAMES));
    }
    shown
}

fn did_you_mean(wanted: &str, names: &[String]) -> String {
    let likeness =
        |name: &String| strsim::jaro_winkler(&wanted.to_lowercase(), &name.to_lowercase());
    names
        .iter()
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| format!("; did you mean {name}?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_quotes() {
        assert_eq!(quoted("k", "close", "column").unwrap(), "\"close\"");
        assert_eq!(quoted("k", "종가", "column").unwrap(), "\"종가\"");
        assert_eq!(
            quoted("k", "x\"; DROP TABLE y; --", "column").unwrap(),
            "\"x\"\"; DROP TABLE y; --\""
        );
        assert_eq!(
            quoted_table("k", "public.bars").unwrap(),
            "\"public\".\"bars\""
        );
        for name in ["", "a\0b", &"x".repeat(64)] {
            assert!(quoted("k", name, "column").is_err(), "{name:?}");
        }
        assert!(quoted_table("k", ".bars").is_err());
    }
}
