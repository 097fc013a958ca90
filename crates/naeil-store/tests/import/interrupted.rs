//! Imports that stop half-way, and readers and writers beside one that is under way.

use std::path::PathBuf;
use std::pin::pin;

use naeil_domain::ports::{BarRequest, BarSource as _, PredictionLog as _, StockDirectory as _};
use naeil_domain::{Bar, Session, Stock};
use naeil_store::import::{IterSource, RowSink, RowSource};
use naeil_store::{ImportError, Store};
use naeil_test_support::builders::{PredictionBuilder, bar, code, session, sessions, stock};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::support::{closes, options};

/// Bars of ever new stocks over 20 sessions; it does not end.
fn endless() -> impl Iterator<Item = (Stock, Session, Bar)> + Send {
    let sessions = sessions("2024-01-02", 20);
    (100_000..).flat_map(move |n| {
        let stock = stock(&n.to_string());
        sessions
            .clone()
            .into_iter()
            .map(move |session| (stock.clone(), session, bar(100.0)))
    })
}

/// Hands over the bars of an iterator and then fails, as a file on a broken disk does.
struct FailsAtTheEnd<S>(S);

impl<S: RowSource> RowSource for FailsAtTheEnd<S> {
    fn read(&mut self, max_rows: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError> {
        if self.0.read(max_rows, sink)? {
            return Ok(true);
        }
        Err(ImportError::Unreadable {
            path: PathBuf::from("bars.csv"),
            source: std::io::Error::other("the disk is gone"),
        })
    }
}

async fn file_store(folder: &TempDir) -> Store {
    Store::open_file(&folder.path().join("store.db"))
        .await
        .unwrap()
}

/// Puts one bar in, so that "unchanged" is more than "empty".
async fn with_one_bar(store: Store) -> Store {
    let bars = [(stock("005930"), session("2024-01-02"), bar(79600.0))];
    let mut source = IterSource::new(bars);
    let report = store
        .import(&mut source, &options(None), &mut |_| {})
        .await
        .unwrap();
    assert_eq!(report.stored, 1);
    store
}

async fn is_as_before(store: &Store) {
    let state = store.data_state().await.unwrap().unwrap();
    assert_eq!(
        (state.revision, state.last_session),
        (1, session("2024-01-02"))
    );
    assert_eq!(store.stocks().await.unwrap().len(), 1);
    let panel = store.bars(&BarRequest::default()).await.unwrap();
    assert_eq!((panel.sessions().len(), panel.stocks().len()), (1, 1));
}

async fn check_dropped(store: Store) {
    let store = with_one_bar(store).await;
    let (report_progress, mut progress) = mpsc::unbounded_channel();
    {
        let options = options(None);
        let mut source = IterSource::new(endless());
        let mut on_progress = move |now| report_progress.send(now).unwrap();
        let mut import = pin!(store.import(&mut source, &options, &mut on_progress));
        let mut rows_read = 0;
        while rows_read < 20_000 {
            tokio::select! {
                biased;
                now = progress.recv() => rows_read = now.unwrap().rows_read,
                ended = &mut import => panic!("an endless import ended: {ended:?}"),
            }
        }
        // Here the import is dropped: 20,000 rows in, none of them committed.
    }
    is_as_before(&store).await;
    // Its connection serves again, and nothing of what it had set aside is in the way.
    let bars = [(stock("000660"), session("2024-01-03"), bar(100.0))];
    let mut source = IterSource::new(bars);
    let report = store.import(&mut source, &options(None), &mut |_| {}).await;
    assert_eq!(report.unwrap().stored, 1);
}

#[tokio::test]
async fn a_dropped_import_leaves_nothing_in_a_file() {
    let folder = TempDir::new().unwrap();
    check_dropped(file_store(&folder).await).await;
}

#[tokio::test]
async fn a_dropped_import_leaves_nothing_in_memory() {
    check_dropped(Store::open_in_memory().await.unwrap()).await;
}

#[tokio::test]
async fn a_source_that_fails_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    for store in [
        file_store(&folder).await,
        Store::open_in_memory().await.unwrap(),
    ] {
        let store = with_one_bar(store).await;
        let mut source = FailsAtTheEnd(IterSource::new(endless().take(10_000)));
        let error = store
            .import(&mut source, &options(None), &mut |_| {})
            .await
            .unwrap_err();
        assert!(matches!(error, ImportError::Unreadable { .. }), "{error:?}");
        is_as_before(&store).await;

        // Run again, it brings everything in.
        let mut source = IterSource::new(endless().take(10_000));
        let report = store.import(&mut source, &options(None), &mut |_| {}).await;
        assert_eq!(report.unwrap().stored, 10_000);
    }
}

#[tokio::test]
async fn others_read_and_write_while_a_file_is_imported() {
    let folder = TempDir::new().unwrap();
    let store = with_one_bar(file_store(&folder).await).await;
    let other = file_store(&folder).await;

    let (report_progress, mut progress) = mpsc::unbounded_channel();
    let options = options(None);
    let mut source = IterSource::new(endless().take(30_000));
    let mut on_progress = move |now| report_progress.send(now).unwrap();
    let mut import = pin!(store.import(&mut source, &options, &mut on_progress));
    tokio::select! {
        biased;
        now = progress.recv() => assert!(now.unwrap().rows_read < 30_000),
        ended = &mut import => panic!("it ended before the others came: {ended:?}"),
    }
    // The import stands still in the middle of its transaction.
    is_as_before(&other).await;
    let answer = PredictionBuilder::new("005930").logged("request-1");
    other.append(&[answer]).await.unwrap();
    assert_eq!(other.count(&code("005930")).await.unwrap(), 1);

    // What was written meanwhile does not turn the import away.
    let report = import.await.unwrap();
    assert_eq!(report.stored, 30_000);
    assert_eq!(other.stocks().await.unwrap().len(), 1501);
    assert_eq!(closes(&other, "100000").await.len(), 20);
    assert_eq!(other.data_state().await.unwrap().unwrap().revision, 2);
}

#[tokio::test]
async fn two_imports_of_the_same_bars_at_once_store_them_once() {
    let folder = TempDir::new().unwrap();
    let stores = [file_store(&folder).await, file_store(&folder).await];
    let importing = stores.map(|store| {
        tokio::spawn(async move {
            let mut source = IterSource::new(endless().take(5000));
            let report = store.import(&mut source, &options(None), &mut |_| {}).await;
            report.unwrap()
        })
    });
    let mut totals = (0, 0, 0);
    for import in importing {
        let report = import.await.unwrap();
        totals.0 += report.stored;
        totals.1 += report.unchanged;
        totals.2 += report.corrected;
    }
    assert_eq!(totals, (5000, 5000, 0));
}
