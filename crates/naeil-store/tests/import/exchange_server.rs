//! A server that replies as the exchange's Open API does, over real HTTP on a free port.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with one request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// A status, headers of its own, and a body.
    Reply(u16, &'static str, String),
    /// Says that more comes than does, and closes.
    BreakOff,
    /// Says nothing until the client has gone.
    Hang,
    /// A body without end.
    Endless,
}

impl Answer {
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::Reply(200, "", body.into())
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Reply(status, "", "{\"message\":\"no\"}".to_owned())
    }
}

/// One request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(theirs, _)| theirs == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn market(&self) -> &str {
        match self.line.contains("stk_bydd_trd") {
            true => "KOSPI",
            false => "KOSDAQ",
        }
    }
}

/// The server; it ends with the test program.
pub(crate) struct ExchangeServer {
    pub(crate) base_url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl ExchangeServer {
    /// Answers the n-th request, counted from 0, with what `answer` makes of it.
    pub(crate) fn start(
        answer: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/svc/apis/sto", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                let stream = stream.unwrap();
                std::thread::spawn(move || {
                    let request = read_request(&stream);
                    let n = {
                        let mut seen = seen.lock().unwrap();
                        seen.push(request.clone());
                        seen.len() - 1
                    };
                    // A client that has gone is part of some tests.
                    let _ = reply(stream, answer(n, &request));
                });
            }
        });
        Self { base_url, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> Request {
    let mut lines = BufReader::new(stream).lines();
    let line = lines.next().and_then(Result::ok).unwrap_or_default();
    let headers = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_lowercase(), value.trim().to_owned()))
        })
        .collect();
    Request { line, headers }
}

fn reply(mut stream: TcpStream, answer: Answer) -> std::io::Result<()> {
    match answer {
        Answer::Reply(status, headers, body) => write!(
            stream,
            "HTTP/1.1 {status} x\r\nContent-Type: application/json;charset=UTF-8\r\n\
             Content-Length: {}\r\n{headers}Connection: close\r\n\r\n{body}",
            body.len()
        ),
        Answer::BreakOff => write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n{{\"OutBlock_1\":[{{\"BAS_"
        ),
        Answer::Hang => {
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            BufReader::new(stream)
                .read_line(&mut String::new())
                .map(|_| ())
        }
        Answer::Endless => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{{\"OutBlock_1\":["
            )?;
            loop {
                stream.write_all(&[b' '; 1 << 16])?;
            }
        }
    }
}
