//! The store's address, whose password is never shown.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

/// Prefixes of an address of PostgreSQL.
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];

/// What stands in place of a password.
const HIDDEN: &str = "***";

/// The address of a database. It shows and serialises without its password.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct StoreUrl(String);

/// Why an address cannot be used, without its text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StoreUrlProblem {
    pub(super) value: String,
    pub(super) expected: &'static str,
}

impl StoreUrl {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// The address with its password, for whoever opens the store.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is an address that the store understands.
    pub(super) fn check(&self) -> Result<(), StoreUrlProblem> {
        const ACCEPTED: &str =
            "it must be sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE";
        const WELL_FORMED: &str = "it must be postgres://USER:PASSWORD@HOST:PORT/DATABASE; special \
                                   characters in a password are written as %40 for @, %3A for :, \
                                   %2F for /, %3F for ?, %23 for #";
        let problem = |value: &str, expected| {
            Err(StoreUrlProblem {
                value: value.to_owned(),
                expected,
            })
        };
        match (self.0.split_once(':'), PostgresAddress::of(&self.0)) {
            (Some(("sqlite", path)), _) if !path.trim_start_matches('/').is_empty() => Ok(()),
            (Some(("sqlite", _)), _) => problem("an address without a path", ACCEPTED),
            (_, Some(Some(_))) => Ok(()),
            (_, Some(None)) => problem("no well-formed address of PostgreSQL", WELL_FORMED),
            (Some((scheme, _)), None) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
                problem(&format!("an address of '{scheme}'"), ACCEPTED)
            }
            _ => problem("no address", ACCEPTED),
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match PostgresAddress::of(&self.0) {
            None if self.0.starts_with("sqlite:") => f.write_str(&self.0),
            Some(Some(address)) => address.fmt(f),
            // What is not understood may hold a password anywhere.
            _ => f.write_str("<redacted>"),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for StoreUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The parts of an address of PostgreSQL.
struct PostgresAddress<'a> {
    prefix: &'static str,
    user: Option<&'a str>,
    has_password: bool,
    host: &'a str,
    port: Option<&'a str>,
    database: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> PostgresAddress<'a> {
    /// `None` if it is an address of something else, `Some(None)` if its parts cannot be told
    /// apart.
    fn of(text: &'a str) -> Option<Option<Self>> {
        let prefix = POSTGRES.into_iter().find(|p| text.starts_with(p))?;
        Some(Self::parse(prefix, &text[prefix.len()..]))
    }

    fn parse(prefix: &'static str, rest: &'a str) -> Option<Self> {
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = address.split_once('/').unwrap_or((address, ""));
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let (user, password) = match user.map(|user| user.split_once(':').unwrap_or((user, ""))) {
            Some((user, password)) => (Some(user), password),
            None => (None, ""),
        };
        // An address of IPv6 has colons of its own, in brackets.
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (place, None),
        };
        let parameters: Option<Vec<(&str, &str)>> = query
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| part.split_once('='))
            .collect();
        let parameters = parameters?;
        let plain = |text: &str| !text.contains(['@', ':', '/', '?', '#', ' ']);
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let place_known = !host.is_empty() || parameters.iter().any(|(key, _)| *key == "host");
        let well_formed = place_known
            && user.is_none_or(plain)
            && plain(password)
            && (bracketed || plain(host))
            && port.is_none_or(|port| port.parse::<u16>().is_ok())
            && plain(database)
            && !query.contains(['@', '#', '?']);
        well_formed.then_some(Self {
            prefix,
            user,
            has_password: !password.is_empty(),
            host,
            port,
            database,
            parameters,
        })
    }
}

impl fmt::Display for PostgresAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix)?;
        if let Some(user) = self.user {
            f.write_str(user)?;
            if self.has_password {
                write!(f, ":{HIDDEN}")?;
            }
            f.write_str("@")?;
        }
        f.write_str(self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", self.database)?;
        for (position, (key, value)) in self.parameters.iter().enumerate() {
            let separator = if position == 0 { '?' } else { '&' };
            let secret = key.to_ascii_lowercase().contains("password");
            write!(
                f,
                "{separator}{key}={}",
                if secret { HIDDEN } else { value }
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let url = StoreUrl::new(text.to_owned());
        assert_eq!(format!("{url:?}"), url.to_string());
        assert_eq!(serde_json::to_value(&url).unwrap(), url.to_string());
        url.to_string()
    }

    fn problem(text: &str) -> String {
        let problem = StoreUrl::new(text.to_owned()).check().unwrap_err();
        format!("{}, {}", problem.value, problem.expected)
    }

    #[test]
    fn everything_but_the_password_is_shown() {
        for (text, expected) in [
            (
                "sqlite:///data/a@b:c.db?mode=rwc",
                "sqlite:///data/a@b:c.db?mode=rwc",
            ),
            ("sqlite::memory:", "sqlite::memory:"),
            (
                "postgres://naeil:canary@db:5432/naeil",
                "postgres://naeil:***@db:5432/naeil",
            ),
            (
                "postgresql://naeil:can%40ary@db/naeil",
                "postgresql://naeil:***@db/naeil",
            ),
            ("postgres://naeil@db/naeil", "postgres://naeil@db/naeil"),
            (
                "postgres://:canary@[::1]:5432/x",
                "postgres://:***@[::1]:5432/x",
            ),
            ("postgres://[::1]/x", "postgres://[::1]/x"),
            (
                "postgres:///x?host=/run/postgresql&password=canary&sslmode=require",
                "postgres:///x?host=/run/postgresql&password=***&sslmode=require",
            ),
        ] {
            assert_eq!(shown(text), expected);
            assert_eq!(StoreUrl::new(text.to_owned()).check(), Ok(()), "{text}");
        }
    }

    /// Where the password ends cannot be told, so nothing is shown.
    #[test]
    fn an_address_that_is_not_understood_is_not_shown_and_refused() {
        for text in [
            "postgres://naeil:can@ary@db/naeil",
            "postgres://naeil:can/ary@db/naeil",
            "postgres://naeil:can?ary@db/naeil",
            "postgres://naeil:can#ary@db/naeil",
            "postgres://naeil:canary",
            "postgres://naeil:canary/db",
            "postgres://db/naeil?canary",
            "postgres://",
        ] {
            assert_eq!(shown(text), "<redacted>", "{text}");
            let problem = problem(text);
            assert!(problem.contains("%40 for @"), "{text}: {problem}");
            assert!(!problem.contains("canary"), "{problem}");
        }
    }

    #[test]
    fn another_database_is_refused_with_what_is_accepted() {
        let accepted = "it must be sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE";
        for (text, value) in [
            ("mysql://naeil:canary@db/naeil", "an address of 'mysql'"),
            ("postgres:naeil:canary@db", "an address of 'postgres'"),
            ("canary", "no address"),
            ("", "no address"),
            ("can ary:x", "no address"),
            ("sqlite:", "an address without a path"),
            ("sqlite://", "an address without a path"),
        ] {
            assert_eq!(problem(text), format!("{value}, {accepted}"));
            if !text.starts_with("sqlite:") {
                assert_eq!(shown(text), "<redacted>");
            }
        }
    }
}
