//! What the tests of this folder share.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use naeil_domain::ports::{BarRequest, BarSource as _, StockDirectory as _};
use naeil_domain::{DataOrigin, PriceBasis, TradingCalendar};
use naeil_services::test_database::TestDatabase;
use naeil_store::import::{FileSource, RowSource};
use naeil_store::{ImportError, ImportOptions, ImportReport, Store};
use tempfile::TempDir;

pub(crate) const HEADER: &str = "code,name,market,date,open,high,low,close,volume\n";

/// Three rows that nothing is wrong with.
pub(crate) const GOOD_ROWS: &str = "\
005930,삼성전자,KOSPI,2024-01-02,78200,79800,78200,79600,17142847
005930,삼성전자,KOSPI,2024-01-03,78500,78800,77000,77000,21753644
000660,SK하이닉스,KOSPI,2024-01-02,140700,143600,138300,142400,2147458
";

/// A folder with files to import, and an empty store.
pub(crate) struct Bench {
    pub(crate) store: Store,
    folder: TempDir,
    _database: Option<TestDatabase>,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self {
            store: Store::open_in_memory().await.unwrap(),
            folder: TempDir::new().unwrap(),
            _database: None,
        }
    }

    /// The store is a file.
    pub(crate) async fn in_a_file() -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            store: Store::open_file(&folder.path().join("store.db"))
                .await
                .unwrap(),
            folder,
            _database: None,
        }
    }

    /// The store is a PostgreSQL database; `None` where there is no server and none is required.
    pub(crate) async fn on_postgres() -> Option<Self> {
        let database = TestDatabase::create_or_skip()?;
        Some(Self {
            store: Store::open(database.url()).await.unwrap(),
            folder: TempDir::new().unwrap(),
            _database: Some(database),
        })
    }

    /// One of each kind of database.
    pub(crate) async fn on_every_database() -> Vec<Self> {
        let mut benches = vec![Self::new().await, Self::in_a_file().await];
        benches.extend(Self::on_postgres().await);
        benches
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, contents).unwrap();
        path
    }

    pub(crate) fn options(&self) -> ImportOptions {
        options(Some(self.path("rejects.csv")))
    }

    pub(crate) async fn import(&self, path: &Path) -> Result<ImportReport, ImportError> {
        let mut source = FileSource::open(path)?;
        self.import_from(&mut source).await
    }

    pub(crate) async fn import_from(
        &self,
        source: &mut dyn RowSource,
    ) -> Result<ImportReport, ImportError> {
        let options = self.options();
        self.store.import(source, &options, &mut |_| {}).await
    }

    /// The import fails with this message, `FOLDER` standing for the bench's own; nothing is stored.
    pub(crate) async fn check_error(&self, path: &Path, expected: &str) {
        let error = self.import(path).await.unwrap_err();
        let folder = format!("{}/", self.folder.path().display());
        assert_eq!(error.to_string().replace(&folder, "FOLDER/"), expected);
        assert_eq!(self.store.data_state().await.unwrap(), None);
        assert_eq!(self.store.stocks().await.unwrap(), []);
    }

    /// The lines of the rejects file after its header.
    pub(crate) fn rejects(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("rejects.csv")).unwrap();
        let mut lines = text.lines().map(str::to_owned);
        assert_eq!(
            lines.next().as_deref(),
            Some("line,code,date,reason,explanation,value")
        );
        lines.collect()
    }

    /// Every close of one stock as text, `NaN` where there is no bar.
    pub(crate) async fn closes(&self, code: &str) -> Vec<String> {
        closes(&self.store, code).await
    }
}

pub(crate) fn options(rejects_file: Option<PathBuf>) -> ImportOptions {
    ImportOptions {
        basis: PriceBasis::BackAdjusted,
        origin: DataOrigin::Recorded,
        today: "2024-12-31".parse().unwrap(),
        calendar: TradingCalendar::xkrx(),
        rejects_file,
        source_name: "the file".to_owned(),
        dry_run: false,
    }
}

pub(crate) async fn closes(store: &Store, code: &str) -> Vec<String> {
    let request = BarRequest {
        codes: Some(vec![code.parse().unwrap()]),
        ..BarRequest::default()
    };
    let panel = store.bars(&request).await.unwrap();
    match panel.stocks() {
        [] => Vec::new(),
        _ => panel
            .stock_bars(0)
            .close
            .iter()
            .map(f64::to_string)
            .collect(),
    }
}

pub(crate) fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn counts<const N: usize>(
    pairs: [(&'static str, u64); N],
) -> BTreeMap<&'static str, u64> {
    BTreeMap::from(pairs)
}

/// (read, stored, corrected, unchanged, refused)
pub(crate) fn figures(report: &ImportReport) -> (u64, u64, u64, u64, u64) {
    (
        report.rows_read,
        report.stored,
        report.corrected,
        report.unchanged,
        report.n_refused(),
    )
}

/// A file of the development data folder, or a word on why the test does nothing.
pub(crate) fn recorded_file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("NAEIL_DEV_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = folder.join("data").join(name);
    if File::open(&path).is_err() {
        eprintln!(
            "skipped: the development data folder has no {}",
            path.display()
        );
        return None;
    }
    Some(path)
}
