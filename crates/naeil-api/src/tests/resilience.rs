//! What a client sees when something breaks inside.

use super::client::Request;
use super::server::{PANICKING_CODE, TestServer};

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_handler_is_a_problem_with_its_request_id() {
    let server = TestServer::start().await;
    let named = server
        .predict(PANICKING_CODE)
        .header("X-Request-Id", "order-42");
    let reply = server.ask(named).await;
    assert_eq!(reply.status, 500);
    let body = reply.json();
    assert_eq!(body["code"], "internal_error");
    assert_eq!(body["request_id"], "order-42");
    assert!(
        !reply.text().contains("panic"),
        "internals in {}",
        reply.text()
    );

    let next = server.ask(server.predict("005930")).await;
    assert_eq!(next.status, 200);
    let text = server.ask(Request::get("/metrics")).await.text();
    assert!(text.contains("naeil_http_panics_total 1"), "{text}");
    let line = r#"naeil_http_requests_total{route="/api/v1/ai/predict/{stock_code}",method="GET",status="5xx"} 1"#;
    assert!(text.contains(line), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_model_is_a_problem_too() {
    let server = TestServer::start().await;
    server.control().panic_next(1);
    let reply = server.ask(server.predict("005930")).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.json()["code"], "internal_error");
    assert_eq!(server.ask(server.predict("005930")).await.status, 200);
}
