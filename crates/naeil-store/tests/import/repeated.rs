//! The same file again, and files that correct others.

use chrono::Utc;
use naeil_domain::ports::{BarRequest, BarSource as _, StockDirectory as _};
use naeil_store::ImportOptions;
use naeil_store::import::FileSource;

use crate::support::{Bench, GOOD_ROWS, HEADER, figures, options};

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}"));
    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (3, 3, 0, 0, 0)
    );
    let state = bench.store.data_state().await.unwrap();
    let panel = bench.store.bars(&BarRequest::default()).await.unwrap();
    let stocks = bench.store.stocks().await.unwrap();

    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (3, 0, 0, 3, 0)
    );
    assert_eq!(bench.store.data_state().await.unwrap(), state);
    let again = bench.store.bars(&BarRequest::default()).await.unwrap();
    // NaN differs from itself, so the panels are compared as text.
    assert_eq!(format!("{again:?}"), format!("{panel:?}"));
    assert_eq!(bench.store.stocks().await.unwrap(), stocks);
}

#[tokio::test]
async fn a_dry_run_counts_the_same_and_stores_nothing() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}"));
    let dry = ImportOptions {
        dry_run: true,
        ..options(None)
    };
    for _ in 0..2 {
        let mut source = FileSource::open(&path).unwrap();
        let report = bench
            .store
            .import(&mut source, &dry, &mut |_| ())
            .await
            .unwrap();
        assert_eq!(figures(&report), (3, 3, 0, 0, 0));
        assert_eq!(bench.store.data_state().await.unwrap(), None);
        assert_eq!(bench.store.stocks().await.unwrap(), []);
    }
    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (3, 3, 0, 0, 0)
    );
}

#[tokio::test]
async fn another_value_is_a_correction_and_the_old_one_stays_known() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}"));
    bench.import(&path).await.unwrap();
    let first = bench.store.data_state().await.unwrap().unwrap();
    let before = Utc::now();

    let corrected = GOOD_ROWS.replace("77000,21753644", "77500,21753644");
    let more = "005930,삼성전자,KOSPI,2024-01-04,76100,77300,76100,76600,15324439\n";
    let path = bench.file("corrected.csv", format!("{HEADER}{corrected}{more}"));
    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (4, 1, 1, 2, 0)
    );
    let second = bench.store.data_state().await.unwrap().unwrap();
    assert!(second.revision > first.revision);

    assert_eq!(bench.closes("005930").await, ["79600", "77500", "76600"]);
    let as_known_before = BarRequest {
        as_known_at: Some(before),
        codes: Some(vec!["005930".parse().unwrap()]),
        ..BarRequest::default()
    };
    let panel = bench.store.bars(&as_known_before).await.unwrap();
    assert_eq!(panel.stock_bars(0).close, [79600.0, 77000.0]);
}

#[tokio::test]
async fn a_basis_that_changes_is_a_correction() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}"));
    bench.import(&path).await.unwrap();
    let header = HEADER.replace('\n', ",adjustment_factor\n");
    let rows = GOOD_ROWS.replace('\n', ",1\n");
    let path = bench.file("as_traded.csv", format!("{header}{rows}"));
    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (3, 0, 3, 0, 0)
    );
    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (3, 0, 0, 3, 0)
    );
}

#[tokio::test]
async fn a_stock_is_called_what_its_newest_session_calls_it() {
    let bench = Bench::new().await;
    let row = |name: &str, market: &str, date: &str| {
        format!("{HEADER}247540,{name},{market},{date},100,110,90,100,1\n")
    };
    let newer = bench.file("newer.csv", row("new name", "KOSPI", "2024-02-01"));
    let older = bench.file("older.csv", row("old name", "KOSDAQ", "2023-02-01"));
    bench.import(&newer).await.unwrap();
    bench.import(&older).await.unwrap();
    let stock = bench.store.stocks().await.unwrap().remove(0);
    assert_eq!(
        (stock.name.as_str(), stock.market.as_str()),
        ("new name", "KOSPI")
    );
    assert_eq!(stock.first_session.to_string(), "2023-02-01");
    assert_eq!(stock.last_session.to_string(), "2024-02-01");
}

/// Imports into one PostgreSQL database at once take turns: nothing is lost, and no reader sees the
/// revision go back.
#[tokio::test(flavor = "multi_thread")]
async fn imports_at_once_take_turns_and_the_revision_only_grows() {
    let Some(bench) = Bench::on_postgres().await else {
        return;
    };
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let reader = {
        let (store, done) = (bench.store.clone(), done.clone());
        tokio::spawn(async move {
            let mut last = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let state = store.data_state().await.unwrap();
                let revision = state.map_or(0, |state| state.revision);
                assert!(revision >= last, "{revision} after {last}");
                last = revision;
            }
            last
        })
    };
    let imports: Vec<_> = (0..6)
        .map(|n| {
            // All of them know one bar differently, and each has one of its own.
            let rows = format!(
                "005930,x,KOSPI,2024-01-02,10,12,8,{},100\n00{n}000,y,KOSPI,2024-01-03,10,12,8,10,1\n",
                9 + n % 3
            );
            let path = bench.file(&format!("{n}.csv"), format!("{HEADER}{rows}"));
            let store = bench.store.clone();
            tokio::spawn(async move {
                let mut source = naeil_store::import::FileSource::open(&path).unwrap();
                store.import(&mut source, &options(None), &mut |_| {}).await
            })
        })
        .collect();
    let mut n_stored = 0;
    for import in imports {
        n_stored += import.await.unwrap().unwrap().stored;
    }
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(
        n_stored, 7,
        "six stocks of their own and one that they share"
    );
    assert!(reader.await.unwrap() <= 6);
}
