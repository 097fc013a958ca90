//! A clock whose hands a test moves.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use naeil_domain::ports::Clock;

/// Stands still until it is set.
#[derive(Debug)]
pub struct SettableClock(Mutex<DateTime<Utc>>);

impl SettableClock {
    /// Starts at `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    /// Starts at a time written as RFC 3339.
    ///
    /// # Panics
    /// If the text is not such a time.
    pub fn at(text: &str) -> Self {
        Self::new(parse(text))
    }

    /// Moves the hands to a time written as RFC 3339.
    ///
    /// # Panics
    /// If the text is not such a time.
    pub fn set(&self, text: &str) {
        *self.0.lock().expect("no holder of this lock panics") = parse(text);
    }
}

impl Clock for SettableClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("no holder of this lock panics")
    }
}

fn parse(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text)
        .unwrap_or_else(|error| panic!("'{text}' is not an RFC 3339 time: {error}"))
        .to_utc()
}
