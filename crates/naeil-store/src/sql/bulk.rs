//! Writing many rows with few statements.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Value};

use super::{insert_rows, statement};

/// SQLite's limit of parameters in one statement.
const MAX_PARAMETERS: usize = 32_766;

/// Inserts rows whose values stand one row after the other in `values`, `ending` being what follows
/// them in the statement, such as what to do on a conflict.
///
/// PostgreSQL takes every column as one array, which costs it a parameter a column instead of one a
/// value; SQLite takes as many rows in a statement as it has parameters.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    ending: &str,
    values: Vec<Value>,
) -> Result<(), DbErr> {
    if values.is_empty() {
        return Ok(());
    }
    let backend = db.get_database_backend();
    if backend == DbBackend::Postgres {
        return insert_arrays(db, table, columns, ending, values).await;
    }
    let values_a_statement = MAX_PARAMETERS / columns.len() * columns.len();
    let mut values = values.into_iter();
    while values.len() > 0 {
        let batch: Vec<Value> = values.by_ref().take(values_a_statement).collect();
        let sql = insert_rows(table, columns, batch.len() / columns.len()) + ending;
        db.execute_raw(statement(backend, &sql, batch)).await?;
    }
    Ok(())
}

async fn insert_arrays(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    ending: &str,
    values: Vec<Value>,
) -> Result<(), DbErr> {
    let n_rows = values.len() / columns.len();
    let mut arrays = vec![Vec::with_capacity(n_rows); columns.len()];
    for (idx, value) in values.into_iter().enumerate() {
        arrays[idx % columns.len()].push(value);
    }
    let arrays = arrays
        .into_iter()
        .filter_map(|array| {
            let kind = array.first()?.array_type();
            Some(Value::Array(kind, Some(Box::new(array))))
        })
        .collect();
    let parameters = vec!["?"; columns.len()].join(",");
    // The word after the list ends it: an ending that begins with ON would be read as a join's.
    let sql = format!(
        "INSERT INTO {table} ({}) SELECT * FROM UNNEST({parameters}) WHERE true{ending}",
        columns.join(",")
    );
    db.execute_raw(statement(DbBackend::Postgres, &sql, arrays))
        .await?;
    Ok(())
}
