//! The exchange's Open API, against a local server that replies in the documented shape.

use std::sync::Arc;
use std::time::Duration;

use naeil_domain::ports::{BarSource as _, StockDirectory as _};
use naeil_store::import::RowSource as _;
use naeil_store::import::krx::{KrxClient, KrxConfig, KrxSource};
use naeil_store::{ImportError, ImportOptions, ImportReport};

use crate::exchange_server::{Answer, ExchangeServer, Request};
use crate::support::{Bench, figures};

const KEY: &str = "74D1B99DFBF345BBA3FB4476510A4BED4C78D13A";

/// One row in the service's shape.
fn row(date: &str, code: &str, market: &str, close: &str, change: &str) -> String {
    format!(
        "{{\"BAS_DD\":\"{date}\",\"ISU_CD\":\"{code}\",\"ISU_NM\":\"종목{code}\",\"MKT_NM\":\"{market}\",\
         \"SECT_TP_NM\":\"-\",\"TDD_CLSPRC\":\"{close}\",\"CMPPREVDD_PRC\":\"{change}\",\
         \"FLUC_RT\":\"0.00\",\"TDD_OPNPRC\":\"{close}\",\"TDD_HGPRC\":\"{close}\",\
         \"TDD_LWPRC\":\"{close}\",\"ACC_TRDVOL\":\"1,000\",\"ACC_TRDVAL\":\"1000000\",\
         \"MKTCAP\":\"1\",\"LIST_SHRS\":\"1\"}}"
    )
}

fn body(rows: &[String]) -> String {
    format!("{{\"OutBlock_1\":[{}]}}", rows.join(","))
}

/// A day as the service would give it: two stocks on the main board, one on the other.
fn trading(_: usize, request: &Request) -> Answer {
    let date = request.line.split("basDd=").nth(1).unwrap()[..8].to_owned();
    Answer::ok(match request.market() {
        "KOSPI" => body(&[
            row(&date, "005930", "KOSPI", "51,900", "-100"),
            // The close and the code in their other spellings.
            row(&date, "KR7000660001", "KOSPI", "142400", "0"),
        ]),
        market => body(&[row(&date, "247540", market, "289500", "1,500")]),
    })
}

fn config(server: &ExchangeServer) -> KrxConfig {
    KrxConfig {
        base_url: server.base_url.clone(),
        calls_per_second: 1000.0,
        timeout: Duration::from_secs(5),
        max_attempts: 3,
        first_backoff: Duration::from_millis(1),
        ..KrxConfig::new(KEY)
    }
}

impl Bench {
    async fn fetch(&self, config: KrxConfig, session: &str) -> Result<ImportReport, ImportError> {
        let session = session.parse().unwrap();
        let client = Arc::new(KrxClient::new(config)?);
        let options = ImportOptions {
            source_name: KrxSource::source_name(session),
            ..self.options()
        };
        let mut source = KrxSource::new(client, session);
        self.store.import(&mut source, &options, &mut |_| {}).await
    }

    /// The fetch fails with a message without the key, and nothing is stored.
    async fn fetch_fails(&self, config: KrxConfig) -> String {
        let error = self.fetch(config, "2024-01-03").await.unwrap_err();
        let (shown, debugged) = (error.to_string(), format!("{error:?}"));
        assert!(
            !shown.contains(KEY) && !debugged.contains(KEY),
            "{debugged}"
        );
        assert_eq!(self.store.data_state().await.unwrap(), None);
        assert!(
            self.store
                .imported_sources("krx:")
                .await
                .unwrap()
                .is_empty()
        );
        shown
    }
}

#[tokio::test]
async fn a_session_is_both_markets_with_key_and_day_in_every_call() {
    let (bench, server) = (Bench::new().await, ExchangeServer::start(trading));
    let report = bench.fetch(config(&server), "2024-01-03").await.unwrap();
    assert_eq!(figures(&report), (3, 3, 0, 0, 0));
    let requests = server.requests();
    let lines: Vec<&str> = requests.iter().map(|request| &*request.line).collect();
    assert_eq!(
        lines,
        [
            "GET /svc/apis/sto/stk_bydd_trd?basDd=20240103 HTTP/1.1",
            "GET /svc/apis/sto/ksq_bydd_trd?basDd=20240103 HTTP/1.1",
        ]
    );
    for request in &requests {
        assert_eq!(request.header("auth_key"), Some(KEY));
    }
    let stocks = bench.store.stocks().await.unwrap();
    let told: Vec<_> = stocks
        .iter()
        .map(|stock| (stock.code.as_str(), stock.market.as_str()))
        .collect();
    let expected = [
        ("000660", "KOSPI"),
        ("005930", "KOSPI"),
        ("247540", "KOSDAQ"),
    ];
    assert_eq!(told, expected);
    assert_eq!(bench.closes("005930").await, ["51900"]);
    let imported = bench.store.imported_sources("krx:").await.unwrap();
    assert_eq!(imported, ["krx:2024-01-03"]);
}

#[tokio::test]
async fn a_base_price_other_than_the_last_close_states_the_split() {
    // 005930 closed at 2,650,000 on 2018-04-27 and was halted for its 50:1 split until 2018-05-04,
    // when it closed at 51,900, 1,100 below its base of 53,000.
    let server = ExchangeServer::start(|_, request| {
        Answer::ok(body(&[match request.market() {
            "KOSPI" => row("20180504", "005930", "KOSPI", "51900", "-1100"),
            market => row("20180504", "247540", market, "20000", "-"),
        }]))
    });
    let client = Arc::new(KrxClient::new(config(&server)).unwrap());
    let mut source = KrxSource::new(client, "2018-05-04".parse().unwrap());
    source.fetch().await.unwrap();
    let mut base_prices = Vec::new();
    let more = source.read(10, &mut |row| {
        if let naeil_store::import::ReadRow::Typed(row) = row {
            base_prices.push((row.code.to_owned(), row.base_price));
        }
        Ok(())
    });
    assert!(!more.unwrap());
    let of = |code: &str, price| (code.to_owned(), price);
    assert_eq!(
        base_prices,
        [of("005930", Some(53_000.0)), of("247540", None)]
    );
}

#[tokio::test]
async fn too_many_requests_and_failures_are_tried_again() {
    let server = ExchangeServer::start(|n, request| match n {
        0 => Answer::Reply(429, "Retry-After: 0\r\n", String::new()),
        1 => Answer::status(503),
        3 => Answer::BreakOff,
        _ => trading(n, request),
    });
    let bench = Bench::new().await;
    let report = bench.fetch(config(&server), "2024-01-03").await.unwrap();
    assert_eq!(figures(&report), (3, 3, 0, 0, 0));
    let markets: Vec<String> = server
        .requests()
        .iter()
        .map(|request| request.market().to_owned())
        .collect();
    assert_eq!(markets, ["KOSPI", "KOSPI", "KOSPI", "KOSDAQ", "KOSDAQ"]);
}

#[tokio::test]
async fn patience_ends() {
    let bench = Bench::new().await;
    let server = ExchangeServer::start(|_, _| Answer::status(500));
    assert_eq!(
        bench.fetch_fails(config(&server)).await,
        "the KRX Open API did not give KOSPI of 2024-01-03 in 3 attempts: HTTP 500"
    );
    assert_eq!(server.requests().len(), 3);
    let server =
        ExchangeServer::start(|_, _| Answer::Reply(429, "Retry-After: 86400\r\n", String::new()));
    assert_eq!(
        bench.fetch_fails(config(&server)).await,
        "the KRX Open API did not give KOSPI of 2024-01-03 in 1 attempts: HTTP 429; it asks to wait \
         86400 s"
    );
    // The second market fails: the first one is not stored either.
    let server = ExchangeServer::start(|n, request| match n {
        0 => trading(n, request),
        _ => Answer::BreakOff,
    });
    let error = bench.fetch_fails(config(&server)).await;
    assert!(
        error.contains("KOSDAQ of 2024-01-03 in 3 attempts"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_hangs_is_left() {
    let (bench, server) = (
        Bench::new().await,
        ExchangeServer::start(|_, _| Answer::Hang),
    );
    let config = KrxConfig {
        timeout: Duration::from_millis(50),
        max_attempts: 2,
        ..config(&server)
    };
    let error = bench.fetch_fails(config).await;
    assert!(error.contains("2 attempts: timeout"), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_key_that_is_refused_is_not_tried_again() {
    let bench = Bench::new().await;
    for status in [401, 403] {
        let server = ExchangeServer::start(move |_, _| Answer::status(status));
        let error = bench.fetch_fails(config(&server)).await;
        assert!(error.contains(&format!("HTTP {status}")), "{error}");
        assert!(error.contains("sources.krx.auth_key"), "{error}");
        assert!(error.contains("https://openapi.krx.co.kr"), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
    let server = ExchangeServer::start(trading);
    for key in ["", "two words", "line\nbreak"] {
        let mut config = config(&server);
        config.auth_key = key.to_owned();
        let error = bench.fetch_fails(config).await;
        assert!(error.contains("check sources.krx.auth_key"), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_empty_list_is_not_a_session_without_trades() {
    let bench = Bench::new().await;
    let server = ExchangeServer::start(|_, _| Answer::ok(body(&[])));
    let error = bench.fetch_fails(config(&server)).await;
    assert!(
        error.starts_with("the exchange has not published KOSPI of 2024-01-03 yet"),
        "{error}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn something_else_is_quoted_without_the_key_and_not_at_length() {
    let bench = Bench::new().await;
    for (answer, expected) in [
        (
            Answer::ok("<html>점검 중</html>"),
            "it begins with: <html>점검 중</html>",
        ),
        (
            Answer::ok(format!("{{\"key\":\"{KEY}\"}}")),
            "{\"key\":\"<redacted>\"}",
        ),
        (
            Answer::ok("{\"OutBlock_1\":{}}"),
            "invalid type: map, expected a sequence",
        ),
        (Answer::ok("x".repeat(100_000)), "xxx..."),
        (Answer::Endless, "more than 16777216 bytes"),
        (
            Answer::Reply(302, "Location: http://127.0.0.1:1/\r\n", String::new()),
            "HTTP 302",
        ),
        (Answer::status(404), "HTTP 404: {\"message\":\"no\"}"),
    ] {
        let server = ExchangeServer::start(move |_, _| answer.clone());
        let error = bench.fetch_fails(config(&server)).await;
        assert!(
            error.contains("replied to KOSPI of 2024-01-03 with something else"),
            "{error}"
        );
        assert!(error.contains(expected), "{error}");
        assert!(error.len() < 700, "{error}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_key_at_the_end_of_a_quote_is_not_cut_in_half() {
    let bench = Bench::new().await;
    let server = ExchangeServer::start(|_, _| Answer::ok(format!("{}{KEY}", "x".repeat(180))));
    let error = bench.fetch_fails(config(&server)).await;
    assert!(!error.contains(&KEY[..8]), "{error}");
}

#[tokio::test]
async fn a_market_of_another_day_fails_the_session_however_large_the_other_market_is() {
    let bench = Bench::new().await;
    let server = ExchangeServer::start(|_, request| {
        let day = |date, codes: &[&str]| {
            let rows = codes
                .iter()
                .map(|code| row(date, code, request.market(), "1000", "0"));
            body(&rows.collect::<Vec<_>>())
        };
        Answer::ok(match request.market() {
            "KOSPI" => day("20240102", &["005930"]),
            _ => day("20240103", &["247540", "086520", "060310"]),
        })
    });
    assert_eq!(
        bench.fetch_fails(config(&server)).await,
        "the KRX Open API replied to KOSPI of 2024-01-03 with something else: 1 of its 1 rows cannot \
         be used; of the first one, the row is not of the session that was asked for, 2024-01-03 \
         ('20240102')"
    );
}

#[tokio::test]
async fn one_list_for_both_markets_is_not_a_session() {
    let bench = Bench::new().await;
    let server = ExchangeServer::start(|_, _| {
        Answer::ok(body(&[row("20240103", "005930", "KOSPI", "1000", "0")]))
    });
    let error = bench.fetch_fails(config(&server)).await;
    assert!(
        error.contains("the market that was asked for, KOSDAQ ('KOSPI')"),
        "{error}"
    );
}

#[tokio::test]
async fn a_session_with_nothing_new_counts_as_fetched() {
    let (bench, server) = (Bench::new().await, ExchangeServer::start(trading));
    for new in [3, 0] {
        let report = bench.fetch(config(&server), "2024-01-03").await.unwrap();
        assert_eq!(figures(&report), (3, new, 0, 3 - new, 0));
        let imported = bench.store.imported_sources("krx:").await.unwrap();
        assert_eq!(imported, ["krx:2024-01-03"]);
    }
}
