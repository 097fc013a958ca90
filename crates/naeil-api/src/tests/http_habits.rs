//! HEAD, OPTIONS, request ids, headers, metrics.

use super::client::Request;
use super::server::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body() {
    let server = TestServer::start().await;
    for path in [
        "/health/live",
        "/docs",
        "/openapi.json",
        "/api/v1/ai/model/info",
    ] {
        let get = server.ask(Request::get(path)).await;
        let head = server.ask(Request::new("HEAD", path)).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for name in ["content-length", "content-type"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    let stranger = Request::new("HEAD", "/api/v1/ai/predict/005930");
    let reply = stranger.send(server.address()).await;
    assert_eq!((reply.status, reply.body.len()), (401, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn options_tells_the_methods_of_a_path() {
    let server = TestServer::start().await;
    for (path, allow) in [
        ("/api/v1/ai/predict/005930", "GET, HEAD, OPTIONS"),
        ("/api/v1/ai/predict/batch", "OPTIONS, POST"),
        ("/api/v1/ai/model/info", "GET, HEAD, OPTIONS"),
        ("/health/ready", "GET, HEAD, OPTIONS"),
        ("/docs", "GET, HEAD, OPTIONS"),
        ("/openapi.json", "GET, HEAD, OPTIONS"),
    ] {
        let preflight = Request::new("OPTIONS", path).header("Origin", "https://example.org");
        let reply = server.ask(preflight).await;
        assert_eq!((reply.status, reply.body.len()), (204, 0), "{path}");
        assert_eq!(reply.header("allow"), Some(allow), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
    let nowhere = server.ask(Request::new("OPTIONS", "/nowhere")).await;
    assert_eq!(nowhere.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn request_ids_are_echoed_or_made() {
    let server = TestServer::start().await;
    let named = Request::get("/nowhere").header("X-Request-Id", "order-42");
    let reply = server.ask(named).await;
    assert_eq!(reply.header("x-request-id"), Some("order-42"));
    assert_eq!(reply.json()["request_id"], "order-42");
    assert_eq!(reply.json()["instance"], "/nowhere");
    let odd = Request::get("/health/live").header("X-Request-Id", "two words");
    let made = server.ask(odd).await;
    let id = uuid::Uuid::parse_str(made.header("x-request-id").unwrap()).unwrap();
    assert_eq!(id.get_version_num(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reply_has_security_headers() {
    let server = TestServer::start().await;
    for path in [
        "/health/live",
        "/nowhere",
        "/docs",
        "/api/v1/ai/predict/005930",
    ] {
        let reply = server.ask(Request::get(path)).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
        assert!(reply.header("content-security-policy").is_some(), "{path}");
    }
    let live = server.ask(Request::get("/health/live")).await;
    assert_eq!(live.header("cache-control"), Some("no-store"));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_by_route_template_and_closed_labels() {
    let server = TestServer::start().await;
    server.ask(server.predict("005930")).await;
    server.ask(server.predict("INVALID")).await;
    for number in 0..20 {
        server
            .ask(Request::new("BREW", &format!("/nowhere/{number}")))
            .await;
    }
    let reply = server.ask(Request::get("/metrics")).await;
    assert_eq!(
        reply.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    let text = reply.text();
    let route = r#"route="/api/v1/ai/predict/{stock_code}",method="GET""#;
    for line in [
        &format!("naeil_http_requests_total{{{route},status=\"2xx\"}} 1"),
        &format!("naeil_http_requests_total{{{route},status=\"4xx\"}} 1"),
        r#"naeil_http_requests_total{route="unmatched",method="_OTHER",status="4xx"} 20"#,
        &format!("naeil_http_request_duration_seconds_count{{{route},status=\"2xx\"}} 1"),
        "naeil_http_panics_total 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}
