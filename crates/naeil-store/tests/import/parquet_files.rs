//! Parquet: the types that are understood, the rows that are refused, the files that are not.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, Float32Array, Float64Array, Int32Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
    TimestampNanosecondArray,
};
use naeil_domain::ports::StockDirectory as _;
use naeil_store::import::{FileSource, RowSource as _};
use parquet::arrow::ArrowWriter;

use crate::support::{Bench, counts, figures};

/// Days from 1970-01-01 to 2024-01-02: 54 years with 13 leap days, and one.
const DAY: i32 = 54 * 365 + 13 + 1;

type Column = (&'static str, ArrayRef);

fn column(name: &'static str, array: impl arrow_array::Array + 'static) -> Column {
    (name, Arc::new(array))
}

/// Two good rows of 005930 on 2024-01-02 and 03, in the types of our recorded files.
fn good() -> Vec<Column> {
    vec![
        column("code", LargeStringArray::from(vec!["005930", "005930"])),
        column("name", LargeStringArray::from(vec!["삼성전자", "삼성전자"])),
        column("market", LargeStringArray::from(vec!["KOSPI", "KOSPI"])),
        column("date", Date32Array::from(vec![DAY, DAY + 1])),
        column("open", Float64Array::from(vec![78200.0, 78500.0])),
        column("high", Float64Array::from(vec![79800.0, 78800.0])),
        column("low", Float64Array::from(vec![78200.0, 77000.0])),
        column("close", Float64Array::from(vec![79600.0, 77000.0])),
        column("volume", Int64Array::from(vec![17_142_847, 21_753_644])),
        column("amount", Int64Array::from(vec![1, 2])),
    ]
}

/// The good rows with one column replaced.
fn good_but(replacement: Column) -> Vec<Column> {
    let mut columns = good();
    let place = columns.iter_mut().find(|(name, _)| *name == replacement.0);
    *place.unwrap() = replacement;
    columns
}

fn write(bench: &Bench, columns: Vec<Column>) -> PathBuf {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let path = bench.path("bars.parquet");
    let file = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path
}

#[tokio::test]
async fn a_layout_renames_columns_and_markets() {
    let theirs = [
        ("code", "Code"),
        ("name", "Name"),
        ("market", "Market"),
        ("date", "Date"),
        ("open", "Open"),
        ("high", "High"),
        ("low", "Low"),
        ("close", "Close"),
        ("volume", "Volume"),
        ("amount", "Amount"),
    ];
    let market = StringArray::from(vec!["KOSDAQ GLOBAL", "KOSDAQ"]);
    let columns = good_but(column("market", market))
        .into_iter()
        .zip(theirs)
        .map(|((ours, array), (name, renamed))| {
            assert_eq!(ours, name);
            (renamed, array)
        })
        .collect();
    let bench = Bench::new().await;
    let path = write(&bench, columns);
    let shipped = naeil_store::import::SHIPPED
        .iter()
        .find(|shipped| shipped.name == "marcap")
        .unwrap();
    let layout = toml::from_str(shipped.toml).unwrap();
    let mut source = FileSource::open_with(&path, &layout).unwrap();
    let report = bench.import_from(&mut source).await.unwrap();
    assert_eq!(figures(&report), (2, 2, 0, 0, 0));
    assert_eq!(bench.closes("005930").await, ["79600", "77000"]);
    let stocks = bench.store.stocks().await.unwrap();
    assert_eq!(stocks[0].market.as_str(), "KOSDAQ");
}

async fn check_accepted(columns: Vec<Column>) {
    let bench = Bench::new().await;
    let path = write(&bench, columns);
    assert_eq!(
        figures(&bench.import(&path).await.unwrap()),
        (2, 2, 0, 0, 0)
    );
    assert_eq!(bench.closes("005930").await, ["79600", "77000"]);
    let stocks = bench.store.stocks().await.unwrap();
    assert_eq!(stocks[0].name, "삼성전자");
    assert_eq!(stocks[0].first_session.to_string(), "2024-01-02");
    assert_eq!(stocks[0].last_session.to_string(), "2024-01-03");
}

#[tokio::test]
async fn every_spelling_of_text_is_read() {
    check_accepted(good()).await;
    let codes = || vec!["005930", "005930"];
    check_accepted(good_but(column("code", StringArray::from(codes())))).await;
    check_accepted(good_but(column("code", StringViewArray::from(codes())))).await;
    let dictionary: DictionaryArray<Int32Type> = codes().into_iter().collect();
    check_accepted(good_but(column("code", dictionary))).await;
}

#[tokio::test]
async fn every_spelling_of_a_date_is_read() {
    check_accepted(good_but(column(
        "date",
        StringArray::from(vec!["2024-01-02", "20240103"]),
    )))
    .await;
    let day_ns = 86_400_000_000_000_i64;
    let days = vec![i64::from(DAY) * day_ns, i64::from(DAY + 1) * day_ns];
    check_accepted(good_but(column(
        "date",
        TimestampNanosecondArray::from(days),
    )))
    .await;
    // Midnight in Seoul is 15:00 of the day before in UTC, and the moment is stored as UTC.
    let day_us = 86_400_000_000_i64;
    let midnight = i64::from(DAY) * day_us - 9 * 3_600_000_000;
    let moments = TimestampMicrosecondArray::from(vec![midnight, midnight + day_us]);
    check_accepted(good_but(column(
        "date",
        moments.with_timezone("Asia/Seoul"),
    )))
    .await;
}

#[tokio::test]
async fn every_width_of_number_is_read() {
    check_accepted(good_but(column(
        "close",
        Float32Array::from(vec![79600.0, 77000.0]),
    )))
    .await;
    check_accepted(good_but(column(
        "close",
        Int32Array::from(vec![79600, 77000]),
    )))
    .await;
    check_accepted(good_but(column(
        "close",
        Int64Array::from(vec![79600, 77000]),
    )))
    .await;
    let volume = Float64Array::from(vec![17_142_847.0, 21_753_644.0]);
    check_accepted(good_but(column("volume", volume))).await;
}

async fn check_refused(columns: Vec<Column>, reason: &'static str, rejects_line: &str) {
    let bench = Bench::new().await;
    let path = write(&bench, columns);
    let report = bench.import(&path).await.unwrap();
    assert_eq!(figures(&report), (2, 1, 0, 0, 1), "{rejects_line}");
    assert_eq!(report.refused, counts([(reason, 1)]));
    assert_eq!(bench.rejects(), [rejects_line]);
}

#[tokio::test]
async fn nulls_are_missing_values() {
    check_refused(
        good_but(column(
            "open",
            Float64Array::from(vec![Some(78200.0), None]),
        )),
        "missing_value",
        "2,005930,2024-01-03,missing_value,open is missing,",
    )
    .await;
    let dictionary: DictionaryArray<Int32Type> = [Some("005930"), None].into_iter().collect();
    check_refused(
        good_but(column("code", dictionary)),
        "missing_value",
        "2,,2024-01-03,missing_value,code is missing,",
    )
    .await;
    check_refused(
        good_but(column("date", Date32Array::from(vec![Some(DAY), None]))),
        "missing_value",
        "2,005930,,missing_value,date is missing,",
    )
    .await;
}

#[tokio::test]
async fn a_nan_is_no_price() {
    check_refused(
        good_but(column("open", Float64Array::from(vec![78200.0, f64::NAN]))),
        "not_finite",
        "2,005930,2024-01-03,not_finite,a price or the volume is missing or not finite,open=NaN high=78800 low=77000 close=77000 volume=21753644 adjustment_factor=1",
    )
    .await;
}

#[tokio::test]
async fn a_day_beyond_every_calendar_is_a_bad_date() {
    check_refused(
        good_but(column("date", Date32Array::from(vec![DAY, i32::MAX]))),
        "bad_date",
        "2,005930,,bad_date,date lies outside every calendar,day 2147483647 since 1970-01-01",
    )
    .await;
}

#[tokio::test]
async fn codes_that_lost_their_zeros_are_refused_as_a_whole() {
    let bench = Bench::new().await;
    let path = write(
        &bench,
        good_but(column("code", Int64Array::from(vec![5930, 5930]))),
    );
    let expected =
        "column code of FOLDER/bars.parquet is Int64, expected text (codes have leading zeros)";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn text_where_numbers_or_dates_should_be() {
    let bench = Bench::new().await;
    let words = || StringArray::from(vec!["79600", "77000"]);
    let path = write(&bench, good_but(column("close", words())));
    let expected =
        "column close of FOLDER/bars.parquet is Utf8, expected a floating-point or whole number";
    bench.check_error(&path, expected).await;
    let path = write(
        &bench,
        good_but(column("date", Float64Array::from(vec![1.0, 2.0]))),
    );
    let expected = "column date of FOLDER/bars.parquet is Float64, expected a date, a timestamp, or text written as YYYY-MM-DD";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_missing_column() {
    let bench = Bench::new().await;
    let columns = good()
        .into_iter()
        .map(|(name, array)| (if name == "code" { "symbol" } else { name }, array))
        .collect();
    let expected = "FOLDER/bars.parquet lacks the column code; it has symbol, name, market, date, open, high, low, close, volume, amount; did you mean symbol for code?";
    bench.check_error(&write(&bench, columns), expected).await;
}

#[tokio::test]
async fn a_file_that_is_cut_off() {
    let bench = Bench::new().await;
    let path = write(&bench, good());
    let bytes = std::fs::read(&path).unwrap();
    let path = bench.file("bars.parquet", &bytes[..bytes.len() - 20]);
    let expected = "FOLDER/bars.parquet is damaged or cut off, fetch it again: Parquet error: Invalid Parquet file. Corrupt footer";
    bench.check_error(&path, expected).await;
}

/// Bytes all over a file are spoilt in turn. Some of them make the decoder panic.
#[tokio::test]
async fn a_file_with_one_byte_spoilt_is_read_or_refused() {
    let bench = Bench::new().await;
    let with_gaps = Float64Array::from(vec![Some(78200.0), None]);
    let path = write(&bench, good_but(column("open", with_gaps)));
    let bytes = std::fs::read(&path).unwrap();
    let mut n_refused = 0;
    for at in (0..bytes.len()).step_by(3) {
        let mut spoilt = bytes.clone();
        spoilt[at] ^= 0xff;
        let path = bench.file("spoilt.parquet", spoilt);
        let rows = FileSource::open(&path).and_then(|mut source| {
            while source.read(4096, &mut |_| Ok(()))? {}
            Ok(())
        });
        n_refused += usize::from(rows.is_err());
    }
    assert!(n_refused > 0);
}

#[tokio::test]
async fn a_file_of_something_else() {
    let bench = Bench::new().await;
    let path = bench.file("bars.parquet", "code,name\n");
    let expected = "FOLDER/bars.parquet is damaged or cut off, fetch it again: Parquet error: Invalid Parquet file. Corrupt footer";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_file_without_rows() {
    let bench = Bench::new().await;
    let none = |name| column(name, Float64Array::from(Vec::<f64>::new()));
    let text = |name| column(name, StringArray::from(Vec::<&str>::new()));
    let mut columns = vec![text("code"), text("name"), text("market"), text("date")];
    columns.extend(["open", "high", "low", "close", "volume"].map(none));
    let expected = "the file has a header but no rows, nothing was stored";
    bench.check_error(&write(&bench, columns), expected).await;
}
