//! Opening a store, and what is wrong with one that cannot be.

use chrono::{DateTime, Utc};
use naeil_domain::ports::{BarRequest, BarSource as _, StockDirectory as _, StoreError};
use naeil_services::test_database::TestDatabase;
use sea_orm::{ConnectionTrait as _, Database, Statement, TransactionTrait as _};
use tempfile::TempDir;

use super::subject::{in_a_file, on_postgres};
use crate::error::StoreOpenError;
use crate::import::take_turn;
use crate::migrations::apply;
use crate::migrations::later::Contracted;
use crate::store::{Store, sqlite};

async fn text(store: &Store, sql: &str) -> String {
    let query = Statement::from_string(store.db.get_database_backend(), sql);
    let row = store.db.query_one_raw(query).await.unwrap().unwrap();
    row.try_get_by_index::<String>(0)
        .or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string()))
        .unwrap()
}

#[tokio::test]
async fn a_file_is_written_ahead_and_checks_its_references() {
    let subject = in_a_file().await;
    assert_eq!(text(&subject.store, "PRAGMA journal_mode").await, "wal");
    assert_eq!(text(&subject.store, "PRAGMA synchronous").await, "1");
    assert_eq!(text(&subject.store, "PRAGMA foreign_keys").await, "1");
    assert_eq!(text(&subject.store, "PRAGMA busy_timeout").await, "30000");
}

#[tokio::test]
async fn opening_again_finds_what_was_stored() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let first = Store::open_file(&path).await.unwrap();
    first.db.execute_unprepared(
        "INSERT INTO import_runs (source_name, origin, started_at, finished_at, rows_read, stored, corrected, unchanged, refused) \
         VALUES ('x', 'simulated', '2024-01-01T00:00:00+00:00', '2024-01-01T00:00:00+00:00', 0, 0, 0, 0, 0)",
    ).await.unwrap();
    first.close().await.unwrap();
    let second = Store::open_file(&path).await.unwrap();
    assert_eq!(text(&second, "SELECT COUNT(*) FROM import_runs").await, "1");
    // A run that stored nothing is no data.
    assert_eq!(second.data_state().await.unwrap(), None);
}

#[tokio::test]
async fn many_may_open_a_new_file_at_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let opening: Vec<_> = (0..6)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move { Store::open_file(&path).await })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn another_kind_of_database_is_refused_without_showing_its_password() {
    let error = Store::open("mysql://user:secret@host/db")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store cannot be a 'mysql' database, give its address as sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE"
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(
        &path,
        "this is not a database, only a text of some length".repeat(50),
    )
    .unwrap();
    let error = Store::open_file(&path).await.unwrap_err();
    assert!(matches!(error, StoreOpenError::Open { .. }), "{error:?}");
    let missing = Store::open_file(&folder.path().join("no/such/folder/store.db")).await;
    assert!(
        matches!(missing, Err(StoreOpenError::Open { .. })),
        "{missing:?}"
    );
}

#[tokio::test]
async fn a_store_of_a_later_version_that_moved_the_floor_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let mut options = sqlite::file(&sqlite::url(&path));
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    apply::<Contracted>(&db).await.unwrap();
    db.close().await.unwrap();
    let error = Store::open_file(&path).await.unwrap_err();
    assert!(matches!(error, StoreOpenError::Newer { .. }), "{error:?}");
    assert!(
        error.to_string().contains("m20991231_000002_contracts"),
        "{error}"
    );
}

/// Shows the whole chain of an error.
fn chain(error: &dyn std::error::Error) -> String {
    let source = error.source().map(chain).unwrap_or_default();
    format!("{error}: {source}")
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_said_without_the_password() {
    let Some(database) = TestDatabase::create_or_skip() else {
        return;
    };
    let (before, place) = database.url().rsplit_once('@').unwrap();
    let (scheme, credentials) = before.split_once("://").unwrap();
    let user = credentials.split(':').next().unwrap();
    let place_only = place.split('/').next().unwrap();
    let host = place_only.split(':').next().unwrap();
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = unused.local_addr().unwrap().port();
    drop(unused);
    for (url, expected) in [
        (
            format!("{scheme}://{user}:wr0ngpass@{place}"),
            "refused the login: check user and password",
        ),
        (
            format!("{before}@{place_only}/nosuchdatabase"),
            "has no database 'nosuchdatabase': create it with `createdb nosuchdatabase`",
        ),
        (
            format!("{scheme}://{user}:wr0ngpass@{host}:{closed}/db"),
            "no PostgreSQL server answers at",
        ),
        (
            format!("{scheme}://{user}:wr0ngpass@{host}:notaport/db"),
            "cannot read the address",
        ),
    ] {
        let error = chain(&Store::open(&url).await.unwrap_err());
        assert!(error.contains(expected), "{url}: {error}");
        assert!(!error.contains("wr0ngpass"), "{error}");
    }
    let renamed = database.url().replacen("postgres://", "postgresql://", 1);
    Store::open(&renamed).await.unwrap();
}

#[tokio::test]
async fn many_may_open_a_new_database_at_once() {
    let Some(database) = TestDatabase::create_or_skip() else {
        return;
    };
    let opening: Vec<_> = (0..6)
        .map(|_| {
            let url = database.url().to_owned();
            tokio::spawn(async move { Store::open(&url).await })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_named() {
    let store = Store::open_in_memory().await.unwrap();
    store
        .db
        .execute_unprepared(
            "INSERT INTO stocks (code, name, market, first_session, last_session, exchange) \
             VALUES ('005930', 'x', 'NASDAQ', '2024-01-02', '2024-01-02', 'XKRX')",
        )
        .await
        .unwrap();
    let error = store.stocks().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store holds something unreadable: stocks, row 1: unknown market 'NASDAQ', known are KOSPI, KOSDAQ, KONEX, US and CN"
    );
}

#[tokio::test]
async fn a_damaged_file_is_told_apart_from_a_busy_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    Store::open_file(&path)
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    let store = Store::open_file(&path).await.unwrap();
    // Everything after the first page, which says what tables there are.
    let len = std::fs::metadata(&path).unwrap().len();
    let rubbish = vec![0xa5; usize::try_from(len).unwrap() - 4096];
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &rubbish, 4096).unwrap();
    let error = store.stocks().await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
}

/// What an import adds is known from before it can be seen: whoever asks what is known now waits.
#[tokio::test]
async fn a_read_as_known_now_waits_for_an_import_in_its_last_step() {
    let mut subjects = vec![in_a_file().await];
    if TestDatabase::create_or_skip().is_some() {
        subjects.push(on_postgres().await);
    }
    for subject in subjects {
        let import = subject.store.db.begin().await.unwrap();
        take_turn(&import).await.unwrap();
        let added = "INSERT INTO import_runs (source_name, origin, started_at, finished_at, \
                     rows_read, stored, corrected, unchanged, refused) VALUES ('x', 'recorded', \
                     '2024-01-01T00:00:00+00:00', '2024-01-01T00:00:00+00:00', 0, 0, 0, 0, 0)";
        import.execute_unprepared(added).await.unwrap();
        let request = |as_known_at| BarRequest {
            as_known_at,
            ..BarRequest::default()
        };
        let long_ago = Some(DateTime::UNIX_EPOCH);
        for at_once in [None, long_ago] {
            subject.store.bars(&request(at_once)).await.unwrap();
        }
        let known_now = request(Some(Utc::now()));
        let mut reading = subject.store.bars(&known_now);
        let patience = std::time::Duration::from_millis(200);
        let early = tokio::time::timeout(patience, &mut reading).await;
        assert!(early.is_err(), "{early:?}");
        import.commit().await.unwrap();
        reading.await.unwrap();
    }
}
