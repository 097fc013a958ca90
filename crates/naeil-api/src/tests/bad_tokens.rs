//! Tokens that are wrong, over HTTP; the matrix of what can be wrong stands in `auth::tests`.

use std::time::Duration;

use super::client::Request;
use super::server::TestServer;

const PATH: &str = "/api/v1/ai/predict/005930";

async fn refuses(
    server: &TestServer,
    request: Request,
    status: u16,
    code: &str,
    detail: &str,
) -> String {
    let reply = server.ask(request).await;
    let body = reply.json();
    let found = (reply.status, body["code"].as_str(), body["detail"].as_str());
    assert_eq!(found, (status, Some(code), Some(detail)));
    reply.header("www-authenticate").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_or_no_bearer_token() {
    let server = TestServer::start().await;
    let send = "send the header 'Authorization: Bearer TOKEN'";
    let challenge = refuses(&server, Request::get(PATH), 401, "missing_token", send).await;
    assert_eq!(challenge, r#"Bearer realm="naeil""#);
    let malformed =
        "the Authorization header is malformed, it must read 'Authorization: Bearer TOKEN'";
    for header in [
        "Bearer",
        "Basic dXNlcjpwYXNz",
        "Bearer a b",
        "Bearer a,b",
        "token",
    ] {
        let request = Request::get(PATH).header("Authorization", header);
        refuses(&server, request, 401, "missing_token", malformed).await;
    }
    let twice = Request::get(PATH)
        .bearer(&server.token())
        .bearer(&server.token());
    let detail = "there are two Authorization headers, send one";
    refuses(&server, twice, 401, "missing_token", detail).await;

    let lower_case =
        Request::get(PATH).header("Authorization", format!("bearer {}", server.token()));
    assert_eq!(server.ask(lower_case).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_not_accepted() {
    let server = TestServer::start().await;
    let detail = "the token is not accepted, get a new one from whoever runs this server";
    let mut forged = server.token();
    forged.truncate(forged.len() - 3);
    let unsigned = {
        let good = server.token();
        let payload = good.split('.').nth(1).unwrap();
        // {"alg":"none","typ":"JWT"} in base64url.
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.")
    };
    for token in [forged.as_str(), &unsigned, "garbage", "a.b.c"] {
        let request = Request::get(PATH).bearer(token);
        let challenge = refuses(&server, request, 401, "invalid_token", detail).await;
        assert!(
            challenge.contains(r#"error="invalid_token""#),
            "{challenge}"
        );
    }
    let short_lived = server.token_for(Duration::from_secs(1), &["predict"]);
    server.wait_a_minute();
    let request = Request::get(PATH).bearer(&short_lived);
    let detail = "the token has expired, get a new one";
    refuses(&server, request, 401, "expired_token", detail).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_without_the_scope() {
    let server = TestServer::start().await;
    let detail = "the token lacks the scope 'predict', ask for one that has it";
    for scopes in [&[][..], &["model:admin"], &["predictor"]] {
        let token = server.token_for(Duration::from_secs(600), scopes);
        let request = Request::get(PATH).bearer(&token);
        let challenge = refuses(&server, request, 403, "insufficient_scope", detail).await;
        assert_eq!(
            challenge,
            r#"Bearer realm="naeil", error="insufficient_scope", scope="predict""#
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_learns_nothing_about_the_rest_of_the_request() {
    let server = TestServer::start().await;
    for request in [
        Request::get("/api/v1/ai/predict/INVALID?horizon=9d"),
        Request::post("/api/v1/ai/predict/batch", "not json"),
        Request::new("POST", "/api/v1/ai/predict/batch").body("no type"),
    ] {
        let reply = server.ask(request).await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.json()["code"], "missing_token");
    }
}
