//! A server through its life: no model, a first model, a second one, the end.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use naeil_tests::binary::Workdir;
use naeil_tests::server::Server;

use crate::market::{UNTIL, fresh_trained, simulate, trained};

#[test]
fn a_server_without_a_model_says_so_and_picks_one_up() {
    let mut workdir = Workdir::new();
    workdir.set("NAEIL_SERVING__REFRESH_SECONDS", "1");
    simulate(&workdir);
    let server = Server::start(&workdir);
    let token = workdir.ok(["token"]).trim().to_owned();
    let client = server.client().with_token(&token);

    assert_eq!(client.get("/health/live").status, 200);
    assert_eq!(client.get("/health/ready").status, 503);
    let reply = client.get("/api/v1/ai/predict/005930");
    assert_eq!(reply.status, 503, "{}", reply.body);
    assert_eq!(reply.json()["code"], "no_model");
    assert!(reply.header("retry-after").is_some());

    workdir.ok(["retrain"]);
    server.wait_until("the first champion serves", Duration::from_secs(30), || {
        client.get("/health/ready").status == 200
    });
    assert_eq!(client.get("/api/v1/ai/predict/005930").status, 200);
}

#[test]
fn the_log_is_json_and_the_end_is_clean() {
    let workdir = fresh_trained();
    let server = Server::start(&workdir);
    let token = workdir
        .ok(["token", "--subject", "alice"])
        .trim()
        .to_owned();
    let client = server.client().with_token(&token);
    let reply = client.get("/api/v1/ai/predict/005930?horizon=1d");
    assert_eq!(reply.status, 200, "{}", reply.body);
    let request_id = reply.header("x-request-id").unwrap().to_owned();

    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    let events: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    let event = events
        .iter()
        .find(|event| event.to_string().contains(&request_id))
        .unwrap_or_else(|| panic!("no event of request {request_id} in\n{log}"))
        .to_string();
    for field in ["005930", "confidence", "latency"] {
        assert!(event.contains(field), "{field} is missing: {event}");
    }
    assert!(!log.contains(&token), "the token must not be logged");
}

#[test]
fn a_retrain_on_the_same_bars_is_held_and_a_better_one_is_noticed() {
    let mut workdir = Workdir::new();
    workdir.set("NAEIL_RETRAIN__TEST_SESSIONS", "100");
    // A market whose signal is strong enough to show in accuracy (a gain of about 0.10).
    let market = "simulate --stocks 40 --sessions 460 --signal 0.3 --seed 2 --until";
    workdir.ok(market.split(' ').chain([UNTIL]));
    // The first model hardly learns.
    workdir.set("NAEIL_RETRAIN__LEARNING_RATE", "0.0000001");
    assert_eq!(workdir.json(["retrain"])["verdict"], "PROMOTE");
    let same = workdir.json(["retrain"]);
    assert_eq!(same["verdict"], "HOLD", "{same}");

    workdir.set("NAEIL_SERVING__REFRESH_SECONDS", "1");
    let server = Server::start(&workdir);
    let client = server.client();
    assert_eq!(client.get("/api/v1/ai/model/info").json()["version"], "1");

    workdir.set("NAEIL_RETRAIN__LEARNING_RATE", "0.003");
    workdir.set("NAEIL_RETRAIN__HIDDEN_SIZE", "16");
    workdir.set("NAEIL_RETRAIN__EPOCHS", "4");
    workdir.set("NAEIL_RETRAIN__WINDOWS_PER_EPOCH", "4096");
    workdir.set("NAEIL_RETRAIN__MIN_GAIN", "0.005");
    let better = workdir.json(["retrain"]);
    assert_eq!(better["verdict"], "PROMOTE", "{better}");
    server.wait_until(
        "the second champion serves",
        Duration::from_secs(30),
        || client.get("/api/v1/ai/model/info").json()["version"] == better["version"],
    );
    let ledger = workdir.json(["ledger"]);
    let verdicts: Vec<&str> = ledger
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["PROMOTE", "HOLD", "PROMOTE"]);
    assert_eq!(ledger[2]["champion_version"], "1");
}

/// What the server answers to bytes that no client library would send.
fn reply_to(server: &Server, bytes: &[u8]) -> String {
    let address = server.url().strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    socket.write_all(bytes).unwrap();
    let mut reply = Vec::new();
    // A server that closes before it has read everything resets the connection; what it said
    // before that counts.
    let _ = socket.read_to_end(&mut reply);
    String::from_utf8_lossy(&reply).into_owned()
}

#[test]
fn garbled_bytes_are_refused_and_raise_no_alarm() {
    let server = Server::start(trained());
    let oversized = [b"GET / HTTP/1.1\r\nX: ", &[b'a'; 200_000][..], b"\r\n\r\n"].concat();
    for (bytes, status) in [
        (&b"GARBAGE\r\n\r\n"[..], "400"),
        (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03 hello over TLS", "400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
        ("GET /api/v1/ai/predict/\u{c0bc}\u{c131} HTTP/1.1\r\n\r\n".as_bytes(), "400"),
        (
            b"POST /health/live HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
            "400",
        ),
        (&oversized, "431"),
    ] {
        let reply = reply_to(&server, bytes);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{shown}: {reply}");
    }
    assert_eq!(server.client().get("/health/ready").status, 200);
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
}

#[test]
fn a_request_in_flight_is_answered_before_the_end() {
    let server = Server::start(trained());
    let token = trained().ok(["token"]).trim().to_owned();
    let body = r#"{"stock_codes": ["005930"]}"#;
    let (first, rest) = body.split_at(10);
    let address = server.url().strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    write!(
        socket,
        "POST /api/v1/ai/predict/batch HTTP/1.1\r\nHost: naeil\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    )
    .unwrap();
    // The interim reply says that the request has reached its handler.
    let mut interim = [0; 25];
    socket.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket.write_all(first.as_bytes()).unwrap();

    let stopping = std::thread::spawn(move || server.stop());
    socket.write_all(rest.as_bytes()).unwrap();
    let mut reply = String::new();
    socket.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
    let (status, log) = stopping.join().unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
}
