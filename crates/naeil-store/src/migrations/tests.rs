use naeil_services::test_database::TestDatabase;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use sea_orm_migration::MigratorTrait;

use super::later::{Contracted, Expanded};
use super::{Migrator, Standing, apply, standing};

/// Steps after the first one.
const AFTER_FIRST: u32 = 2;

async fn in_memory() -> DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    Database::connect(options).await.unwrap()
}

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let query = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(query).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn schema(db: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT COALESCE(sql, name) FROM sqlite_master \
               WHERE name NOT LIKE 'seaql%' AND name NOT LIKE 'sqlite_autoindex_seaql%' \
               AND name <> 'sqlite_sequence' ORDER BY name";
    texts(db, sql).await
}

/// What `pg_dump` says about the schema, but for the key that it draws anew for each dump.
fn dumped(database: &TestDatabase) -> String {
    let installed = "/usr/lib/postgresql/15/bin/pg_dump";
    let pg_dump = [installed, "pg_dump"]
        .into_iter()
        .find(|path| std::path::Path::new(path).exists())
        .unwrap_or("pg_dump");
    let output = std::process::Command::new(pg_dump)
        .arg("--schema-only")
        .arg(database.url())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let is_key = |line: &&str| line.starts_with("\\restrict") || line.starts_with("\\unrestrict");
    text.lines()
        .filter(|line| !is_key(line))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// SQLite can be told so only outside a transaction.
async fn without_references(db: &DatabaseConnection) {
    db.execute_unprepared("PRAGMA foreign_keys = OFF")
        .await
        .unwrap();
}

#[tokio::test]
async fn up_down_up_gives_the_same_schema_and_down_leaves_nothing() {
    let db = in_memory().await;
    apply::<Migrator>(&db).await.unwrap();
    let first = schema(&db).await;
    assert!(
        first.iter().any(|sql| sql.contains("WITHOUT ROWID")),
        "{first:#?}"
    );
    for table in [
        "stocks",
        "bars",
        "bar_blocks",
        "import_runs",
        "exchange_sessions",
        "corporate_actions",
        "refused_rows",
        "schema_floor",
        "predictions",
        "ledger",
    ] {
        let create = format!("CREATE TABLE \"{table}\"");
        assert!(first.iter().any(|sql| sql.starts_with(&create)), "{table}");
    }

    without_references(&db).await;
    Migrator::down(&db, Some(1)).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    assert_eq!(schema(&db).await, first);

    Migrator::down(&db, None).await.unwrap();
    assert_eq!(schema(&db).await, Vec::<String>::new());
    apply::<Migrator>(&db).await.unwrap();
    assert_eq!(schema(&db).await, first);
}

#[tokio::test]
async fn on_postgres_up_down_up_gives_the_same_dump() {
    let Some(database) = TestDatabase::create_or_skip() else {
        return;
    };
    let db = Database::connect(database.url()).await.unwrap();
    apply::<Migrator>(&db).await.unwrap();
    let first = dumped(&database);
    assert!(first.contains("CREATE TABLE public.bar_blocks"), "{first}");
    for steps in [Some(1), None] {
        Migrator::down(&db, steps).await.unwrap();
        assert_ne!(dumped(&database), first);
        Migrator::up(&db, None).await.unwrap();
        assert_eq!(dumped(&database), first);
    }
}

const OLD_STORE: [&str; 5] = [
    "INSERT INTO stocks (code, name, market, first_session, last_session) \
     VALUES ('005930', 'x', 'KOSPI', '2024-01-31', '2024-02-01')",
    "INSERT INTO import_runs (source_name, origin, started_at, finished_at, rows_read, stored, \
     corrected, unchanged, refused) VALUES ('x', 'recorded', '2024-02-02T00:00:00+00:00', \
     '2024-02-02T00:00:00+00:00', 3, 2, 1, 0, 0)",
    "INSERT INTO bars VALUES (1, '2024-01-31', 1, 9, 12, 8, 10, 100, 1, 'as_traded', \
     '2024-02-02T00:00:00+00:00', 1), (1, '2024-01-31', 2, 9, 12, 8, 11, 100, 1, 'as_traded', \
     '2024-02-02T00:00:00+00:00', 1), (1, '2024-02-01', 1, 9, 12, 8, 12, 100, 1, \
     'back_adjusted', '2024-02-02T00:00:00+00:00', 1)",
    "INSERT INTO observed_sessions VALUES ('2024-01-31', '2024-02-02T00:00:00+00:00')",
    "INSERT INTO observed_sessions VALUES ('2024-02-01', '2024-02-02T00:00:00+00:00')",
];

/// A store of the first step: its bars are packed, its sessions carried over, and going back keeps
/// them.
async fn carries_data_over(db: &DatabaseConnection) {
    Migrator::up(db, Some(1)).await.unwrap();
    for sql in OLD_STORE {
        db.execute_unprepared(sql).await.unwrap();
    }
    apply::<Migrator>(db).await.unwrap();
    let blocks = crate::bars::blocks::blocks_of(db, &[1], 0, i32::MAX)
        .await
        .unwrap();
    let bars: Vec<(String, u32, f64)> = blocks
        .iter()
        .flat_map(|block| block.bars().unwrap())
        .map(|bar| (bar.session.to_string(), bar.revision, bar.bar.close))
        .collect();
    let expected = [
        ("2024-01-31".to_owned(), 2, 11.0),
        ("2024-02-01".to_owned(), 1, 12.0),
    ];
    assert_eq!((blocks.len(), bars), (2, expected.to_vec()));
    let sessions = "SELECT exchange || ' ' || CAST(session AS text) FROM exchange_sessions \
                    ORDER BY session";
    assert_eq!(
        texts(db, sessions).await,
        ["XKRX 2024-01-31", "XKRX 2024-02-01"]
    );
    let stocks = "SELECT exchange || ' ' || code FROM stocks";
    assert_eq!(texts(db, stocks).await, ["XKRX 005930"]);
}

#[tokio::test]
async fn an_earlier_store_is_carried_over() {
    let db = in_memory().await;
    carries_data_over(&db).await;
    assert_eq!(
        texts(&db, "SELECT \"table\" FROM pragma_foreign_key_check").await,
        Vec::<String>::new()
    );
    without_references(&db).await;
    Migrator::down(&db, Some(AFTER_FIRST)).await.unwrap();
    let sessions = "SELECT CAST(session AS text) FROM observed_sessions ORDER BY session";
    assert_eq!(texts(&db, sessions).await, ["2024-01-31", "2024-02-01"]);
    assert_eq!(texts(&db, "SELECT code FROM stocks").await, ["005930"]);
}

#[tokio::test]
async fn an_earlier_store_on_postgres_is_carried_over() {
    let Some(database) = TestDatabase::create_or_skip() else {
        return;
    };
    let db = Database::connect(database.url()).await.unwrap();
    carries_data_over(&db).await;
    Migrator::down(&db, Some(AFTER_FIRST)).await.unwrap();
    let sessions = "SELECT session::text FROM observed_sessions ORDER BY session";
    assert_eq!(texts(&db, sessions).await, ["2024-01-31", "2024-02-01"]);
}

#[tokio::test]
async fn a_later_schema_is_taken_while_it_has_only_expanded() {
    let db = in_memory().await;
    assert_eq!(standing::<Migrator>(&db).await.unwrap(), Standing::Behind);
    apply::<Expanded>(&db).await.unwrap();
    assert_eq!(standing::<Migrator>(&db).await.unwrap(), Standing::Ready);
    assert_eq!(standing::<Expanded>(&db).await.unwrap(), Standing::Ready);

    let db = in_memory().await;
    apply::<Contracted>(&db).await.unwrap();
    let step = "m20991231_000002_contracts".to_owned();
    assert_eq!(
        standing::<Migrator>(&db).await.unwrap(),
        Standing::Newer { step }
    );
}
