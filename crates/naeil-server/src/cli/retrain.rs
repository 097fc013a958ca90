//! Arguments of `retrain`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use naeil_domain::{Exchange, Session};
use naeil_quality::CheckName;

/// Arguments of `retrain`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RetrainArgs {
    /// Learns only from sessions up to this one, YYYY-MM-DD.
    #[arg(long, value_name = "SESSION")]
    pub(crate) until: Option<Session>,

    /// Learns from the bars as they were known at this time, for instance 2026-11-20T09:00:00Z: what
    /// was imported or corrected later is as if it had never been.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) as_known_at: Option<DateTime<Utc>>,

    /// Learns from the bars and the universe of an earlier run instead of the store's: its folder
    /// RUN/extract or a copy of that. The same snapshot, settings and build give the same weights.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["until", "as_known_at", "exchange", "observed_calendar"])]
    pub(crate) from_snapshot: Option<PathBuf>,

    /// Checks of the quality report that may fail, separated by commas; added to
    /// retrain.accept_data.
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = check_name)]
    pub(crate) accept_data: Vec<CheckName>,

    /// Learns from sessions that no trading calendar covers, too; as retrain.observed_calendar.
    #[arg(long)]
    pub(crate) observed_calendar: bool,

    /// Whose bars: XKRX, US or CN. A model of another exchange than XKRX is never promoted [default:
    /// XKRX].
    #[arg(long, value_name = "EXCHANGE", value_parser = exchange)]
    pub(crate) exchange: Option<Exchange>,
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|error| format!("{error}; write it as 2026-11-20T18:00:00+09:00"))
}

/// Parses a check's word.
pub(crate) fn check_name(text: &str) -> Result<CheckName, String> {
    CheckName::parse(text.trim()).ok_or_else(|| {
        let known = CheckName::ALL.map(CheckName::as_str).join(", ");
        format!("'{text}' is no check, choose from {known}")
    })
}

fn exchange(text: &str) -> Result<Exchange, String> {
    Exchange::parse(text).ok_or_else(|| {
        let known = Exchange::ALL.map(Exchange::as_str).join(", ");
        format!("'{text}' is no exchange naeil knows, choose one of {known}")
    })
}
