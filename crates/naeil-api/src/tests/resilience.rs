//! What a client sees when something breaks inside.

use std::time::Duration;

use naeil_serving::ServiceConfig;

use super::client::Request;
use super::server::TestServer;
use super::world::PANICKING_CODE;

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

#[tokio::test(flavor = "multi_thread")]
async fn overload_is_refused_at_once_and_says_when_to_come_back() {
    let config = ServiceConfig {
        queue_capacity: 1,
        ..ServiceConfig::for_testing()
    };
    let server = TestServer::configured(config, TestServer::settings()).await;
    // The first answer ranks the whole market; after it, each stock is one pass of the model.
    assert_eq!(server.ask(server.predict("005930")).await.status, 200);
    let control = server.control();
    control.hold();
    let refused_then_released = async {
        let held = control.clone();
        tokio::task::spawn_blocking(move || held.wait_until_held())
            .await
            .unwrap();
        // One waits in the queue and the other finds it full, whichever comes first.
        let (mut one, mut other) = (
            Box::pin(server.ask(server.predict("000660"))),
            Box::pin(server.ask(server.predict("035420"))),
        );
        let refused = tokio::select! {
            reply = &mut one => (reply, other),
            reply = &mut other => (reply, one),
        };
        control.release();
        (refused.0, refused.1.await)
    };
    let (first, (refused, queued)) =
        tokio::join!(server.ask(server.predict("005380")), refused_then_released);
    assert_eq!((first.status, queued.status), (200, 200));
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["code"], "overloaded");
    assert_eq!(refused.json()["retryable"], true);
    assert_eq!(refused.header("retry-after"), Some("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_too_long_is_a_problem() {
    let config = ServiceConfig {
        deadline: Duration::from_millis(50),
        ..ServiceConfig::for_testing()
    };
    let server = TestServer::configured(config, TestServer::settings()).await;
    server.control().hold();
    let reply = server.ask(server.predict("005930")).await;
    server.control().release();
    assert_eq!(reply.status, 504);
    assert_eq!(reply.json()["code"], "deadline_exceeded");
}
