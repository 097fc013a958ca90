//! The one event of each request, as it is written.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::client::Request;
use super::server::TestServer;

static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Memory;

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The fields of every event of one request.
fn events_of(request_id: &str) -> Vec<Value> {
    let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&written)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .map(|event| event["fields"].clone())
        .filter(|fields| fields["request.id"] == request_id)
        .collect()
}

// Servers answer on threads of their own, so only a global subscriber hears them; this is the one
// test of the process that sets it.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_writes_one_event_with_all_that_matters_and_no_secret() {
    tracing_subscriber::fmt()
        .json()
        .with_writer(|| Memory)
        .init();
    let server = TestServer::start().await;
    let token = server.token();

    server
        .ask(server.predict("005930").header("X-Request-Id", "log-one"))
        .await;
    let events = events_of("log-one");
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(event["http.method"], "GET");
    assert_eq!(event["http.route"], "/api/v1/ai/predict/{stock_code}");
    assert_eq!(event["http.status"], 200);
    assert!(event["latency_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(event["subject"], "tester");
    assert_eq!(event["stock.code"], "005930");
    assert_eq!(event["model.version"], "1");
    assert_eq!(event["cache"], "miss");
    assert!(event["prediction"].is_string() && event["confidence"].is_f64());

    let batch = server.batch(serde_json::json!({"stock_codes": ["005930", "INVALID"]}));
    server.ask(batch.header("X-Request-Id", "log-batch")).await;
    let event = &events_of("log-batch")[0];
    assert_eq!(event["batch.items"], 2);
    assert_eq!(event["batch.failed"], 1);
    assert_eq!(event["batch.cached"], 1);

    let forged = Request::get("/api/v1/ai/predict/005930")
        .bearer(&token[..token.len() - 3])
        .header("X-Request-Id", "log-refused");
    server.ask(forged).await;
    let events = events_of("log-refused");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["error.code"], "invalid_token");
    assert_eq!(
        events[0]["error.cause"],
        "the token's signature does not match"
    );

    let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let payload = token.split('.').nth(1).unwrap();
    assert!(!String::from_utf8_lossy(&written).contains(payload));
}
