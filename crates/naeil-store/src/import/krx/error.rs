//! What goes wrong between us and the exchange.

use chrono::NaiveDate;

/// Why a session did not come. None of the messages holds the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KrxError {
    /// The settings cannot be used.
    #[error("{setting} of the KRX Open API {problem}")]
    Settings {
        /// Which one.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The service does not accept the key; a retry cannot help.
    #[error(
        "the KRX Open API refused the key (HTTP {status}): check sources.krx.auth_key; a key is \
         issued at https://openapi.krx.co.kr, and there the services {services} must be applied for"
    )]
    KeyRefused {
        /// 401 or 403.
        status: u16,
        /// What is called.
        services: &'static str,
    },
    /// The service went on failing, or asks for more patience than we have.
    #[error("the KRX Open API did not give {market} of {session} in {attempts} attempts: {detail}")]
    GaveUp {
        /// The market.
        market: &'static str,
        /// The session.
        session: NaiveDate,
        /// How often it was asked.
        attempts: u32,
        /// What the last attempt ended with.
        detail: String,
    },
    /// The service answers, but not with a session's trading.
    #[error("the KRX Open API replied to {market} of {session} with something else: {detail}")]
    Unexpected {
        /// The market.
        market: &'static str,
        /// The session.
        session: NaiveDate,
        /// What came instead, at most the beginning of it.
        detail: String,
    },
    /// The exchange traded on that day, but the service has no rows of it.
    #[error(
        "the exchange has not published {market} of {session} yet: its list is empty. Figures of a \
         session come on the next morning; those of years before 2010 may not be there at all; and \
         a day on which it was closed after all belongs into the file of calendar.overrides"
    )]
    NotPublished {
        /// The market.
        market: &'static str,
        /// The session.
        session: NaiveDate,
    },
}
