mod live;
mod overrides;
mod properties;
mod vectors;

use chrono::{DateTime, NaiveDate, Utc};

use crate::session::Session;

fn date(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn session(text: &str) -> Session {
    Session::new(date(text))
}

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}
