//! What an import is told, says on its way, and reports.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use naeil_domain::{DataOrigin, PriceBasis, TradingCalendar};

/// How to import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// What the prices mean where the source does not say.
    pub basis: PriceBasis,
    /// Where the bars come from.
    pub origin: DataOrigin,
    /// The last date whose bars can be final, in exchange time; a later one is refused.
    pub today: NaiveDate,
    /// Says which dates are sessions in the years it covers.
    pub calendar: TradingCalendar,
    /// Where to write refused rows; made only if there is one, and removed if there is none.
    /// `None` counts them only.
    pub rejects_file: Option<PathBuf>,
    /// What to call the source in messages and in the table of runs.
    pub source_name: String,
    /// Does everything, reports what it would have done, and takes it back.
    pub dry_run: bool,
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportPhase {
    /// Reading and judging rows.
    Reading,
    /// Adding what is new or different; its end is not foreseeable.
    Storing,
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportProgress {
    /// What it is doing.
    pub phase: ImportPhase,
    /// Rows read so far, refused ones included.
    pub rows_read: u64,
    /// Rows there will be, if that is known.
    pub total_rows: Option<u64>,
    /// Bytes of the file read so far, if that is known.
    pub bytes_read: Option<u64>,
    /// Bytes of the file, if that is known.
    pub total_bytes: Option<u64>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows read: stored + corrected + unchanged + refused.
    pub rows_read: u64,
    /// Bars of a (code, session) that was not there before.
    pub stored: u64,
    /// Bars that differ from the one known for their (code, session); both are kept.
    pub corrected: u64,
    /// Bars equal to the one known.
    pub unchanged: u64,
    /// Rows refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Where they are written down, if there are any and a file was asked for.
    pub rejects_file: Option<PathBuf>,
    /// How long it took.
    pub elapsed: Duration,
}

impl ImportReport {
    /// How many rows were refused in all.
    pub fn n_refused(&self) -> u64 {
        self.refused.values().sum()
    }
}
