//! Arguments of `fetch`.

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::lessons;

/// Where bars can be fetched from.
#[derive(Debug, Subcommand)]
pub(crate) enum FetchCommand {
    /// Stores the daily trading of KOSPI and KOSDAQ from the KRX Open API.
    #[command(after_long_help = lessons::FETCH_KRX)]
    Krx(FetchKrxArgs),
    /// Stores the prices of a PostgreSQL database that another team fills.
    #[command(after_long_help = lessons::FETCH_DATABASE)]
    Database(FetchDatabaseArgs),
}

/// Arguments of `fetch krx`.
#[derive(Debug, Args)]
pub(crate) struct FetchKrxArgs {
    /// First session.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: NaiveDate,

    /// Last session [default: the newest one whose bars are final].
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<NaiveDate>,

    /// Fetches sessions again that were fetched before; what differs is kept as a correction.
    #[arg(long)]
    pub(crate) refetch: bool,

    /// Says which sessions would be fetched, and calls nobody.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Arguments of `fetch database`.
#[derive(Debug, Args)]
pub(crate) struct FetchDatabaseArgs {
    /// First session, also where it is in the store already; what differs is kept as a correction.
    #[arg(long, value_name = "DATE", conflicts_with = "full")]
    pub(crate) since: Option<NaiveDate>,

    /// Every session there is.
    #[arg(long)]
    pub(crate) full: bool,

    /// Reads and checks everything, reports what would be stored, and stores nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}
