//! Asking the service, politely and with patience.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use chrono::NaiveDate;
use ureq::Agent;
use ureq::http::StatusCode;

use super::KrxMarket;
use super::error::KrxError;
use super::reply::{KrxRow, agreed, excerpt, parse};
use super::retry::{Pace, backoff, is_bearable, random, retry_after};

/// Where the service is, unless a proxy of one's own stands before it.
pub const DEFAULT_BASE_URL: &str = "https://data-dbg.krx.co.kr/svc/apis/sto";

/// A reply larger than this is none: a session has under 2,000 rows of about 400 bytes.
const MAX_BODY_BYTES: u64 = 16 << 20;

/// How to ask.
#[derive(Clone)]
pub struct KrxConfig {
    /// The key; sent in the header `AUTH_KEY`, never printed.
    pub auth_key: String,
    /// Address up to the name of the service.
    pub base_url: String,
    /// Most calls in a second.
    pub calls_per_second: f64,
    /// Longest that one call may take, its body included.
    pub timeout: Duration,
    /// How often a call is tried before it has failed.
    pub max_attempts: u32,
    /// The longest pause after the first failed attempt; it doubles from there.
    pub first_backoff: Duration,
}

impl KrxConfig {
    /// The defaults, with a key.
    pub fn new(auth_key: impl Into<String>) -> Self {
        Self {
            auth_key: auth_key.into(),
            base_url: DEFAULT_BASE_URL.to_owned(),
            calls_per_second: 2.0,
            timeout: Duration::from_secs(30),
            max_attempts: 5,
            first_backoff: Duration::from_secs(1),
        }
    }
}

impl std::fmt::Debug for KrxConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KrxConfig")
            .field("base_url", &self.base_url)
            .field("calls_per_second", &self.calls_per_second)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A connection to the service. Its calls block, so an async caller makes them on a thread for that.
#[derive(Debug)]
pub struct KrxClient {
    agent: Agent,
    config: KrxConfig,
    pace: Mutex<Pace>,
}

/// How one attempt ended without rows.
enum Failed {
    /// Another attempt cannot do better.
    ForGood(KrxError),
    /// Another attempt may; the service may have said when.
    ForNow {
        detail: String,
        wait: Option<Duration>,
    },
}

impl KrxClient {
    /// Prepares a client; nothing is called yet.
    ///
    /// # Errors
    /// [`KrxError::Settings`] if a setting cannot be used.
    pub fn new(config: KrxConfig) -> Result<Self, KrxError> {
        let refuse = |setting, problem: &str| {
            Err(KrxError::Settings {
                setting,
                problem: problem.to_owned(),
            })
        };
        let key = &config.auth_key;
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refuse(
                "the key",
                "is empty or has characters that no key has; check sources.krx.auth_key",
            );
        }
        if !config.base_url.starts_with("https://") && !config.base_url.starts_with("http://") {
            return refuse("base_url", "must begin with https:// or http://");
        }
        if !(config.calls_per_second.is_finite() && config.calls_per_second > 0.001) {
            return refuse("calls_per_second", "must be a positive number");
        }
        if config.max_attempts == 0 || config.timeout.is_zero() {
            return refuse("max_attempts and the timeout", "must be at least 1");
        }
        let agent = Agent::config_builder()
            .timeout_global(Some(config.timeout))
            .http_status_as_error(false)
            // The key must not follow a redirection to another host.
            .max_redirects(0)
            .user_agent(concat!("naeil/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self {
            agent,
            pace: Mutex::new(Pace::new(config.calls_per_second)),
            config,
        })
    }

    /// The trading of one market on one session. Blocks while it waits.
    pub(super) fn day(
        &self,
        market: KrxMarket,
        session: NaiveDate,
    ) -> Result<Vec<KrxRow>, KrxError> {
        for attempt in 1.. {
            self.wait_for_turn();
            let (detail, wait) = match self.attempt(market, session) {
                Ok(rows) if rows.is_empty() => {
                    let market = market.name();
                    return Err(KrxError::NotPublished { market, session });
                }
                Ok(rows) => return Ok(rows),
                Err(Failed::ForGood(error)) => return Err(error),
                Err(Failed::ForNow { detail, wait }) => (detail, wait),
            };
            let own_pause = backoff(self.config.first_backoff, attempt, random());
            let pause = wait.map_or(own_pause, |asked| asked.saturating_add(own_pause));
            if attempt >= self.config.max_attempts || !is_bearable(pause) {
                let patience = match wait.filter(|_| !is_bearable(pause)) {
                    Some(wait) => format!("; it asks to wait {} s", wait.as_secs()),
                    None => String::new(),
                };
                return Err(KrxError::GaveUp {
                    market: market.name(),
                    session,
                    attempts: attempt,
                    detail: detail + &patience,
                });
            }
            std::thread::sleep(pause);
        }
        unreachable!("attempts end")
    }

    fn wait_for_turn(&self) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = pace.wait_at(Instant::now());
        drop(pace);
        std::thread::sleep(wait);
    }

    fn attempt(&self, market: KrxMarket, session: NaiveDate) -> Result<Vec<KrxRow>, Failed> {
        let for_now = |detail| Failed::ForNow { detail, wait: None };
        let base_url = self.config.base_url.trim_end_matches('/');
        let mut reply = self
            .agent
            .get(format!("{base_url}/{}", market.path()))
            .query("basDd", session.format("%Y%m%d").to_string())
            .header("AUTH_KEY", &self.config.auth_key)
            .header("Accept", "application/json")
            .call()
            .map_err(|error| for_now(self.redacted(&error.to_string())))?;
        let status = reply.status();
        let asked = reply
            .headers()
            .get("Retry-After")
            .and_then(|header| header.to_str().ok())
            .and_then(|header| retry_after(header, SystemTime::now()));
        let body = reply
            .body_mut()
            .with_config()
            .limit(MAX_BODY_BYTES)
            .read_to_string();
        let unexpected = |detail: String| {
            Failed::ForGood(KrxError::Unexpected {
                market: market.name(),
                session,
                detail: self.redacted(&detail),
            })
        };
        // Before anything is cut off: half a key is half given away.
        let body = body.map(|body| self.redacted(&body));
        match status {
            StatusCode::OK => match body {
                Ok(body) => parse(&body)
                    .and_then(|rows| agreed(rows, market, session))
                    .map_err(unexpected),
                Err(ureq::Error::BodyExceedsLimit(limit)) => {
                    Err(unexpected(format!("more than {limit} bytes")))
                }
                // A reply that breaks off, or does not end in time.
                Err(error) => Err(for_now(self.redacted(&error.to_string()))),
            },
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(Failed::ForGood(KrxError::KeyRefused {
                    status: status.as_u16(),
                    services: "stk_bydd_trd and ksq_bydd_trd",
                }))
            }
            status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                Err(Failed::ForNow {
                    detail: format!("HTTP {}", status.as_u16()),
                    wait: asked,
                })
            }
            status => {
                let said = body.map(|body| excerpt(&body)).unwrap_or_default();
                Err(unexpected(format!("HTTP {}: {said}", status.as_u16())))
            }
        }
    }

    /// A text without the key, should the service repeat it.
    fn redacted(&self, text: &str) -> String {
        text.replace(&self.config.auth_key, "<redacted>")
    }
}
