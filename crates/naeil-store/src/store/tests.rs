use async_trait::async_trait;
use naeil_domain::ports::{
    BarRequest, BarSource, DataState, Ledger, PredictionLog, StockDirectory, StoreError,
};
use naeil_domain::{
    Bar, BarPanel, DataOrigin, LedgerEntry, LoggedPrediction, PriceBasis, Session, Stock,
    StockCode, StockDetails, TradingCalendar,
};
use naeil_test_support::suites;
use sea_orm::{ConnectionTrait as _, Statement};
use tempfile::TempDir;

use super::*;
use crate::import::{ImportOptions, IterSource};

/// A store and the folder it lives in, if it is a file.
struct Subject {
    store: Store,
    _folder: Option<TempDir>,
}

async fn in_memory() -> Subject {
    Subject {
        store: Store::open_in_memory().await.unwrap(),
        _folder: None,
    }
}

async fn in_a_file() -> Subject {
    let folder = TempDir::new().unwrap();
    // What a URL would read otherwise must survive in a path.
    let path = folder.path().join("a 100% new?store#1.db");
    let store = Store::open_file(&path).await.unwrap();
    assert!(path.exists(), "{}", path.display());
    Subject {
        store,
        _folder: Some(folder),
    }
}

#[async_trait]
impl BarSource for Subject {
    async fn data_state(&self) -> Result<Option<DataState>, StoreError> {
        self.store.data_state().await
    }

    async fn bars(&self, request: &BarRequest) -> Result<BarPanel, StoreError> {
        self.store.bars(request).await
    }
}

#[async_trait]
impl StockDirectory for Subject {
    async fn stocks(&self) -> Result<Vec<Stock>, StoreError> {
        self.store.stocks().await
    }

    async fn details(&self) -> Result<Vec<(StockCode, StockDetails)>, StoreError> {
        self.store.details().await
    }
}

#[async_trait]
impl suites::bars::BarsUnderTest for Subject {
    async fn put(&self, bars: Vec<(Stock, Session, Bar)>, origin: DataOrigin) {
        let options = ImportOptions {
            basis: PriceBasis::AsTraded,
            origin,
            today: "2024-12-31".parse().unwrap(),
            calendar: TradingCalendar::xkrx(),
            rejects_file: None,
            source_name: "the suite".to_owned(),
            dry_run: false,
        };
        let report = self
            .store
            .import(&mut IterSource::new(bars), &options, &mut |_| {})
            .await
            .unwrap();
        assert_eq!(report.n_refused(), 0, "{report:?}");
    }
}

#[async_trait]
impl PredictionLog for Subject {
    async fn append(&self, answers: &[LoggedPrediction]) -> Result<(), StoreError> {
        self.store.append(answers).await
    }

    async fn count(&self, stock_code: &StockCode) -> Result<u64, StoreError> {
        self.store.count(stock_code).await
    }
}

#[async_trait]
impl Ledger for Subject {
    async fn record(&self, entry: &LedgerEntry) -> Result<(), StoreError> {
        self.store.record(entry).await
    }

    async fn entries(&self) -> Result<Vec<LedgerEntry>, StoreError> {
        self.store.entries().await
    }
}

#[tokio::test]
async fn in_memory_it_is_a_source_of_bars() {
    suites::bars::check(in_memory).await;
}

#[tokio::test]
async fn in_a_file_it_is_a_source_of_bars() {
    suites::bars::check(in_a_file).await;
}

#[tokio::test]
async fn in_memory_it_is_a_prediction_log() {
    suites::prediction_log::check(in_memory).await;
}

#[tokio::test]
async fn in_a_file_it_is_a_prediction_log() {
    suites::prediction_log::check(in_a_file).await;
}

#[tokio::test]
async fn in_memory_it_is_a_ledger() {
    suites::ledger::check(in_memory).await;
}

#[tokio::test]
async fn in_a_file_it_is_a_ledger() {
    suites::ledger::check(in_a_file).await;
}

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
    let error = Store::open("postgres://user:secret@host/db")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store cannot be a 'postgres' database, give its address as sqlite://PATH"
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
async fn a_store_of_a_later_version_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = Store::open_file(&path).await.unwrap();
    store
        .db
        .execute_unprepared("INSERT INTO seaql_migrations VALUES ('m20991231_000001_future', 0)")
        .await
        .unwrap();
    store.close().await.unwrap();
    let error = Store::open_file(&path).await.unwrap_err();
    assert!(matches!(error, StoreOpenError::Newer { .. }), "{error:?}");
    assert!(
        error.to_string().contains("m20991231_000001_future"),
        "{error}"
    );
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_named() {
    let store = Store::open_in_memory().await.unwrap();
    store
        .db
        .execute_unprepared(
            "INSERT INTO stocks (code, name, market, first_session, last_session) \
             VALUES ('005930', 'x', 'NASDAQ', '2024-01-02', '2024-01-02')",
        )
        .await
        .unwrap();
    let error = store.stocks().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store holds something unreadable: stocks, row 1: unknown market 'NASDAQ', known are KOSPI, KOSDAQ and KONEX"
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
