//! Rows that are refused one by one: the counter, and the line in the rejects file.

use crate::support::{Bench, GOOD_ROWS, HEADER, counts, figures};

/// Imports three good rows and then `row`, in line 5.
async fn check(row: impl AsRef<[u8]>, reason: &'static str, rejects_line: &str) {
    let bench = Bench::new().await;
    let contents = [HEADER.as_bytes(), GOOD_ROWS.as_bytes(), row.as_ref(), b"\n"].concat();
    check_file(&bench, &contents, reason, rejects_line).await;
}

async fn check_file(bench: &Bench, contents: &[u8], reason: &'static str, rejects_line: &str) {
    let path = bench.file("bars.csv", contents);
    let report = bench.import(&path).await.unwrap();
    assert_eq!(figures(&report), (4, 3, 0, 0, 1), "{rejects_line}");
    assert_eq!(report.refused, counts([(reason, 1)]));
    assert_eq!(report.rejects_file, Some(bench.path("rejects.csv")));
    assert_eq!(bench.rejects(), [rejects_line]);
    assert_eq!(bench.closes("005930").await, ["79600", "77000"]);
    assert_eq!(bench.closes("000660").await, ["142400", "NaN"]);
}

#[tokio::test]
async fn text_in_a_number() {
    check(
        "005930,x,KOSPI,2024-01-04,abc,77300,76100,76600,15324439",
        "bad_number",
        "5,005930,2024-01-04,bad_number,open is not a number,abc",
    )
    .await;
}

#[tokio::test]
async fn thousands_separators() {
    check(
        "005930,x,KOSPI,2024-01-04,76100,\"77,300\",76100,76600,15324439",
        "bad_number",
        "5,005930,2024-01-04,bad_number,high is not a number,\"77,300\"",
    )
    .await;
}

#[tokio::test]
async fn a_missing_price() {
    check(
        "005930,x,KOSPI,2024-01-04,76100,77300,,76600,15324439",
        "missing_value",
        "5,005930,2024-01-04,missing_value,low is missing,",
    )
    .await;
}

#[tokio::test]
async fn a_missing_code() {
    check(
        " ,x,KOSPI,2024-01-04,76100,77300,76100,76600,15324439",
        "missing_value",
        "5,,2024-01-04,missing_value,code is missing,",
    )
    .await;
}

#[tokio::test]
async fn a_missing_market() {
    check(
        "005930,x,,2024-01-04,76100,77300,76100,76600,15324439",
        "missing_value",
        "5,005930,2024-01-04,missing_value,market is missing,",
    )
    .await;
}

#[tokio::test]
async fn a_missing_date() {
    check(
        "005930,x,KOSPI,,76100,77300,76100,76600,15324439",
        "missing_value",
        "5,005930,,missing_value,date is missing,",
    )
    .await;
}

#[tokio::test]
async fn a_day_that_does_not_exist() {
    check(
        "005930,x,KOSPI,2024-02-30,76100,77300,76100,76600,15324439",
        "bad_date",
        "5,005930,2024-02-30,bad_date,date is not a day written as YYYY-MM-DD or YYYYMMDD,2024-02-30",
    )
    .await;
}

#[tokio::test]
async fn a_date_before_every_exchange() {
    check(
        "005930,x,KOSPI,0024-01-04,76100,77300,76100,76600,15324439",
        "bad_date",
        "5,005930,0024-01-04,bad_date,date lies before 1900-01-01,0024-01-04",
    )
    .await;
}

#[tokio::test]
async fn a_date_in_the_future() {
    check(
        "005930,x,KOSPI,2025-01-02,76100,77300,76100,76600,15324439",
        "future_date",
        "5,005930,2025-01-02,future_date,\"date lies after 2024-12-31, the last day whose bars can be final\",2025-01-02",
    )
    .await;
}

#[tokio::test]
async fn a_day_without_trade() {
    // 2024-01-06 was a Saturday.
    check(
        "005930,x,KOSPI,2024-01-06,76100,77300,76100,76600,15324439",
        "not_a_session",
        "5,005930,2024-01-06,not_a_session,the exchange did not trade on that day,2024-01-06",
    )
    .await;
}

#[tokio::test]
async fn a_code_that_cannot_be_one() {
    check(
        "0059 30,x,KOSPI,2024-01-04,76100,77300,76100,76600,15324439",
        "bad_code",
        "5,0059 30,2024-01-04,bad_code,\"'0059 30' is not a stock code, expected 1 to 12 letters or digits such as 005930\",0059 30",
    )
    .await;
}

#[tokio::test]
async fn a_market_that_nobody_knows() {
    check(
        "005930,x,NASDAQ,2024-01-04,76100,77300,76100,76600,15324439",
        "unknown_market",
        "5,005930,2024-01-04,unknown_market,\"unknown market 'NASDAQ', known are KOSPI, KOSDAQ, KONEX, US and CN\",NASDAQ",
    )
    .await;
}

#[tokio::test]
async fn the_same_code_and_date_twice() {
    // The first of the two stands, although the second says something else.
    check(
        "005930,x,KOSPI,2024-01-03,78500,78800,77000,78000,21753644",
        "duplicate_row",
        "5,005930,2024-01-03,duplicate_row,an earlier row has the same code and date,005930 2024-01-03",
    )
    .await;
}

#[tokio::test]
async fn a_negative_price() {
    check(
        "005930,x,KOSPI,2024-01-04,76100,77300,-76100,76600,15324439",
        "negative_price",
        "5,005930,2024-01-04,negative_price,a price is negative,open=76100 high=77300 low=-76100 close=76600 volume=15324439 adjustment_factor=1",
    )
    .await;
}

#[tokio::test]
async fn a_negative_volume() {
    check(
        "005930,x,KOSPI,2024-01-04,76100,77300,76100,76600,-1",
        "negative_volume",
        "5,005930,2024-01-04,negative_volume,the volume is negative,open=76100 high=77300 low=76100 close=76600 volume=-1 adjustment_factor=1",
    )
    .await;
}

#[tokio::test]
async fn a_price_of_zero() {
    check(
        "005930,x,KOSPI,2024-01-04,0,0,0,0,0",
        "zero_price",
        "5,005930,2024-01-04,zero_price,\"a price is zero although the session was not halted, or the close is zero\",open=0 high=0 low=0 close=0 volume=0 adjustment_factor=1",
    )
    .await;
}

#[tokio::test]
async fn a_high_below_the_low() {
    check(
        "005930,x,KOSPI,2024-01-04,76100,76000,76100,76100,15324439",
        "high_below_low",
        "5,005930,2024-01-04,high_below_low,high is below low,open=76100 high=76000 low=76100 close=76100 volume=15324439 adjustment_factor=1",
    )
    .await;
}

#[tokio::test]
async fn a_close_outside_the_range() {
    check(
        "005930,x,KOSPI,2024-01-04,76100,77300,76100,80000,15324439",
        "outside_range",
        "5,005930,2024-01-04,outside_range,open or close lies outside low..high by more than 1 % of the close,open=76100 high=77300 low=76100 close=80000 volume=15324439 adjustment_factor=1",
    )
    .await;
}

#[tokio::test]
async fn a_price_that_is_not_a_number() {
    check(
        "005930,x,KOSPI,2024-01-04,NaN,77300,76100,76600,15324439",
        "not_finite",
        "5,005930,2024-01-04,not_finite,a price or the volume is missing or not finite,open=NaN high=77300 low=76100 close=76600 volume=15324439 adjustment_factor=1",
    )
    .await;
}

#[tokio::test]
async fn bytes_that_are_not_utf_8() {
    // "한" in CP949.
    check(
        b"005930,\xc7\xd1,KOSPI,2024-01-04,76100,77300,76100,76600,15324439",
        "bad_utf8",
        "5,005930,2024-01-04,bad_utf8,\"the text is not in the file's encoding; Korean files are often CP949, which a layout with encoding = \"\"euc-kr\"\" reads\",\u{fffd}\u{fffd}",
    )
    .await;
}

#[tokio::test]
async fn too_few_fields() {
    check(
        "005930,x,KOSPI,2024-01-04,76100",
        "wrong_field_count",
        "5,005930,2024-01-04,wrong_field_count,the line has another number of fields than 9,5",
    )
    .await;
}

#[tokio::test]
async fn too_many_fields() {
    check(
        "005930,x,KOSPI,2024-01-04,76100,77300,76100,76600,15324439,1",
        "wrong_field_count",
        "5,005930,2024-01-04,wrong_field_count,the line has another number of fields than 9,10",
    )
    .await;
}

#[tokio::test]
async fn an_adjustment_factor_of_zero() {
    let bench = Bench::new().await;
    let header = HEADER.replace('\n', ",adjustment_factor\n");
    let rows = GOOD_ROWS.replace('\n', ",1\n");
    let bad = "005930,x,KOSPI,2024-01-04,76100,77300,76100,76600,15324439,0\n";
    let contents = format!("{header}{rows}{bad}");
    let line = "5,005930,2024-01-04,bad_adjustment_factor,the adjustment factor is not a positive number,open=76100 high=77300 low=76100 close=76600 volume=15324439 adjustment_factor=0";
    check_file(&bench, contents.as_bytes(), "bad_adjustment_factor", line).await;
}

#[tokio::test]
async fn a_missing_adjustment_factor() {
    let bench = Bench::new().await;
    let header = HEADER.replace('\n', ",adjustment_factor\n");
    let rows = GOOD_ROWS.replace('\n', ",1\n");
    let bad = "005930,x,KOSPI,2024-01-04,76100,77300,76100,76600,15324439,\n";
    let contents = format!("{header}{rows}{bad}");
    let line = "5,005930,2024-01-04,missing_value,adjustment_factor is missing,";
    check_file(&bench, contents.as_bytes(), "missing_value", line).await;
}

#[tokio::test]
async fn more_than_half_refused_is_an_error_that_counts_the_reasons() {
    let bench = Bench::new().await;
    let bad = "\
005930,x,KOSPI,2024-01-04,abc,77300,76100,76600,1
005930,x,KOSPI,2024-01-05,abc,77300,76100,76600,1
005930,x,NASDAQ,2024-01-04,76100,77300,76100,76600,1
005930,x,KOSPI,2024-01-06,76100,77300,76100,76600,1
";
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}{bad}"));
    let expected = "4 of 7 rows of the file were refused (bad_number 2, not_a_session 1, unknown_market 1), nothing was stored; see FOLDER/rejects.csv";
    bench.check_error(&path, expected).await;
    assert_eq!(bench.rejects().len(), 4);
}

#[tokio::test]
async fn exactly_half_refused_is_accepted_and_no_rejects_file_is_made_without_need() {
    let bench = Bench::new().await;
    let path = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}"));
    let report = bench.import(&path).await.unwrap();
    assert_eq!(figures(&report), (3, 3, 0, 0, 0));
    assert_eq!(report.rejects_file, None);
    assert!(!bench.path("rejects.csv").exists());

    let twice = bench.file("twice.csv", format!("{HEADER}{GOOD_ROWS}{GOOD_ROWS}"));
    let report = bench.import(&twice).await.unwrap();
    assert_eq!(figures(&report), (6, 0, 0, 3, 3));
    assert_eq!(report.refused, counts([("duplicate_row", 3)]));
}

#[tokio::test]
async fn lines_are_counted_as_an_editor_counts_them() {
    let bad = "005930,x,KOSPI,2024-01-04,abc,77300,76100,76600,15324439";
    let plain = format!("{HEADER}{GOOD_ROWS}{bad}");
    let ends = "5,005930,2024-01-04,bad_number,open is not a number,abc";
    for (contents, line) in [
        (format!("{plain}\n"), ends.to_owned()),
        (plain.clone(), ends.to_owned()),
        (plain.replace('\n', "\r\n"), ends.to_owned()),
        (
            format!("\u{feff}{}", plain.replace('\n', "\r\n")),
            ends.to_owned(),
        ),
        // Empty lines are lines, too.
        (
            format!("\n{}", plain.replace('\n', "\r\n\r\n")),
            ends.replacen('5', "10", 1),
        ),
    ] {
        let bench = Bench::new().await;
        check_file(&bench, contents.as_bytes(), "bad_number", &line).await;
    }
    let bench = Bench::new().await;
    let open_quote = format!("{HEADER}{GOOD_ROWS}\"{bad}\nx\n").replace('\n', "\r\n");
    let path = bench.file("bars.csv", open_quote);
    let expected = "line 5 of FOLDER/bars.csv has a quote that is not closed on that line";
    bench.check_error(&path, expected).await;
}

#[tokio::test]
async fn a_code_whose_zeros_a_spreadsheet_took_away() {
    check(
        "660,x,KOSPI,2024-01-04,76100,77300,76100,76600,15324439",
        "bad_code",
        "5,660,2024-01-04,bad_code,\"codes of this exchange have six characters; a spreadsheet takes \
         away the leading zeros of codes, store the column as text\",660",
    )
    .await;
}
