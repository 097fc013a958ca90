//! Recorded files of the development data folder, defects and all.

use std::time::Instant;

use naeil_domain::Exchange;
use naeil_domain::ports::{BarHistory as _, BarRequest, BarSource as _, StockDirectory as _};

use crate::support::{Bench, GOOD_ROWS, HEADER, counts, figures, recorded_file};

#[tokio::test]
async fn six_stocks_of_a_gzipped_csv() {
    let Some(path) = recorded_file("krx_demo_mit_2016_2021.csv.gz") else {
        return;
    };
    let bench = Bench::new().await;
    let report = bench.import(&path).await.unwrap();
    assert_eq!(figures(&report), (6870, 6870, 0, 0, 0));
    let stocks = bench.store.stocks().await.unwrap();
    let codes: Vec<&str> = stocks.iter().map(|stock| stock.code.as_str()).collect();
    assert_eq!(
        codes,
        ["005380", "005930", "035420", "035720", "051910", "068270"]
    );
    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (6870, 0, 0, 6870, 0)
    );
}

/// The counts were made independently, with pyarrow and the same rules written out in Python.
#[tokio::test]
async fn a_file_full_of_defects_loses_the_rows_that_cannot_have_happened() {
    let Some(path) = recorded_file("krx_mixed_basis_2016_2018.parquet") else {
        return;
    };
    let bench = Bench::new().await;
    let report = bench.import(&path).await.unwrap();
    assert_eq!(figures(&report), (100_697, 96_653, 0, 0, 4044));
    let expected = [
        ("not_a_session", 109),
        ("outside_range", 3155),
        ("zero_price", 780),
    ];
    assert_eq!(report.refused, counts(expected));
    assert_eq!(bench.rejects().len(), 4044);
}

/// Other exchanges have codes, sessions and days of their own beside those of XKRX. Three of the
/// American codes are written as NYSE:LMT and refused.
#[tokio::test]
async fn other_markets_come_in_beside_the_korean_one() {
    let files = [
        (
            "us_sp500_2012_2016.parquet",
            Exchange::Us,
            338,
            "2016-12-30",
        ),
        (
            "cn_csi300_2015_2022.parquet",
            Exchange::Cn,
            148,
            "2022-12-30",
        ),
    ];
    for bench in Bench::on_every_database().await {
        let korean = bench.file("korean.csv", format!("{HEADER}{GOOD_ROWS}"));
        bench.import(&korean).await.unwrap();
        for (name, exchange, n_stocks, last) in files {
            let Some(path) = recorded_file(name) else {
                return;
            };
            let report = bench.import(&path).await.unwrap();
            assert_eq!(report.stored + report.n_refused(), report.rows_read);
            let store = bench.store.clone().for_exchange(exchange);
            assert_eq!(store.stocks().await.unwrap().len(), n_stocks);
            let state = store.data_state().await.unwrap().unwrap();
            assert_eq!(state.last_session.to_string(), last);
            // The refused rows are this exchange's alone.
            let refused: u64 = store
                .refused()
                .await
                .unwrap()
                .iter()
                .map(|row| row.count)
                .sum();
            assert_eq!(refused, report.n_refused());
        }
        assert_eq!(bench.store.stocks().await.unwrap().len(), 2);
        assert_eq!(bench.store.refused().await.unwrap(), []);
        let state = bench.store.data_state().await.unwrap().unwrap();
        assert_eq!(state.last_session.to_string(), "2024-01-03");
    }
}

/// Counted independently, as above; the two rows refused have a close of 0.
#[tokio::test]
async fn the_main_set_comes_in_and_its_last_sessions_come_out() {
    let Some(path) = recorded_file("krx_daily_2019_2024.parquet") else {
        return;
    };
    let mut benches = vec![Bench::in_a_file().await];
    benches.extend(Bench::on_postgres().await);
    for bench in benches {
        let report = bench.import(&path).await.unwrap();
        eprintln!(
            "imported {} rows in {:.1?}",
            report.rows_read, report.elapsed
        );
        assert_eq!(figures(&report), (1_415_909, 1_415_907, 0, 0, 2));
        assert_eq!(report.refused, counts([("zero_price", 2)]));

        let mut request = BarRequest {
            last_sessions: Some(320),
            ..BarRequest::default()
        };
        let started = Instant::now();
        let panel = bench.store.bars(&request).await.unwrap();
        let shape = (panel.sessions().len(), panel.stocks().len());
        eprintln!("read {shape:?} bars in {:.1?}", started.elapsed());
        assert_eq!(shape, (320, 1089));
        assert_eq!(panel.sessions()[319].to_string(), "2024-12-30");
        // What is packed and what is kept one by one say the same.
        request.last_sessions = Some(5);
        let packed = bench.store.bars(&request).await.unwrap();
        request.as_known_at = Some(chrono::Utc::now());
        let one_by_one = bench.store.bars(&request).await.unwrap();
        assert_eq!(format!("{packed:?}"), format!("{one_by_one:?}"));
    }
}
