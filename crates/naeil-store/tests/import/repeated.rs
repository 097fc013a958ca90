//! The same file again, and files that correct others.

use chrono::Utc;
use naeil_domain::StockDetails;
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

#[tokio::test]
async fn a_clean_import_leaves_no_refusals_of_an_earlier_one() {
    let bench = Bench::new().await;
    let bad = "005930,x,KOSPI,2024-01-04,never,2,1,1,5\n";
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}{bad}"));
    let report = bench.import(&path).await.unwrap();
    assert_eq!(report.rejects_file, Some(bench.path("rejects.csv")));
    assert_eq!(bench.rejects().len(), 1);
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}"));
    let report = bench.import(&path).await.unwrap();
    assert_eq!(report.rejects_file, None);
    assert!(!bench.path("rejects.csv").exists());
}

/// A file of one bar whose stock has this name, if any.
fn named(bench: &Bench, date: &str, name: &str) -> std::path::PathBuf {
    let row = format!("005930,{name},KOSPI,{date},78200,79800,78200,79600,17142847\n");
    bench.file("bars.csv", format!("{HEADER}{row}"))
}

#[tokio::test]
async fn a_source_without_names_takes_none_away() {
    for bench in Bench::on_every_database().await {
        let name = async || bench.store.stocks().await.unwrap()[0].name.clone();
        let import = async |date: &str, name: &str| {
            let file = named(&bench, date, name);
            bench.import(&file).await.unwrap();
        };
        import("2024-01-03", "005930").await;
        assert_eq!(name().await, "005930");
        // Older than what is known, but the first one.
        import("2024-01-02", "삼성전자").await;
        assert_eq!(name().await, "삼성전자");
        for silent in ["005930", ""] {
            import("2024-01-04", silent).await;
            assert_eq!(name().await, "삼성전자");
        }
        import("2024-01-05", "Samsung").await;
        assert_eq!(name().await, "Samsung");
        import("2024-01-04", "삼성전자").await;
        assert_eq!(name().await, "Samsung", "an older name");
    }
}

#[tokio::test]
async fn within_a_file_the_newest_name_counts_and_silence_does_not() {
    let bench = Bench::new().await;
    let row = |date, name: &str| format!("005930,{name},KOSPI,{date},10,11,9,10,5\n");
    let rows = [
        row("2024-01-03", "new"),
        row("2024-01-02", "old"),
        row("2024-01-04", ""),
        row("2024-01-05", "005930"),
    ];
    let file = bench.file("bars.csv", format!("{HEADER}{}", rows.concat()));
    bench.import(&file).await.unwrap();
    assert_eq!(bench.store.stocks().await.unwrap()[0].name, "new");
}

#[tokio::test]
async fn details_are_those_last_said_and_silence_takes_none_back() {
    const COLUMNS: &str = "code,name,market,date,open,high,low,close,volume,\
                           isin,sector,listed_on,delisted_on\n";
    for bench in Bench::on_every_database().await {
        let import = async |date: &str, details: &str| {
            let row = format!("005930,x,KOSPI,{date},10,11,9,10,5,{details}\n");
            let file = bench.file("bars.csv", format!("{COLUMNS}{row}"));
            bench.import(&file).await.unwrap();
            let details = bench.store.details().await.unwrap();
            assert_eq!(details[0].0.as_str(), "005930");
            let StockDetails {
                isin,
                sector,
                listed_on,
                delisted_on,
            } = details[0].1.clone();
            let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
            [isin, sector, day(listed_on), day(delisted_on)].map(Option::unwrap_or_default)
        };
        let all = "KR7005930003,Electronics,1975-06-11,2024-12-30";
        let said = ["KR7005930003", "Electronics", "1975-06-11", "2024-12-30"];
        assert_eq!(import("2024-01-03", all).await, said);
        assert_eq!(import("2024-01-04", ",,,").await, said, "silence");
        let older = "KR7000000000,Radios,1970-01-05,2020-12-30";
        assert_eq!(import("2024-01-02", older).await, said, "an older row");
        assert_eq!(
            import("2024-01-05", ",Chips,,2024-12-27").await,
            ["KR7005930003", "Chips", "1975-06-11", "2024-12-27"]
        );
    }
}
