//! Which bars a run learns from.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use naeil_domain::{Exchange, Session};
use naeil_quality::CheckName;
use serde::{Deserialize, Serialize};

/// Which bars a run learns from, and what is accepted about them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Whose bars. Default: XKRX.
    #[serde(with = "words::exchange")]
    pub exchange: Exchange,
    /// Only sessions up to this one; none for all. Default: none.
    #[serde(with = "words::session")]
    pub until: Option<Session>,
    /// Bars as they were known at this time; none for now. Default: none.
    #[serde(with = "words::time")]
    pub as_known_at: Option<DateTime<Utc>>,
    /// Whether sessions that no calendar covers may be learned from. Default: no.
    pub observed_calendar: bool,
    /// Checks of the quality report that may fail. Default: none.
    #[serde(with = "words::checks")]
    pub accept: Vec<CheckName>,
    /// The folder of a snapshot to learn from instead of the store's bars. Default: none.
    pub from_snapshot: Option<PathBuf>,
}

/// Domain types know no file format, so they are written as their words.
mod words {
    use chrono::{DateTime, SecondsFormat, Utc};
    use naeil_domain::{Exchange, Session};
    use naeil_quality::CheckName;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error};

    pub(super) mod exchange {
        use super::*;

        pub(in super::super) fn serialize<S: Serializer>(
            exchange: &Exchange,
            out: S,
        ) -> Result<S::Ok, S::Error> {
            out.serialize_str(exchange.as_str())
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            input: D,
        ) -> Result<Exchange, D::Error> {
            let word = String::deserialize(input)?;
            Exchange::parse(&word)
                .ok_or_else(|| D::Error::custom(format!("unknown exchange '{word}'")))
        }
    }

    pub(super) mod session {
        use super::*;

        pub(in super::super) fn serialize<S: Serializer>(
            session: &Option<Session>,
            out: S,
        ) -> Result<S::Ok, S::Error> {
            session.map(|session| session.to_string()).serialize(out)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            input: D,
        ) -> Result<Option<Session>, D::Error> {
            let text = Option::<String>::deserialize(input)?;
            text.map(|text| Session::parse(&text).map_err(D::Error::custom))
                .transpose()
        }
    }

    pub(super) mod time {
        use super::*;

        pub(in super::super) fn serialize<S: Serializer>(
            time: &Option<DateTime<Utc>>,
            out: S,
        ) -> Result<S::Ok, S::Error> {
            time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
                .serialize(out)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            input: D,
        ) -> Result<Option<DateTime<Utc>>, D::Error> {
            let text = Option::<String>::deserialize(input)?;
            let parse = |text: String| DateTime::parse_from_rfc3339(&text);
            let time = text.map(parse).transpose().map_err(D::Error::custom)?;
            Ok(time.map(|time| time.to_utc()))
        }
    }

    pub(super) mod checks {
        use super::*;

        pub(in super::super) fn serialize<S: Serializer>(
            checks: &[CheckName],
            out: S,
        ) -> Result<S::Ok, S::Error> {
            out.collect_seq(checks.iter().map(|check| check.as_str()))
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            input: D,
        ) -> Result<Vec<CheckName>, D::Error> {
            let unknown = |word: &String| D::Error::custom(format!("unknown check '{word}'"));
            Vec::<String>::deserialize(input)?
                .iter()
                .map(|word| CheckName::parse(word).ok_or_else(|| unknown(word)))
                .collect()
        }
    }
}
