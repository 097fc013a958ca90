//! Bodies that are wrong, each with the exact reply.

use std::time::Duration;

use naeil_serving::ServiceConfig;
use serde_json::json;

use super::bad_requests::refuses;
use super::client::Request;
use super::server::TestServer;
use crate::HttpSettings;

const BATCH: &str = "/api/v1/ai/predict/batch";

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
    // 128 levels are too many: the object and 127 lists after its first 16 characters.
    let deep = format!("{{\"stock_codes\": {}", "[".repeat(10_000));
    refuses_body(&server, deep, 400, "invalid_json", &at(1, 16 + 127)).await;
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
async fn bodies_that_never_end() {
    let settings = HttpSettings {
        body_timeout: Duration::from_millis(50),
        ..TestServer::settings()
    };
    let server = TestServer::configured(ServiceConfig::for_testing(), settings).await;
    let request = server
        .batch(json!({"stock_codes": ["005930"]}))
        .unfinished();
    let detail = "send the body without pauses";
    refuses(&server, request, 408, "request_timeout", detail).await;
}
