//! The Open API of the Korea Exchange: the daily trading of KOSPI and KOSDAQ.
//!
//! One call gives one market on one session. A [`KrxSource`] is one session of both markets, so that
//! one import stores a session whole or not at all. The client was tried against a local server that
//! replies in the documented shape, and not yet against the service itself.

mod client;
mod error;
mod reply;
mod retry;
mod source;

pub use client::{DEFAULT_BASE_URL, KrxClient, KrxConfig};
pub use error::KrxError;
pub use source::KrxSource;

/// The markets whose daily trading the service gives, each with its own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KrxMarket {
    Kospi,
    Kosdaq,
}

impl KrxMarket {
    pub(super) const ALL: [Self; 2] = [Self::Kospi, Self::Kosdaq];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Kospi => "KOSPI",
            Self::Kosdaq => "KOSDAQ",
        }
    }

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Kospi => "stk_bydd_trd",
            Self::Kosdaq => "ksq_bydd_trd",
        }
    }
}
