//! Stores of every kind, as the behaviour suites want them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
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
use sea_orm::Database;
use tempfile::TempDir;

use crate::error::ImportError;
use crate::import::{
    EnteredAction, ImportOptions, IterSource, ReadRow, RowDetails, RowSink, RowSource, SourceRow,
};
use crate::migrations::apply;
use crate::migrations::later::Expanded;
use crate::store::{Store, sqlite};

/// A store and what it lives in.
pub(super) struct Subject {
    pub(super) store: Store,
    _folder: Option<TempDir>,
    _database: Option<TestDatabase>,
}

pub(super) async fn in_memory() -> Subject {
    Subject {
        store: Store::open_in_memory().await.unwrap(),
        _folder: None,
        _database: None,
    }
}

pub(super) async fn in_a_file() -> Subject {
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

pub(super) async fn on_postgres() -> Subject {
    let database = TestDatabase::create().unwrap();
    Subject {
        store: Store::open(database.url()).await.unwrap(),
        _folder: None,
        _database: Some(database),
    }
}

/// A file whose schema a later version has expanded.
pub(super) async fn in_a_later_file() -> Subject {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let mut options = sqlite::file(&sqlite::url(&path));
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

pub(super) async fn on_a_later_postgres() -> Subject {
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
