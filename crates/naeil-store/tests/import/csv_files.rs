//! The spellings of CSV that are accepted.

use naeil_domain::ports::{BarRequest, BarSource as _, StockDirectory as _};

use crate::support::{Bench, GOOD_ROWS, HEADER, figures, gzipped};

#[tokio::test]
async fn names_are_kept_and_codes_keep_their_zeros() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}"));
    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (3, 3, 0, 0, 0)
    );
    let stocks = bench.store.stocks().await.unwrap();
    let named: Vec<_> = stocks
        .iter()
        .map(|stock| (stock.code.as_str(), stock.name.as_str()))
        .collect();
    assert_eq!(named, [("000660", "SK하이닉스"), ("005930", "삼성전자")]);
}

#[tokio::test]
async fn a_byte_order_mark_windows_line_ends_quotes_spaces_and_more_columns() {
    let bench = Bench::new().await;
    let text = "\u{feff}code,name,market,date,open,high,low,close,volume,adj_close\r\n\
        \"005930\",\"Samsung, \"\"Electronics\"\"\",kospi, 20240102 ,78200,79800,78200,79600,17142847,1\r\n\
        \r\n\
        005930,,KOSPI,2024-01-03,78500,78800,77000,7.7e4,21753644,1";
    for (name, contents) in [
        ("bars.csv", text.as_bytes().to_vec()),
        ("bars.csv.gz", gzipped(text.as_bytes())),
        // Members one after the other are one file.
        (
            "BARS.CSV.GZ",
            [
                gzipped(&text.as_bytes()[..100]),
                gzipped(&text.as_bytes()[100..]),
            ]
            .concat(),
        ),
    ] {
        let path = bench.file(name, contents);
        let report = bench.import(&path).await.unwrap();
        assert_eq!(
            (report.rows_read, report.n_refused()),
            (2, 0),
            "{name}: {report:?}"
        );
        assert_eq!(report.stored + report.unchanged, 2);
    }
    assert_eq!(bench.closes("005930").await, ["79600", "77000"]);
    // The newest session states no name, which takes none away.
    let stocks = bench.store.stocks().await.unwrap();
    assert_eq!(stocks[0].name, "Samsung, \"Electronics\"");
}

#[tokio::test]
async fn a_file_with_factors_is_as_traded_and_adjusted_when_read() {
    let bench = Bench::new().await;
    let text = "code,name,market,date,open,high,low,close,volume,adjustment_factor\n\
        035720,Kakao,KOSPI,2021-04-09,549000,561000,543000,558000,1000,1\n\
        035720,Kakao,KOSPI,2021-04-15,112000,133500,112000,120500,5000,5\n";
    let path = bench.file("bars.csv", text);
    bench.import(&path).await.unwrap();
    let panel = bench.store.bars(&BarRequest::default()).await.unwrap();
    let bars = panel.stock_bars(0);
    let last = panel.sessions().len() - 1;
    assert_eq!((bars.close[0], bars.close[last]), (558_000.0, 602_500.0));
    assert_eq!((bars.volume[0], bars.volume[last]), (1000.0, 1000.0));
    // 9, 12, 13, 14, 15 April 2021 were sessions; the calendar knows those without a bar.
    assert_eq!(panel.sessions().len(), 5);
    assert!(bars.close[1].is_nan());
}

#[tokio::test]
async fn years_without_a_calendar_keep_the_sessions_that_were_observed() {
    let bench = Bench::new().await;
    let text = format!(
        "{HEADER}005930,x,KOSPI,2009-12-26,100,110,90,100,1\n005930,x,KOSPI,2009-12-30,100,110,90,101,1\n"
    );
    let path = bench.file("bars.csv", text);
    // A Saturday, but nobody can tell.
    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (2, 2, 0, 0, 0)
    );
    assert_eq!(bench.closes("005930").await, ["100", "101"]);
}

#[tokio::test]
async fn progress_counts_rows_and_bytes_up_to_the_end() {
    use naeil_store::ImportPhase;
    use naeil_store::import::FileSource;

    let bench = Bench::new().await;
    let rows: String = (0..9000)
        .map(|n| format!("A{n:05},x,KOSPI,2024-01-02,100,110,90,100,{n}\n"))
        .collect();
    let text = format!("{HEADER}{rows}");
    let path = bench.file("bars.csv", &text);
    let mut seen = Vec::new();
    let mut source = FileSource::open(&path).unwrap();
    let options = bench.options();
    let report = bench
        .store
        .import(&mut source, &options, &mut |progress| seen.push(progress))
        .await
        .unwrap();
    assert_eq!(figures(&report), (9000, 9000, 0, 0, 0));
    assert!(
        seen.is_sorted_by_key(|progress| progress.rows_read),
        "{seen:?}"
    );
    assert!(seen.len() > 2, "{seen:?}");
    assert_eq!(seen[0].phase, ImportPhase::Reading);
    let last = seen[seen.len() - 1];
    assert_eq!((last.phase, last.rows_read), (ImportPhase::Storing, 9000));
    let bytes = Some(text.len() as u64);
    assert_eq!((last.bytes_read, last.total_bytes), (bytes, bytes));
}
