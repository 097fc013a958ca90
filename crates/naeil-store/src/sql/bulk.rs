//! Writing many rows with few statements.

use sea_orm::sea_query::ArrayType;
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
    let mut names = Vec::new();
    let mut selected = Vec::new();
    let mut parameters = Vec::new();
    for (idx, array) in arrays.into_iter().enumerate() {
        let n_null = array.iter().filter(|value| is_null(value)).count();
        if n_null == n_rows {
            selected.push("NULL".to_owned());
            continue;
        }
        names.push(format!("c{idx}"));
        if n_null == 0 {
            selected.push(format!("c{idx}"));
        } else {
            // The driver's arrays have no nulls: a second one says where they are.
            selected.push(format!("CASE WHEN n{idx} THEN NULL ELSE c{idx} END"));
        }
        let nulls = (n_null > 0).then(|| array.iter().map(|value| is_null(value).into()).collect());
        parameters.push(array_of(array));
        if let Some(nulls) = nulls {
            names.push(format!("n{idx}"));
            parameters.push(array_of(nulls));
        }
    }
    // Without the condition, an ending that begins with ON would be read as a join's.
    let sql = format!(
        "INSERT INTO {table} ({}) SELECT {} FROM UNNEST({}) AS t({}) WHERE true{ending}",
        columns.join(","),
        selected.join(","),
        vec!["?"; parameters.len()].join(","),
        names.join(",")
    );
    db.execute_raw(statement(DbBackend::Postgres, &sql, parameters))
        .await?;
    Ok(())
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// An array with something in the place of each null.
fn array_of(mut values: Vec<Value>) -> Value {
    let kind = values
        .first()
        .map_or(ArrayType::Bool, |value| value.array_type());
    for value in &mut values {
        if is_null(value) {
            *value = value.dummy_value();
        }
    }
    Value::Array(kind, Some(Box::new(values)))
}
