//! A client that sends exactly what it is told to, right or wrong.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request to be sent.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Bytes that are announced and never sent.
    missing_bytes: usize,
}

impl Request {
    pub(super) fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            missing_bytes: 0,
        }
    }

    pub(super) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A POST of what claims to be JSON.
    pub(super) fn post(target: &str, body: impl AsRef<[u8]>) -> Self {
        Self::new("POST", target)
            .header("Content-Type", "application/json")
            .body(body)
    }

    pub(super) fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        let value = value.as_ref().to_owned();
        self.headers.push((name.to_owned(), value));
        self
    }

    pub(super) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    pub(super) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// Announces more of a body than it sends.
    pub(super) fn unfinished(mut self) -> Self {
        self.missing_bytes = 100;
        self
    }

    pub(super) async fn send(&self, address: SocketAddr) -> Reply {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n",
            self.method, self.target
        );
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.method == "POST" {
            let length = self.body.len() + self.missing_bytes;
            head += &format!("Content-Length: {length}\r\n");
        }
        let mut stream = TcpStream::connect(address).await.unwrap();
        let message = [head.as_bytes(), b"\r\n", &self.body].concat();
        // A server that refuses early may close before it has read everything.
        let _ = stream.write_all(&message).await;
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        Reply::parse(&reply)
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(bytes)));
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        Self {
            status: status.parse().unwrap(),
            headers,
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(header, _)| header == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} stands there twice");
        value
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.text()))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
