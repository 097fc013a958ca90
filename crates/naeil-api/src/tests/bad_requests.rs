//! Paths, queries and heads that are wrong, each with the exact reply.

use super::client::{Reply, Request};
use super::server::TestServer;

/// Sends a request and compares status, code and detail.
pub(super) async fn refuses(
    server: &TestServer,
    request: Request,
    status: u16,
    code: &str,
    detail: &str,
) -> Reply {
    let shown = format!("{} {}", request.method, request.target);
    let reply = server.ask(request).await;
    let body = reply.json();
    let found = (reply.status, body["code"].as_str(), body["detail"].as_str());
    assert_eq!(found, (status, Some(code), Some(detail)), "{shown}");
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_codes_that_are_not_in_the_table() {
    let server = TestServer::start().await;
    let shape = "a KRX code has four digits and then two digits or capital letters, such as 005930";
    let cases = [
        (
            "999999",
            "999999",
            "check it against the exchange's list".to_owned(),
        ),
        ("INVALID", "INVALID", shape.to_owned()),
        (
            "5930",
            "5930",
            "codes have six characters and keep their leading zeros, did you mean 005930?"
                .to_owned(),
        ),
        ("00593k", "00593k", "did you mean 00593K?".to_owned()),
        ("005930%20", "005930 ", "did you mean 005930?".to_owned()),
        ("0059300", "0059300", shape.to_owned()),
        ("%2e%2e%2fetc", "../etc", shape.to_owned()),
        ("%00", "?", shape.to_owned()),
        ("%EF%BC%90%EF%BC%95", "\u{ff10}\u{ff15}", shape.to_owned()),
        ("%F0%9F%9A%80", "\u{1f680}", shape.to_owned()),
        ("'%20OR%201=1", "' OR 1=1", shape.to_owned()),
    ];
    for (sent, shown, hint) in cases {
        let detail = format!("no stock has the code '{shown}'; {hint}");
        refuses(
            &server,
            server.predict(sent),
            404,
            "unknown_stock_code",
            &detail,
        )
        .await;
    }
    let long = "7".repeat(3000);
    let detail = format!("no stock has the code '{}...'; {shape}", "7".repeat(40));
    refuses(
        &server,
        server.predict(&long),
        404,
        "unknown_stock_code",
        &detail,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_without_enough_history() {
    let server = TestServer::start().await;
    let reply = server.ask(server.predict(server.young_stock())).await;
    assert_eq!(reply.status, 422);
    let body = reply.json();
    assert_eq!(body["code"], "not_enough_history");
    assert_eq!(body["retryable"], false);
    let detail = body["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("cannot generate prediction: "),
        "{detail}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn queries() {
    let server = TestServer::start().await;
    let cases = [
        (
            "horizon=2d",
            "invalid_horizon",
            "unknown horizon '2d', choose one of 1d, 5d, 20d",
        ),
        (
            "horizon=",
            "invalid_horizon",
            "unknown horizon '', choose one of 1d, 5d, 20d",
        ),
        (
            "horizon=1D",
            "invalid_horizon",
            "unknown horizon '1D', choose one of 1d, 5d, 20d",
        ),
        (
            "horizn=1d",
            "unknown_parameter",
            "unknown query parameter 'horizn'; did you mean 'horizon'? known are: horizon",
        ),
        (
            "model=3",
            "unknown_parameter",
            "unknown query parameter 'model'; known are: horizon",
        ),
        (
            "horizon=1d&horizon=5d",
            "unknown_parameter",
            "the query parameter 'horizon' stands there twice",
        ),
    ];
    for (query, code, detail) in cases {
        let path = format!("/api/v1/ai/predict/005930?{query}");
        let request = Request::get(&path).bearer(&server.token());
        refuses(&server, request, 422, code, detail).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_methods() {
    let server = TestServer::start().await;
    let nowhere = "nothing is served at this path, see /docs for the paths that are";
    for path in [
        "/",
        "/api/v1/ai",
        "/api/v1/ai/predict/",
        "/api/v1/ai/predict/a/b",
        "/api/v2/ai/model/info",
        "/.env",
    ] {
        refuses(&server, Request::get(path), 404, "route_not_found", nowhere).await;
    }
    let read = "GET, HEAD, OPTIONS";
    for (method, path, allow) in [
        ("POST", "/api/v1/ai/predict/005930", read),
        ("DELETE", "/api/v1/ai/model/info", read),
        ("BREW", "/health/live", read),
        ("PUT", "/metrics", read),
        ("POST", "/docs", read),
        ("GET", "/api/v1/ai/predict/batch", "OPTIONS, POST"),
    ] {
        let detail = format!("this path takes {allow}");
        let request = Request::new(method, path);
        let reply = refuses(&server, request, 405, "method_not_allowed", &detail).await;
        assert_eq!(reply.header("allow"), Some(allow));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_too_large() {
    let server = TestServer::start().await;
    let path = format!("/health/live?{}", "x".repeat(9000));
    let detail = "the address has 9012 bytes, the limit is 8192";
    refuses(&server, Request::get(&path), 414, "uri_too_long", detail).await;
    let request = Request::get("/health/live").header("X-Padding", "x".repeat(40_000));
    let reply = server.ask(request).await;
    assert_eq!(reply.status, 431);
    assert_eq!(reply.json()["code"], "headers_too_large");
}
