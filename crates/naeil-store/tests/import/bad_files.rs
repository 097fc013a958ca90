//! Files that are refused as a whole: the exact words, and nothing stored.

use std::path::Path;

use crate::support::{Bench, GOOD_ROWS, HEADER, gzipped};

#[tokio::test]
async fn a_missing_file() {
    let bench = Bench::new().await;
    let expected = "cannot read FOLDER/none.csv: check that it exists and may be read";
    bench.check_error(&bench.path("none.csv"), expected).await;
}

#[tokio::test]
async fn a_folder() {
    let bench = Bench::new().await;
    std::fs::create_dir(bench.path("bars.csv")).unwrap();
    let expected = "FOLDER/bars.csv is a folder, name the files in it";
    bench.check_error(&bench.path("bars.csv"), expected).await;
}

#[tokio::test]
async fn an_unknown_format() {
    let bench = Bench::new().await;
    let path = bench.file("bars.xlsx", "PK");
    let expected =
        "FOLDER/bars.xlsx has an unknown format, its name must end in .parquet, .csv or .csv.gz";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn an_empty_file() {
    let bench = Bench::new().await;
    for name in ["bars.csv", "bars.csv.gz", "bars.parquet"] {
        let path = bench.file(name, "");
        let expected = format!("FOLDER/{name} is empty, not even a header is there");
        bench.check_error(&path, &expected).await;
    }
}

#[tokio::test]
async fn a_gzipped_nothing() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv.gz", gzipped(b""));
    let expected = "FOLDER/bars.csv.gz is empty, not even a header is there";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_header_without_rows() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv", HEADER);
    let expected = "the file has a header but no rows, nothing was stored";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_missing_column() {
    let bench = Bench::new().await;
    let header = HEADER.replace(",volume", "");
    let path = bench.file("bars.csv", format!("{header}{GOOD_ROWS}"));
    let expected = "FOLDER/bars.csv lacks the column volume; it has code, name, market, date, open, high, low, close";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn columns_under_other_names() {
    let bench = Bench::new().await;
    let header = "Ticker,name,market,Date,open,high,low,close,vol\n";
    let path = bench.file("bars.csv", format!("{header}{GOOD_ROWS}"));
    let expected = "FOLDER/bars.csv lacks the columns code, date, volume; it has Ticker, name, market, Date, open, high, low, close, vol; did you mean Ticker for code, Date for date, vol for volume?";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn no_header_at_all() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv", GOOD_ROWS);
    let expected = "FOLDER/bars.csv lacks the columns code, name, market, date, open, high, low, close, volume; it has 005930, 삼성전자, KOSPI, 2024-01-02, 78200, 79800, 78200, 79600, 17142847";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_column_twice() {
    let bench = Bench::new().await;
    let header = HEADER.replace('\n', ",close\n");
    let rows = GOOD_ROWS.replace('\n', ",1\n");
    let path = bench.file("bars.csv", format!("{header}{rows}"));
    let expected = "FOLDER/bars.csv has the column close twice, rename or remove one";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_quote_that_is_never_closed() {
    let bench = Bench::new().await;
    let rows = GOOD_ROWS.replacen("삼성전자", "\"삼성전자", 1);
    let path = bench.file("bars.csv", format!("{HEADER}{rows}"));
    let expected = "line 2 of FOLDER/bars.csv has a quote that is not closed on that line";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_gzipped_file_that_is_cut_off() {
    let bench = Bench::new().await;
    // Long enough that rows have been read when the end comes too early.
    let rows: String = (0..20_000)
        .map(|n| {
            format!(
                "A{n:05},x,KOSPI,2024-01-02,100,110,90,{},{n}\n",
                95 + n % 11
            )
        })
        .collect();
    let mut bytes = gzipped(format!("{HEADER}{rows}").as_bytes());
    bytes.truncate(bytes.len() / 2);
    let path = bench.file("bars.csv.gz", bytes);
    let expected =
        "FOLDER/bars.csv.gz is damaged or cut off, fetch it again: incomplete deflate stream";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_file_that_only_claims_to_be_gzipped() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv.gz", format!("{HEADER}{GOOD_ROWS}"));
    let expected = "FOLDER/bars.csv.gz is damaged or cut off, fetch it again: invalid gzip header";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_rejects_file_that_cannot_be_written() {
    let bench = Bench::new().await;
    std::fs::create_dir(bench.path("rejects.csv")).unwrap();
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}bad\n"));
    let expected = "cannot write the rejects file FOLDER/rejects.csv";
    bench.check_error(&path, expected).await;
}

/// The message names the file as it was given, so that it can be found again.
#[tokio::test]
async fn errors_keep_what_the_system_said() {
    let error = naeil_store::import::FileSource::open(Path::new("none.csv")).unwrap_err();
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(
        source.as_deref(),
        Some("No such file or directory (os error 2)")
    );
}

#[tokio::test]
async fn a_line_without_end() {
    let bench = Bench::new().await;
    // 8 MiB of rubbish after a good row: plain, behind an open quote, and zipped to a few KiB.
    let endless = |start: &str| [HEADER, GOOD_ROWS, start, &"A".repeat(8 << 20)].concat();
    let plain = endless("");
    let files = [
        ("bars.csv", plain.clone().into_bytes()),
        (
            "quote.csv",
            endless("005930,\"").replace('A', "AAA\n").into_bytes(),
        ),
        ("bars.csv.gz", gzipped(plain.as_bytes())),
    ];
    for (name, bytes) in files {
        let path = bench.file(name, bytes);
        let expected = format!(
            "FOLDER/{name} is damaged or cut off, fetch it again: a line is longer than 1048576 bytes"
        );
        bench.check_error(&path, &expected).await;
    }
}
