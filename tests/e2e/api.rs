//! The seed's contract, over HTTP, against a real server with a trained model.

use naeil_tests::http::Client;
use naeil_tests::server::Server;
use serde_json::{Value, json};

use crate::market::trained;

fn token(scope: &str) -> String {
    trained().ok(["token", "--scope", scope]).trim().to_owned()
}

fn with_server(check: impl FnOnce(&Client)) {
    let server = Server::start(trained());
    check(&server.client().with_token(&token("predict")));
}

fn problem(reply: &naeil_tests::http::Reply, status: u16, code: &str) -> Value {
    assert_eq!(reply.status, status, "{}", reply.body);
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json"),
        "{}",
        reply.body
    );
    let body = reply.json();
    assert_eq!(body["status"], status);
    assert_eq!(body["code"], code, "{body}");
    for key in [
        "type",
        "title",
        "detail",
        "instance",
        "request_id",
        "retryable",
    ] {
        assert!(!body[key].is_null(), "{key} is missing: {body}");
    }
    assert_eq!(body["request_id"].as_str(), reply.header("x-request-id"));
    body
}

#[test]
fn a_prediction_has_every_field_of_the_contract() {
    with_server(|client| {
        let reply = client.get("/api/v1/ai/predict/005930?horizon=1d");
        assert_eq!(reply.status, 200, "{}", reply.body);
        let body = reply.json();
        assert_eq!(body["stock_code"], "005930");
        assert_eq!(body["horizon"], "1d");
        assert!(["up", "down", "neutral"].contains(&body["prediction"].as_str().unwrap()));
        let confidence = body["confidence"].as_f64().unwrap();
        assert!((0.5..=1.0).contains(&confidence), "{confidence}");
        let probability = body["probability_up"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&probability), "{probability}");
        let percentile = body["relative"]["percentile"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&percentile), "{percentile}");
        assert!(body["relative"]["of"].as_u64().unwrap() > 1);
        assert_eq!(body["model_version"], "1");
        assert!(body["features_used"].as_array().unwrap().len() >= 20);
        assert_eq!(body["as_of"], "2026-11-20");
        assert_eq!(body["target_session"], "2026-11-23");
        let interval = ["lower", "median", "upper"]
            .map(|name| body["return_interval"][name].as_f64().unwrap());
        assert!(interval.is_sorted_by(|a, b| a < b), "{interval:?}");
        assert_eq!(body["return_interval"]["level"], 0.9);
        assert!(body["reasons"].to_string().contains("simulated_data"));
        assert!(body["disclaimer"].to_string().contains("simulat"));
        chrono::DateTime::parse_from_rfc3339(body["predicted_at"].as_str().unwrap()).unwrap();
    });
}

#[test]
fn three_horizons_name_their_target_sessions() {
    with_server(|client| {
        for (horizon, target) in [
            ("1d", "2026-11-23"),
            ("5d", "2026-11-27"),
            ("20d", "2026-12-18"),
        ] {
            let reply = client.get(&format!("/api/v1/ai/predict/005930?horizon={horizon}"));
            assert_eq!(reply.status, 200, "{}", reply.body);
            assert_eq!(reply.json()["target_session"], target, "{horizon}");
        }
    });
}

#[test]
fn the_second_answer_is_the_first_byte_for_byte() {
    with_server(|client| {
        let path = "/api/v1/ai/predict/000660?horizon=5d";
        let (first, second) = (client.get(path), client.get(path));
        assert_eq!(first.header("x-cache"), Some("miss"));
        assert_eq!(second.header("x-cache"), Some("hit"));
        assert_eq!(first.body, second.body);
        assert_eq!(first.header("etag"), second.header("etag"));
        assert!(first.header("etag").is_some());
    });
}

#[test]
fn a_batch_answers_in_order_and_refuses_more_than_a_hundred() {
    with_server(|client| {
        let path = "/api/v1/ai/predict/batch";
        let codes = ["000660", "INVALID", "005930"];
        let reply = client.post(path, &json!({"stock_codes": codes, "horizon": "1d"}));
        assert_eq!(reply.status, 200, "{}", reply.body);
        let body = reply.json();
        let answered: Vec<&str> = body
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["stock_code"].as_str().unwrap())
            .collect();
        assert_eq!(answered, codes);
        assert_eq!(body[1]["error"]["code"], "unknown_stock_code");
        let alone = client.get("/api/v1/ai/predict/005930?horizon=1d");
        assert_eq!(alone.json(), body[2]);

        let many: Vec<String> = (0..101).map(|i| format!("{i:06}")).collect();
        let reply = client.post(path, &json!({"stock_codes": many, "horizon": "1d"}));
        let body = problem(&reply, 400, "batch_too_large");
        assert!(
            body["detail"].as_str().unwrap().contains("exceeds limit"),
            "{body}"
        );
    });
}

#[test]
fn model_info_needs_no_token_and_predictions_do() {
    let server = Server::start(trained());
    let client = server.client();
    let info = client.get("/api/v1/ai/model/info");
    assert_eq!(info.status, 200, "{}", info.body);
    let body = info.json();
    assert_eq!(body["model_name"], "stock_prediction_lstm");
    assert_eq!(body["version"], "1");
    assert_eq!(body["horizons"], json!(["1d", "5d", "20d"]));
    assert_eq!(body["data_origin"], "simulated");
    assert!(
        !body["metrics"].is_null() && !body["baselines"].is_null(),
        "{body}"
    );

    let reply = client.get("/api/v1/ai/predict/005930");
    problem(&reply, 401, "missing_token");
    assert!(
        reply
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
    let reply = client
        .with_token(&token("other"))
        .get("/api/v1/ai/predict/005930");
    problem(&reply, 403, "insufficient_scope");
}

#[test]
fn unknown_codes_are_404_whatever_their_shape() {
    with_server(|client| {
        for code in ["999999", "INVALID", "5930", "%EC%82%BC%EC%84%B1"] {
            let reply = client.get(&format!("/api/v1/ai/predict/{code}"));
            problem(&reply, 404, "unknown_stock_code");
        }
        problem(&client.get("/api/v1/ai/nothing"), 404, "route_not_found");
    });
}

#[test]
fn health_metrics_documents_and_docs_need_no_token() {
    let server = Server::start(trained());
    let client = server.client();
    assert_eq!(client.get("/health/live").status, 200);
    assert_eq!(client.get("/health/ready").status, 200);
    let authorised = client.with_token(&token("predict"));
    authorised.get("/api/v1/ai/predict/005930");
    authorised.get("/api/v1/ai/predict/005930");
    let metrics = client.get("/metrics");
    assert_eq!(metrics.status, 200);
    for name in [
        "naeil_http_requests_total",
        "naeil_http_request_duration_seconds_bucket",
        "naeil_prediction_confidence",
        "naeil_prediction_cache_hits_total",
        "naeil_prediction_cache_misses_total",
    ] {
        assert!(
            metrics.body.contains(name),
            "{name} is missing from:\n{}",
            metrics.body
        );
    }
    let document = client.get("/openapi.json").json();
    assert!(document["paths"]["/api/v1/ai/predict/{stock_code}"]["get"].is_object());
    let page = client.get("/docs");
    assert_eq!(page.status, 200);
    assert!(
        !page.body.contains("http://") && !page.body.contains("https://"),
        "{}",
        page.body
    );
}
