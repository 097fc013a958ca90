use async_trait::async_trait;
use naeil_domain::ports::{
    BarHistory, BarRequest, BarSink, BarSource, DataState, Ledger, PredictionLog, RefusedBar,
    StockDirectory, StoreError,
};
use naeil_domain::{
    Bar, BarPanel, CorporateAction, DataOrigin, LedgerEntry, LoggedPrediction, PriceBasis, Session,
    Stock, StockCode, StockDetails, TradingCalendar,
};
use naeil_services::test_database::TestDatabase;
use naeil_test_support::suites;
use sea_orm::{ConnectionTrait as _, Statement};
use tempfile::TempDir;

use super::test_server::test_database;
use super::*;
use crate::error::ImportError;
use crate::import::{
    EnteredAction, ImportOptions, IterSource, ReadRow, RowDetails, RowSink, RowSource, SourceRow,
    take_turn,
};
use crate::migrations::later::{Contracted, Expanded};

/// A store and what it lives in.
struct Subject {
    store: Store,
    _folder: Option<TempDir>,
    _database: Option<TestDatabase>,
}

async fn in_memory() -> Subject {
    Subject {
        store: Store::open_in_memory().await.unwrap(),
        _folder: None,
        _database: None,
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
        _database: None,
    }
}

async fn on_postgres() -> Subject {
    let database = TestDatabase::create().unwrap();
    Subject {
        store: Store::open(database.url()).await.unwrap(),
        _folder: None,
        _database: Some(database),
    }
}

/// A file whose schema a later version has expanded.
async fn in_a_later_file() -> Subject {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let mut options = super::sqlite::file(&super::sqlite::url(&path));
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    apply::<Expanded>(&db).await.unwrap();
    db.close().await.unwrap();
    Subject {
        store: Store::open_file(&path).await.unwrap(),
        _folder: Some(folder),
        _database: None,
    }
}

async fn on_a_later_postgres() -> Subject {
    let database = TestDatabase::create().unwrap();
    let db = Database::connect(database.url()).await.unwrap();
    apply::<Expanded>(&db).await.unwrap();
    db.close().await.unwrap();
    Subject {
        store: Store::open(database.url()).await.unwrap(),
        _folder: None,
        _database: Some(database),
    }
}

/// Everything that a store promises.
async fn check(fresh: impl AsyncFn() -> Subject) {
    suites::bars::check(&fresh).await;
    suites::history::check(&fresh).await;
    suites::prediction_log::check(&fresh).await;
    suites::ledger::check(&fresh).await;
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
            origin,
            ..options()
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

#[async_trait]
impl BarHistory for Subject {
    async fn scan(&self, request: &BarRequest, sink: &mut BarSink<'_>) -> Result<(), StoreError> {
        self.store.scan(request, sink).await
    }

    async fn actions(
        &self,
        as_known_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<CorporateAction>, StoreError> {
        self.store.actions(as_known_at).await
    }

    async fn refused(&self) -> Result<Vec<RefusedBar>, StoreError> {
        self.store.refused().await
    }
}

#[async_trait]
impl suites::history::HistoryUnderTest for Subject {
    async fn put_stated(&self, rows: Vec<(Stock, Session, Bar, Option<f64>)>) {
        let mut source = StatedRows(rows);
        let options = options();
        let report = self.store.import(&mut source, &options, &mut |_| {}).await;
        report.unwrap();
    }

    async fn enter(&self, action: CorporateAction) {
        let entered = EnteredAction { line: 2, action };
        let report = self.store.import_actions("the suite", &[entered]).await;
        report.unwrap();
    }
}

/// Rows with the base prices that an exchange states.
struct StatedRows(Vec<(Stock, Session, Bar, Option<f64>)>);

impl RowSource for StatedRows {
    fn read(&mut self, _: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError> {
        for (line, (stock, session, bar, base_price)) in (1..).zip(&self.0) {
            sink(ReadRow::Typed(SourceRow {
                line,
                code: stock.code.as_str(),
                name: &stock.name,
                market: stock.market.as_str(),
                date: session.date(),
                open: bar.open,
                high: bar.high,
                low: bar.low,
                close: bar.close,
                volume: bar.volume,
                adjustment_factor: Some(bar.adjustment_factor),
                basis: Some(bar.basis),
                base_price: *base_price,
                details: RowDetails::default(),
            }))?;
        }
        Ok(false)
    }
}

#[tokio::test]
async fn in_memory_it_keeps_every_promise() {
    check(in_memory).await;
}

#[tokio::test]
async fn in_a_file_it_keeps_every_promise() {
    check(in_a_file).await;
}

#[tokio::test]
async fn on_postgres_it_keeps_every_promise() {
    if test_database().is_some() {
        check(on_postgres).await;
    }
}

/// A binary goes on working while a later one has expanded the schema under it.
#[tokio::test]
async fn on_a_later_schema_it_keeps_every_promise() {
    check(in_a_later_file).await;
    if test_database().is_some() {
        check(on_a_later_postgres).await;
    }
}

fn options() -> ImportOptions {
    ImportOptions {
        basis: PriceBasis::AsTraded,
        origin: DataOrigin::Recorded,
        today: "2024-12-31".parse().unwrap(),
        calendar: TradingCalendar::xkrx(),
        rejects_file: None,
        source_name: "the suite".to_owned(),
        dry_run: false,
    }
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
    let mut options = super::sqlite::file(&super::sqlite::url(&path));
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
    let Some(database) = test_database() else {
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
    let Some(database) = test_database() else {
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
    if test_database().is_some() {
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
