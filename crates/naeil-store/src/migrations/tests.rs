use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use sea_orm_migration::MigratorTrait;

use super::Migrator;

async fn schema(db: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT COALESCE(sql, name) FROM sqlite_master \
               WHERE name NOT LIKE 'seaql%' AND name NOT LIKE 'sqlite_autoindex_seaql%' \
               AND name <> 'sqlite_sequence' ORDER BY name";
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

#[tokio::test]
async fn up_down_up_gives_the_same_schema_and_down_leaves_nothing() {
    let db = Database::connect(sea_orm::ConnectOptions::new("sqlite::memory:"))
        .await
        .unwrap();
    Migrator::up(&db, None).await.unwrap();
    let first = schema(&db).await;
    assert!(
        first.iter().any(|sql| sql.contains("WITHOUT ROWID")),
        "{first:#?}"
    );
    for table in [
        "stocks",
        "bars",
        "import_runs",
        "observed_sessions",
        "predictions",
        "ledger",
    ] {
        let create = format!("CREATE TABLE \"{table}\"");
        assert!(first.iter().any(|sql| sql.starts_with(&create)), "{table}");
    }

    Migrator::down(&db, None).await.unwrap();
    assert_eq!(schema(&db).await, Vec::<String>::new());

    Migrator::up(&db, None).await.unwrap();
    assert_eq!(schema(&db).await, first);
}
