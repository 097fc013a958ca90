//! The OpenAPI document, against a snapshot and against itself.

use std::path::PathBuf;

use serde_json::Value;

use super::client::Request;
use super::server::TestServer;

/// Set it to 1 to write the snapshot anew.
const BLESS: &str = "NAEIL_BLESS";

fn snapshot() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("openapi.json")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_the_one_in_the_repository() {
    let server = TestServer::start().await;
    let served = server.ask(Request::get("/openapi.json")).await.json();
    if std::env::var_os(BLESS).is_some_and(|value| value == "1") {
        let text = serde_json::to_string_pretty(&served).unwrap() + "\n";
        std::fs::write(snapshot(), text).unwrap();
    }
    let kept = std::fs::read_to_string(snapshot()).unwrap();
    // As values, because the order of fields depends on the features of the whole build.
    assert!(
        serde_json::from_str::<Value>(&kept).unwrap() == served,
        "the OpenAPI document has changed; if that is meant, run this test with {BLESS}=1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_have_ids_security_and_described_replies() {
    let server = TestServer::start().await;
    let document = server.ask(Request::get("/openapi.json")).await.json();
    assert_eq!(document["openapi"], "3.0.3");
    assert_eq!(document["info"]["title"], "naeil");
    assert_eq!(document["info"]["license"]["name"], "MIT OR Apache-2.0");
    assert_eq!(document["servers"][0]["url"], "/");
    let scheme = &document["components"]["securitySchemes"]["bearer"];
    assert_eq!(scheme["type"], "http");
    assert_eq!(scheme["scheme"], "bearer");

    let mut ids = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            let needs_token = operation["security"]
                .as_array()
                .is_some_and(|s| !s.is_empty());
            assert_eq!(needs_token, path.contains("/predict/"), "{method} {path}");
            check_replies(&format!("{method} {path}"), &operation["responses"]);
        }
    }
    ids.sort();
    assert_eq!(
        ids,
        [
            "live",
            "metrics",
            "model_info",
            "predict",
            "predict_batch",
            "ready"
        ]
    );
}

fn check_replies(name: &str, replies: &Value) {
    for (status, reply) in replies.as_object().unwrap() {
        assert!(
            !reply["description"].as_str().unwrap().is_empty(),
            "{name} {status}"
        );
        if status.starts_with(['4', '5']) {
            let media = &reply["content"]["application/problem+json"];
            assert_eq!(
                media["schema"]["$ref"], "#/components/schemas/Problem",
                "{name} {status}"
            );
            let examples = media["examples"].as_object().unwrap();
            for (code, example) in examples {
                assert_eq!(example["value"]["code"], code.as_str(), "{name} {status}");
                assert_eq!(example["value"]["status"].to_string(), *status, "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_leads_somewhere() {
    let server = TestServer::start().await;
    let document = server.ask(Request::get("/openapi.json")).await.json();
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.push(reference.clone());
            }
            fields.values().for_each(|v| collect_references(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| collect_references(v, found)),
        _ => {}
    }
}
