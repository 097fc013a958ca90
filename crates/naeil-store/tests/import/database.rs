//! Bars from another team's tables, on a real PostgreSQL.

use naeil_domain::ports::{BarSource as _, StockDirectory as _};
use naeil_services::test_database::TestDatabase;
use naeil_store::import::database::{DatabaseMapping, DatabaseSource, SessionRange};
use naeil_store::{ImportError, ImportReport};
use sea_orm::{ConnectionTrait as _, Database};

use crate::support::{Bench, counts, figures};

/// The tables of a service that keeps stocks and their daily prices: a surrogate key, prices as
/// NUMERIC, volumes as BIGINT.
const TABLES: &str = "
    CREATE TABLE stocks (
        id SERIAL PRIMARY KEY, code VARCHAR(12) UNIQUE NOT NULL, name TEXT, market VARCHAR(20),
        isin TEXT, sector TEXT, listing_date DATE, is_active BOOLEAN DEFAULT true);
    CREATE TABLE daily_prices (
        stock_id INTEGER, date DATE, open NUMERIC(12,2), high NUMERIC(12,2), low NUMERIC(12,2),
        close NUMERIC(12,2), volume BIGINT);
    INSERT INTO stocks (code, name, market, isin, listing_date, is_active) VALUES
        ('005930', '삼성전자', 'KOSPI', 'KR7005930003', '1975-06-11', true),
        ('247540', '에코프로비엠', 'KOSDAQ GLOBAL', NULL, '2019-03-05', true),
        ('000001', '없어진 것', 'KOSPI', NULL, NULL, false);
    INSERT INTO daily_prices VALUES
        (1, '2024-01-02', 78200, 79800, 78200, 79600, 17142847),
        (1, '2024-01-03', 78500, 78800, 77000, 77000.00, 21753644),
        (2, '2024-01-03', 288000, 295000, 286500, 289500, 450861),
        (3, '2024-01-03', 100, 110, 90, 100, 5)";

const MAPPING: &str = r#"
    basis = "back_adjusted"
    [stocks]
    table = "stocks"
    key = "id"
    code = "code"
    name = "name"
    market = "market"
    isin = "isin"
    listed_on = "listing_date"
    only = { is_active = ["true"] }
    [prices]
    table = "public.daily_prices"
    stock = "stock_id"
    date = "date"
    open = "open"
    high = "high"
    low = "low"
    close = "close"
    volume = "volume"
    [markets]
    "KOSDAQ GLOBAL" = "KOSDAQ"
"#;

/// A table of everything, with a type of its own for every column.
const PLAIN_MAPPING: &str = r#"
    market = "KOSPI"
    [prices]
    table = "ohlcv"
    stock = "종목 \"코드\""
    date = "day"
    open = "open"
    high = "high"
    low = "low"
    close = "close"
    volume = "volume"
    adjustment_factor = "factor"
"#;

async fn run(url: &str, sql: &str) {
    let database = Database::connect(url).await.unwrap();
    database.execute_unprepared(sql).await.unwrap();
    database.close().await.unwrap();
}

async fn tables(sql: &str) -> Option<TestDatabase> {
    let database = TestDatabase::create_or_skip()?;
    run(database.url(), sql).await;
    Some(database)
}

fn mapping(text: &str) -> DatabaseMapping {
    toml::from_str(text).unwrap()
}

fn range(since: Option<&str>, until: &str) -> SessionRange {
    SessionRange {
        since: since.map(|date| date.parse().unwrap()),
        until: until.parse().unwrap(),
    }
}

impl Bench {
    async fn import_database(
        &self,
        url: &str,
        mapping: &DatabaseMapping,
        range: SessionRange,
    ) -> Result<ImportReport, ImportError> {
        let mut source = DatabaseSource::open(url, mapping, range).await?;
        self.import_from(&mut source).await
    }

    async fn database_fails(&self, url: &str, mapping: &str) -> String {
        let mapping = toml::from_str(mapping).unwrap();
        let all = range(None, "2024-12-30");
        let error = self.import_database(url, &mapping, all).await.unwrap_err();
        assert_eq!(self.store.data_state().await.unwrap(), None);
        let shown = error.to_string();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        shown
    }
}

#[tokio::test]
async fn stocks_and_prices_of_a_service() {
    let Some(database) = tables(TABLES).await else {
        return;
    };
    let bench = Bench::new().await;
    let mapping = mapping(MAPPING);
    let all = range(None, "2024-12-30");
    let report = bench
        .import_database(database.url(), &mapping, all)
        .await
        .unwrap();
    assert_eq!(figures(&report), (3, 3, 0, 0, 0));
    let stocks = bench.store.stocks().await.unwrap();
    let told: Vec<_> = stocks
        .iter()
        .map(|stock| (stock.code.as_str(), &*stock.name, stock.market.as_str()))
        .collect();
    let expected = [
        ("005930", "삼성전자", "KOSPI"),
        ("247540", "에코프로비엠", "KOSDAQ"),
    ];
    assert_eq!(told, expected);
    assert_eq!(bench.closes("005930").await, ["79600", "77000"]);

    // The next session, and a correction of an older one that only a look back sees.
    let changes =
        "INSERT INTO daily_prices VALUES (1, '2024-01-04', 76100, 77300, 76100, 76600, 1);
        UPDATE daily_prices SET close = 79500 WHERE date = '2024-01-02' AND stock_id = 1";
    run(database.url(), changes).await;
    let newer = range(Some("2024-01-04"), "2024-12-30");
    let report = bench
        .import_database(database.url(), &mapping, newer)
        .await
        .unwrap();
    assert_eq!(figures(&report), (1, 1, 0, 0, 0));
    let since = range(Some("2024-01-02"), "2024-01-03");
    let report = bench
        .import_database(database.url(), &mapping, since)
        .await
        .unwrap();
    assert_eq!(figures(&report), (3, 0, 1, 2, 0));
    assert_eq!(bench.closes("005930").await, ["79500", "77000", "76600"]);
    // Nothing newer is no rows, which the caller tells from a failure.
    let newer = range(Some("2024-01-05"), "2024-12-30");
    let error = bench
        .import_database(database.url(), &mapping, newer)
        .await
        .unwrap_err();
    assert!(matches!(error, ImportError::NoRows { .. }), "{error}");
}

#[tokio::test]
async fn every_type_that_holds_a_number_or_a_date_is_read() {
    let bench = Bench::new().await;
    for (date_type, days) in [
        ("date", ["2024-01-02", "2024-01-03"]),
        ("timestamp", ["2024-01-02 00:00", "2024-01-03 15:30"]),
        // Evening in Greenwich is the next day in Seoul.
        (
            "timestamptz",
            ["2024-01-01 15:00+00", "2024-01-03 06:30+00"],
        ),
        ("text", ["2024-01-02", "20240103"]),
        ("integer", ["20240102", "20240103"]),
    ] {
        let Some(database) = tables(&format!(
            "CREATE TABLE ohlcv (\"종목 \"\"코드\"\"\" CHAR(6), day {date_type}, open BIGINT,
                high DOUBLE PRECISION, low REAL, close NUMERIC, volume TEXT, factor DECIMAL(10,4));
             INSERT INTO ohlcv VALUES
                ('005930', '{}', 78200, 79800, 78200, 79600, '17142847', 1),
                ('005930', '{}', 78500, 78800, 77000, 77000.5, ' 21753644 ', 1.0)",
            days[0], days[1]
        ))
        .await
        else {
            return;
        };
        let since = range(Some("2024-01-02"), "2024-01-03");
        let mapping = mapping(PLAIN_MAPPING);
        let report = bench
            .import_database(database.url(), &mapping, since)
            .await
            .unwrap();
        assert_eq!(
            (report.rows_read, report.n_refused()),
            (2, 0),
            "{date_type}"
        );
        assert_eq!(
            bench.closes("005930").await,
            ["79600", "77000.5"],
            "{date_type}"
        );
        // Both ends of the range belong to it, and nothing beyond.
        let one = range(Some("2024-01-02"), "2024-01-02");
        let report = bench
            .import_database(database.url(), &mapping, one)
            .await
            .unwrap();
        assert_eq!(report.rows_read, 1, "{date_type}");
    }
}

#[tokio::test]
async fn nulls_nans_and_prices_without_a_stock_are_refused_row_by_row() {
    let rows = "INSERT INTO daily_prices VALUES
        (1, '2024-01-04', 76100, NULL, 76100, 76600, 1), (1, '2024-01-05', 76100, 77300, 76100, 'NaN', 1),
        (99, '2024-01-03', 1, 1, 1, 1, 1)";
    let Some(database) = tables(&format!("{TABLES}; {rows}")).await else {
        return;
    };
    let bench = Bench::new().await;
    let mut mapping = mapping(MAPPING);
    mapping.stocks.as_mut().unwrap().only.clear();
    let all = range(None, "2024-12-30");
    let report = bench
        .import_database(database.url(), &mapping, all)
        .await
        .unwrap();
    assert_eq!(figures(&report), (7, 4, 0, 0, 3));
    assert_eq!(report.refused.values().sum::<u64>(), 3);
    let missing: u64 = report.refused.get("missing_value").copied().unwrap_or(0);
    assert_eq!(missing, 2, "{:?}", report.refused);
    assert_ne!(report.refused, counts([("missing_value", 3)]));
}

#[tokio::test]
async fn many_rows_come_in_batches() {
    let Some(database) = tables(TABLES).await else {
        return;
    };
    run(
        database.url(),
        "INSERT INTO daily_prices SELECT 2, d, 100, 110, 90, 100, 1 \
         FROM generate_series(DATE '1970-01-01', DATE '2009-12-31', INTERVAL '1 day') d",
    )
    .await;
    let bench = Bench::new().await;
    let all = range(None, "2024-12-30");
    let report = bench
        .import_database(database.url(), &mapping(MAPPING), all)
        .await
        .unwrap();
    assert_eq!(report.rows_read, 14_610 + 3);
}

#[tokio::test]
async fn a_role_that_may_only_read_is_enough_and_one_that_may_not_is_told() {
    let Some(database) = tables(TABLES).await else {
        return;
    };
    let name = database
        .url()
        .rsplit('/')
        .next()
        .unwrap()
        .split('?')
        .next()
        .unwrap();
    let (reader, stranger) = (format!("reader_{name}"), format!("stranger_{name}"));
    run(
        database.url(),
        &format!(
            "CREATE ROLE {reader} LOGIN PASSWORD 'hunter2'; CREATE ROLE {stranger} LOGIN PASSWORD 'hunter2';
             GRANT SELECT ON stocks, daily_prices TO {reader}; GRANT SELECT ON stocks TO {stranger}"
        ),
    )
    .await;
    let as_role = |role: &str| {
        let (scheme, rest) = database.url().split_once("://").unwrap();
        let rest = rest.split_once('@').map_or(rest, |(_, host)| host);
        format!("{scheme}://{role}:hunter2@{rest}")
    };
    let bench = Bench::new().await;
    let error = bench.database_fails(&as_role(&stranger), MAPPING).await;
    assert_eq!(
        error,
        "the database failed while reading its prices: permission denied for table daily_prices; \
         the role needs GRANT SELECT on both tables"
    );
    let mapping = mapping(MAPPING);
    let all = range(None, "2024-12-30");
    let report = bench
        .import_database(&as_role(&reader), &mapping, all)
        .await
        .unwrap();
    assert_eq!(report.stored, 3);
    run(
        database.url(),
        &format!("DROP OWNED BY {reader}, {stranger}; DROP ROLE {reader}, {stranger}"),
    )
    .await;
}

#[tokio::test]
async fn what_is_missing_is_named_with_what_is_there() {
    let Some(database) = tables(TABLES).await else {
        return;
    };
    let bench = Bench::new().await;
    let url = database.url();
    let other = |from: &str, to: &str| MAPPING.replace(from, to);
    assert_eq!(
        bench
            .database_fails(url, &other("public.daily_prices", "daily_price"))
            .await,
        "the database has no table daily_price; it has daily_prices, stocks; did you mean daily_prices?"
    );
    assert_eq!(
        bench
            .database_fails(url, &other("close = \"close\"", "close = \"closing\""))
            .await,
        "the table public.daily_prices has no column closing; it has close, date, high, low, open, \
         stock_id, volume; did you mean close?"
    );
    assert_eq!(
        bench
            .database_fails(
                url,
                &other("is_active", "\"active\\\"; DROP TABLE stocks; --\"")
            )
            .await,
        "the table stocks has no column active\"; DROP TABLE stocks; --; it has code, id, is_active, \
         isin, listing_date, market, name, sector"
    );
    assert_eq!(
        bench
            .database_fails(url, &other("market = \"market\"", ""))
            .await,
        "the mapping does not say where the market stands: set stocks.market, prices.market, or \
         market = \"KOSPI\" for all"
    );
    let condition = "only = { name = [\"x' OR true; DROP TABLE stocks; --\"] }";
    let error = bench
        .database_fails(url, &other("only = { is_active = [\"true\"] }", condition))
        .await;
    assert!(error.contains("no rows"), "{error}");
    assert!(
        bench
            .database_fails("mysql://me:hunter2@host/x", MAPPING)
            .await
            .contains("'mysql'")
    );
    let nowhere = "postgresql://me:hunter2@127.0.0.1:1/x";
    let error = bench.database_fails(nowhere, MAPPING).await;
    assert!(
        error.starts_with("cannot connect to the database of sources.database.url"),
        "{error}"
    );
    assert!(!error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn an_address_of_another_shape_is_not_quoted() {
    let bench = Bench::new().await;
    for url in [
        "hunter2",
        "host=db password=hunter2",
        "me:hunter2@db/x",
        "password=hunter2 host=x://y",
    ] {
        let error = bench.database_fails(url, MAPPING).await;
        assert!(
            error.ends_with("what it holds has another shape"),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn values_of_a_mapping_are_checked_before_anybody_is_called() {
    let bench = Bench::new().await;
    let nowhere = "postgresql://me:hunter2@127.0.0.1:1/x";
    let with = |line: &str| MAPPING.replace("volume = ", &format!("{line}\n    volume = "));
    for (mapping, expected) in [
        (
            format!("volume_unit = 0\n{MAPPING}"),
            "volume_unit of the layout is '0', it must be a positive number",
        ),
        (
            with("base_price = \"b\"\nchange = \"c\""),
            "the layout sets both columns.base_price and columns.change, keep one",
        ),
        (
            with("adj_close = \"a\""),
            "the layout sets both basis = \"back_adjusted\" and columns.adj_close, keep one",
        ),
    ] {
        let error = bench.database_fails(nowhere, &mapping).await;
        assert_eq!(error, format!("the mapping cannot be used: {expected}"));
    }
}

#[test]
fn an_unknown_key_of_the_mapping_is_named() {
    let text = MAPPING.replace("volume = ", "volumes = ");
    let error = toml::from_str::<DatabaseMapping>(&text).unwrap_err();
    assert!(error.message().contains("`volumes`"), "{error}");
}
