//! How PostgreSQL is opened.

use std::time::Duration;

use sea_orm::ConnectOptions;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{self, Connection as _, Row as _};

use super::address::without_password;
use crate::error::StoreOpenError;

/// What the server's list of sessions shows.
const APPLICATION_NAME: &str = "naeil";

/// A server of predictions reads rarely and logs in batches; a pipeline uses a handful.
const CONNECTIONS: u32 = 8;

/// How long the first answer may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a statement may wait for a connection of the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// No ordinary statement takes this long; imports and migrations lift it for themselves.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(120);

/// The oldest server that the statements were written for.
const OLDEST_VERSION: i32 = 13;

/// The address as the driver spells it, if it is one of PostgreSQL.
pub(super) fn normalised(url: &str) -> Option<String> {
    let rest = url
        .strip_prefix("postgres://")
        .or_else(|| url.strip_prefix("postgresql://"))?;
    Some(format!("postgres://{rest}"))
}

/// How the pool is made.
pub(super) fn pool(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(CONNECTIONS)
        .connect_timeout(CONNECT_TIMEOUT)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .set_application_name(APPLICATION_NAME)
        .statement_timeout(STATEMENT_TIMEOUT);
    options
}

/// Tries one connection: a pool would say no more than that its time ran out.
pub(super) async fn check(url: &str) -> Result<(), StoreOpenError> {
    let shown = without_password(url);
    let options: PgConnectOptions = url
        .parse()
        .map_err(|_| StoreOpenError::BadAddress { url: shown.clone() })?;
    let database = options.get_database().unwrap_or_default().to_owned();
    let connecting = PgConnection::connect_with(&options);
    let mut connection = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
        .await
        .unwrap_or_else(|elapsed| {
            let kind = std::io::ErrorKind::TimedOut;
            Err(sqlx::Error::Io(std::io::Error::new(kind, elapsed)))
        })
        .map_err(|error| explained(error, shown.clone(), database))?;
    let version = sqlx::query("SHOW server_version_num")
        .fetch_one(&mut connection)
        .await
        .and_then(|row| row.try_get::<String, _>(0));
    let closed = connection.close().await;
    let version = version.map_err(|error| explained(error, shown.clone(), String::new()))?;
    closed.map_err(|error| explained(error, shown.clone(), String::new()))?;
    check_version(&version, shown)
}

/// `text` is the version as one number: 150018 for 15.18.
fn check_version(text: &str, url: String) -> Result<(), StoreOpenError> {
    let major = text.parse::<i32>().map_or(0, |number| number / 10_000);
    if major >= OLDEST_VERSION {
        return Ok(());
    }
    Err(StoreOpenError::TooOld {
        url,
        found: major.to_string(),
        needed: OLDEST_VERSION,
    })
}

fn explained(error: sqlx::Error, url: String, database: String) -> StoreOpenError {
    let code = error
        .as_database_error()
        .and_then(|error| error.code())
        .map(|code| code.into_owned());
    let source = Box::new(error);
    match code.as_deref() {
        // invalid_authorization_specification, invalid_password
        Some("28000" | "28P01") => StoreOpenError::Login { url, source },
        // invalid_catalog_name
        Some("3D000") => StoreOpenError::NoDatabase { url, database },
        Some(_) => StoreOpenError::Server { url, source },
        None => StoreOpenError::Unreachable { url, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_named() {
        assert!(check_version("150018", String::new()).is_ok());
        let error = check_version("90624", "postgres://db/naeil".to_owned()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the server of postgres://db/naeil is PostgreSQL 9, naeil needs 13 or later: upgrade it"
        );
    }
}
