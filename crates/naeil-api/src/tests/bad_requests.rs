//! Requests that are wrong, each with the exact reply.

use serde_json::json;

use super::client::{Reply, Request};
use super::server::TestServer;

const BATCH: &str = "/api/v1/ai/predict/batch";

/// Sends a request and compares status, code and detail.
async fn refuses(
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

/// Sends a batch body as it stands.
async fn refuses_body(
    server: &TestServer,
    body: impl AsRef<[u8]>,
    status: u16,
    code: &str,
    detail: &str,
) {
    let request = Request::post(BATCH, body).bearer(&server.token());
    refuses(server, request, status, code, detail).await;
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
async fn bodies_that_are_not_json() {
    let server = TestServer::start().await;
    let at = |line, column| format!("the body is not valid JSON at line {line}, column {column}");
    let cases: [(&[u8], String); 8] = [
        (b"", "the body is empty, send a JSON object".to_owned()),
        (b"{\"stock_codes\": [", at(1, 17)),
        (b"{'stock_codes': []}", at(1, 2)),
        (b"{\"stock_codes\": [\"005930\"]} extra", at(1, 29)),
        (b"{\"stock_codes\": [NaN]}", at(1, 18)),
        (b"{\"stock_codes\": [1e999]}", at(1, 22)),
        (b"\xef\xbb\xbf{}", at(1, 1)),
        (b"{\"stock_codes\": [\"\xff\"]}", at(1, 19)),
    ];
    for (body, detail) in cases {
        refuses_body(&server, body, 400, "invalid_json", &detail).await;
    }
    let deep = "[".repeat(10_000);
    refuses_body(&server, deep, 400, "invalid_json", &at(1, 128)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_the_wrong_kind() {
    let server = TestServer::start().await;
    for (body, found) in [
        ("[]", "a list"),
        ("\"005930\"", "text"),
        ("7", "a number"),
        ("null", "null"),
    ] {
        let detail = format!("the body must be a JSON object, not {found}");
        refuses_body(&server, body, 422, "wrong_type", &detail).await;
    }
    let example = r#"{"stock_codes": ["005930", "000660"], "horizon": "1d"}"#;
    let missing = format!("the field 'stock_codes' is missing, for example {example}");
    refuses_body(&server, "{}", 422, "missing_field", &missing).await;
    let cases = [
        (
            json!({"stock_code": ["005930"]}),
            "unknown_field",
            "unknown field 'stock_code'; did you mean 'stock_codes'? known are: stock_codes, horizon",
        ),
        (
            json!({"stock_codes": ["005930"], "model_version": "7"}),
            "unknown_field",
            "unknown field 'model_version'; known are: stock_codes, horizon",
        ),
        (
            json!({"stock_codes": []}),
            "empty_batch",
            "name at least one stock code",
        ),
        (
            json!({"stock_codes": "005930"}),
            "wrong_type",
            "stock_codes must be a list of stock codes in quotes, not text",
        ),
        (
            json!({"stock_codes": ["000660", 5930]}),
            "wrong_type",
            "stock_codes[1] is the number 5930; write it as text in quotes, \"005930\", because a number loses its leading zeros",
        ),
        (
            json!({"stock_codes": [null]}),
            "wrong_type",
            "stock_codes[0] must be text such as \"005930\", not null",
        ),
        (
            json!({"stock_codes": ["005930"], "horizon": 5}),
            "wrong_type",
            "horizon must be one of \"1d\", \"5d\", \"20d\", not a number",
        ),
        (
            json!({"stock_codes": ["005930"], "horizon": "5 days"}),
            "invalid_horizon",
            "unknown horizon '5 days', choose one of 1d, 5d, 20d",
        ),
    ];
    for (body, code, detail) in cases {
        refuses_body(&server, body.to_string(), 422, code, detail).await;
    }
    let twice = r#"{"stock_codes": ["005930"], "stock_codes": ["000660"]}"#;
    refuses_body(
        &server,
        twice,
        422,
        "duplicate_field",
        "the field 'stock_codes' stands there twice",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_are_too_large() {
    let server = TestServer::start().await;
    let body = json!({"stock_codes": vec!["005930"; 101]});
    let detail = "a batch of 101 stock codes exceeds limit of 100, split it";
    refuses(&server, server.batch(body), 400, "batch_too_large", detail).await;
    let body = json!({"stock_codes": vec!["005930"; 10_000]});
    let detail = "the body is larger than 65536 bytes, send fewer stock codes at once";
    refuses(
        &server,
        server.batch(body),
        413,
        "payload_too_large",
        detail,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_not_declared_as_json() {
    let server = TestServer::start().await;
    let body = json!({"stock_codes": ["005930"]}).to_string();
    let bare = || {
        Request::new("POST", BATCH)
            .body(&body)
            .bearer(&server.token())
    };
    let declare = "send the body with 'Content-Type: application/json'";
    let code = "unsupported_media_type";
    refuses(&server, bare(), 415, code, declare).await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "",
    ] {
        refuses(
            &server,
            bare().header("Content-Type", kind),
            415,
            code,
            declare,
        )
        .await;
    }
    let encoded = server.batch(json!({"stock_codes": ["005930"]}));
    let plain = "send the body plain or with 'Content-Encoding: gzip'";
    let brotli = encoded.clone().header("Content-Encoding", "br");
    refuses(&server, brotli, 415, code, plain).await;
    let twice = encoded
        .header("Content-Encoding", "gzip")
        .header("Content-Encoding", "gzip");
    refuses(&server, twice, 415, code, plain).await;

    let charset = bare().header("Content-Type", "application/json; charset=utf-8");
    assert_eq!(server.ask(charset).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_bodies_count_by_their_unpacked_size() {
    use std::io::Write as _;
    let pack = |plain: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    };
    let server = TestServer::start().await;
    let packed = |plain: &[u8]| {
        Request::post(BATCH, pack(plain))
            .header("Content-Encoding", "gzip")
            .bearer(&server.token())
    };
    let honest = server.ask(packed(br#"{"stock_codes": ["005930"]}"#)).await;
    assert_eq!(honest.status, 200);
    let detail = "the body is larger than 65536 bytes, send fewer stock codes at once";
    let bomb = packed(&vec![b' '; 8 << 20]);
    refuses(&server, bomb, 413, "payload_too_large", detail).await;
    let broken = Request::post(BATCH, b"not gzip")
        .header("Content-Encoding", "gzip")
        .bearer(&server.token());
    refuses(
        &server,
        broken,
        400,
        "bad_request",
        "the body cannot be read to its end",
    )
    .await;
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
        ("GET", BATCH, "OPTIONS, POST"),
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
