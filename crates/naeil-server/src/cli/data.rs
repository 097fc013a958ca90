//! Arguments of `data`.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};
use naeil_domain::{Exchange, StockCode};

use super::lessons;

/// What can be asked about the stored bars.
#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Says what is wrong with the stored bars, and whether they are fit to train on.
    #[command(after_long_help = lessons::DATA_CHECK)]
    Check(CheckArgs),
    /// Lists the corporate actions that are known.
    #[command(after_long_help = lessons::DATA_ACTIONS)]
    Actions {
        /// The exchange: XKRX, US or CN.
        #[arg(long, default_value = "XKRX", value_parser = exchange)]
        exchange: Exchange,
    },
}

/// Arguments of `data check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The exchange: XKRX, US or CN.
    #[arg(long, default_value = "XKRX", value_parser = exchange)]
    pub(crate) exchange: Exchange,

    /// Only these stocks [default: all].
    #[arg(long, value_name = "CODE", num_args = 1.., value_delimiter = ',')]
    pub(crate) codes: Vec<StockCode>,

    /// Only sessions from this day on.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<NaiveDate>,

    /// Only sessions up to this day.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<NaiveDate>,

    /// Bars as they were known at this time (RFC 3339) [default: now].
    #[arg(long, value_name = "TIME")]
    pub(crate) as_known_at: Option<DateTime<Utc>>,

    /// Writes the page with plots to this file too.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

impl CheckArgs {
    /// Whether it is about less than all that is known now.
    pub(crate) fn is_partial(&self) -> bool {
        !self.codes.is_empty()
            || self.from.is_some()
            || self.until.is_some()
            || self.as_known_at.is_some()
    }
}

fn exchange(text: &str) -> Result<Exchange, String> {
    let known = Exchange::ALL.map(Exchange::as_str).join(", ");
    Exchange::parse(text).ok_or_else(|| format!("choose one of {known}"))
}
