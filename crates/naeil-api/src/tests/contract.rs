//! The contract's good cases, those of the product's first ticket among them.

use serde_json::{Value, json};

use super::client::Request;
use super::server::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn predicts_one_stock() {
    let server = TestServer::start().await;
    let reply = server.ask(server.predict("005930")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let body = reply.json();
    assert_eq!(body["stock_code"], "005930");
    assert_eq!(body["horizon"], "1d");
    assert_eq!(body["model_version"], "1");
    assert_eq!(body["simulated"], true);
    let interval = ["lower", "median", "upper", "level"]
        .map(|name| body["return_interval"][name].as_f64().unwrap());
    assert!(interval[..3].is_sorted_by(|a, b| a < b), "{interval:?}");
    assert_eq!(interval[3], 0.9);
    assert_eq!(body["as_of"], server.as_of());
    assert!(["up", "down", "neutral"].contains(&body["prediction"].as_str().unwrap()));
    for share in ["confidence", "probability_up"] {
        assert!(
            (0.0..=1.0).contains(&body[share].as_f64().unwrap()),
            "{body}"
        );
    }
    assert_eq!(body["relative"]["of"], 5);
    assert!(body["predicted_at"].as_str().unwrap().ends_with("+09:00"));
    assert!(!body["features_used"].as_array().unwrap().is_empty());
    assert_eq!(body["prediction_id"].as_str().unwrap().len(), 32);
    assert!(body["target_session"].as_str() > body["as_of"].as_str());
    let reasons = body["reasons"].as_array().unwrap();
    let has = |code: &str| reasons.iter().any(|reason| reason["code"] == code);
    assert!(has("simulated_data") && !has("no_return_interval") && !has("uncalibrated"));
    let disclaimer = body["disclaimer"]["text"].as_str().unwrap();
    assert!(disclaimer.contains("simulated"), "{disclaimer}");
    assert!(!body["disclaimer"]["version"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn predicts_three_horizons() {
    let server = TestServer::start().await;
    let mut targets = Vec::new();
    for horizon in ["1d", "5d", "20d"] {
        let path = format!("/api/v1/ai/predict/005930?horizon={horizon}");
        let reply = server
            .ask(Request::get(&path).bearer(&server.token()))
            .await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.json()["horizon"], horizon);
        targets.push(reply.json()["target_session"].as_str().unwrap().to_owned());
    }
    assert!(targets.is_sorted_by(|a, b| a < b), "{targets:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cached_reply_is_byte_identical() {
    let server = TestServer::start().await;
    let first = server.ask(server.predict("000660")).await;
    server.wait_a_minute();
    let second = server.ask(server.predict("000660")).await;
    assert_eq!(second.body, first.body);
    assert_eq!(first.header("age"), Some("0"));
    assert_eq!(second.header("age"), Some("60"));
    assert_eq!(second.header("x-cache"), Some("hit"));
    for name in ["cache-control", "etag"] {
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    assert_eq!(first.header("cache-control"), Some("private, max-age=60"));

    let etag = first.header("etag").unwrap();
    let again = server.predict("000660").header("If-None-Match", etag);
    let third = server.ask(again).await;
    assert_eq!((third.status, third.body.len()), (304, 0));
    assert_eq!(third.header("etag"), Some(etag));
    let other = server
        .predict("000660")
        .header("If-None-Match", "\"other\"");
    assert_eq!(server.ask(other).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn predicts_a_batch_in_the_order_asked() {
    let server = TestServer::start().await;
    let asked = ["035420", "005930", "999999", "INVALID", "000660", "005930"];
    let reply = server
        .ask(server.batch(json!({"stock_codes": asked, "horizon": "5d"})))
        .await;
    assert_eq!(reply.status, 200);
    let body = reply.json();
    let items = body.as_array().unwrap();
    let codes: Vec<_> = items
        .iter()
        .map(|item| item["stock_code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, asked);
    assert_eq!(items[1], items[5]);
    for place in [0, 1, 4] {
        assert_eq!(items[place]["horizon"], "5d");
        assert!(items[place]["error"].is_null());
    }
    let title = "No stock has this code";
    assert_eq!(
        items[2],
        json!({"stock_code": "999999", "error": {
            "code": "unknown_stock_code", "title": title,
            "detail": "no stock has the code '999999'; check it against the exchange's list",
        }})
    );
    assert_eq!(
        items[3]["error"]["detail"],
        "no stock has the code 'INVALID'; a KRX code has four digits and then two digits or \
         capital letters, such as 005930"
    );
    let one = server
        .ask(Request::get("/api/v1/ai/predict/005930?horizon=5d").bearer(&server.token()))
        .await;
    assert_eq!(one.json(), items[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn takes_a_batch_of_three_without_horizon_and_one_of_a_hundred() {
    let server = TestServer::start().await;
    let three = json!({"stock_codes": ["005930", "000660", "035420"]});
    let reply = server.ask(server.batch(three.clone())).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json().as_array().unwrap().len(), 3);
    assert_eq!(reply.json()[0]["horizon"], "1d");
    let cached = server.ask(server.batch(three)).await;
    assert_eq!(cached.header("x-cache"), Some("hit"));
    assert_eq!(cached.body, reply.body);

    let hundred = server
        .ask(server.batch(json!({"stock_codes": vec!["005930"; 100]})))
        .await;
    assert_eq!(hundred.status, 200);
    assert_eq!(hundred.json().as_array().unwrap().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_what_the_first_ticket_refuses() {
    let server = TestServer::start().await;
    let many = server
        .ask(server.batch(json!({"stock_codes": vec!["005930"; 101]})))
        .await;
    assert_eq!(many.status, 400);
    assert!(
        many.json()["detail"]
            .as_str()
            .unwrap()
            .contains("exceeds limit")
    );
    let nobody = server.ask(Request::get("/api/v1/ai/predict/005930")).await;
    assert_eq!(nobody.status, 401);
    for code in ["999999", "INVALID"] {
        assert_eq!(server.ask(server.predict(code)).await.status, 404, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn describes_the_model_without_a_token() {
    let server = TestServer::start().await;
    let reply = server.ask(Request::get("/api/v1/ai/model/info")).await;
    assert_eq!(reply.status, 200);
    let body = reply.json();
    assert_eq!(body["model_name"], "stock_prediction_lstm");
    assert_eq!(body["version"], "1");
    assert_eq!(body["stage"], "champion");
    assert_eq!(body["horizons"], json!(["1d", "5d", "20d"]));
    assert_eq!(body["data_origin"], "simulated");
    assert_eq!(body["as_of"], server.as_of());
    assert_eq!(body["data_window"]["train"]["first"], "2020-01-02");
    assert_eq!(body["data_window"]["test"]["last"], "2023-12-28");
    assert_eq!(body["trained_at"], "2024-01-03T02:00:00.000+09:00");
    assert_eq!(body["metrics"]["1d"]["accuracy"], 0.53);
    assert_eq!(body["metrics"]["1d"]["precision"], Value::Null);
    assert_eq!(body["baselines"]["1d"]["majority"]["accuracy"], 0.51);
    assert_eq!(body["base_rates"]["1d"], 0.49);
    assert_eq!(body["digest"].as_str().unwrap().len(), 64);
    assert_eq!(
        body["decision_policy"]["20d"],
        json!({"up": 0.6, "down": 0.4})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_life_from_readiness() {
    let server = TestServer::start().await;
    let ready = server.ask(Request::get("/health/ready")).await;
    assert_eq!(ready.status, 200);
    assert_eq!(
        ready.json(),
        json!({"status": "ready", "model_version": "1", "as_of": server.as_of()})
    );

    let empty = TestServer::without_a_model().await;
    assert_eq!(empty.ask(Request::get("/health/live")).await.status, 200);
    for path in [
        "/health/ready",
        "/api/v1/ai/model/info",
        "/api/v1/ai/predict/005930",
    ] {
        let reply = empty.ask(Request::get(path).bearer(&empty.token())).await;
        assert_eq!(reply.status, 503, "{path}");
        assert_eq!(reply.json()["code"], "no_model");
        assert_eq!(reply.json()["retryable"], true);
        assert_eq!(reply.header("retry-after"), Some("2"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_reaches_the_prediction_log_under_its_request_id() {
    let server = TestServer::start().await;
    let named = server.predict("005930").header("X-Request-Id", "order-42");
    server.ask(named).await;
    let log = server.stop_and_read_the_log().await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].request_id, "order-42");
    assert_eq!(log[0].subject.as_deref(), Some("tester"));
    assert_eq!(log[0].prediction.stock_code.as_str(), "005930");
}
