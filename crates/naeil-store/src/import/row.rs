//! What a source hands over: rows that are typed but not judged, and rows that could not be typed.

use async_trait::async_trait;
use chrono::NaiveDate;
use naeil_domain::{BarDefect, Digest, PriceBasis};

use crate::error::ImportError;

/// One row, typed. Nothing says yet that it makes sense.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SourceRow<'a> {
    /// Line in a text file, else the number of the row; the first is 1.
    pub line: u64,
    /// The stock's code.
    pub code: &'a str,
    /// Its name; where it is empty, the code takes its place.
    pub name: &'a str,
    /// The market that lists it.
    pub market: &'a str,
    /// The session.
    pub date: NaiveDate,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Shares traded.
    pub volume: f64,
    /// The adjustment factor, if the source has them; the prices are then as traded.
    pub adjustment_factor: Option<f64>,
    /// What the prices mean, if the source knows; else the factor or the options decide.
    pub basis: Option<PriceBasis>,
    /// The price that the exchange measures the session's change from, if the source states it:
    /// the close before, on the session's own footing.
    pub base_price: Option<f64>,
    /// What else the source says about the stock.
    pub details: RowDetails<'a>,
}

/// What a row may say about its stock beyond its bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowDetails<'a> {
    /// International securities identification number.
    pub isin: Option<&'a str>,
    /// Sector, in the source's words.
    pub sector: Option<&'a str>,
    /// First day of listing.
    pub listed_on: Option<NaiveDate>,
    /// Last day of listing.
    pub delisted_on: Option<NaiveDate>,
}

/// A row that could not be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow<'a> {
    /// Line in a text file, else the number of the row; the first is 1.
    pub line: u64,
    /// The stock's code as it stands there, as far as it could be read.
    pub code: &'a str,
    /// The date as it stands there, as far as it could be read.
    pub date: &'a str,
    /// Why.
    pub refusal: Refusal,
}

/// Why a row was refused, with what stood there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind.
    pub reason: RefusalReason,
    /// A sentence for people.
    pub explanation: String,
    /// The offending value.
    pub value: String,
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusalReason {
    /// A number cannot be read as one.
    BadNumber,
    /// A date cannot be read as one, or lies before 1900.
    BadDate,
    /// The text cannot be a stock code.
    BadCode,
    /// A required value is missing.
    MissingValue,
    /// The market is none that naeil knows.
    UnknownMarket,
    /// The date lies after the last one whose bars can be final.
    FutureDate,
    /// The exchange did not trade that day.
    NotASession,
    /// An earlier row of the source has the same code and date.
    DuplicateRow,
    /// The bytes are not UTF-8.
    BadUtf8,
    /// The line has more or fewer fields than the header.
    WrongFieldCount,
    /// The bar cannot have happened.
    Bar(BarDefect),
}

impl RefusalReason {
    /// A stable word for reports and rejects files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadNumber => "bad_number",
            Self::BadDate => "bad_date",
            Self::BadCode => "bad_code",
            Self::MissingValue => "missing_value",
            Self::UnknownMarket => "unknown_market",
            Self::FutureDate => "future_date",
            Self::NotASession => "not_a_session",
            Self::DuplicateRow => "duplicate_row",
            Self::BadUtf8 => "bad_utf8",
            Self::WrongFieldCount => "wrong_field_count",
            Self::Bar(defect) => defect.code(),
        }
    }
}

impl Refusal {
    pub(super) fn new(
        reason: RefusalReason,
        explanation: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self {
            reason,
            explanation: explanation.into(),
            value: value.into(),
        }
    }

    pub(super) fn missing(column: &str) -> Self {
        let explanation = format!("{column} is missing");
        Self::new(RefusalReason::MissingValue, explanation, "")
    }
}

/// What a source found in one row.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadRow<'a> {
    /// A row to be judged.
    Typed(SourceRow<'a>),
    /// A row that could not be typed.
    Refused(RefusedRow<'a>),
}

/// Takes rows one by one.
pub type RowSink<'s> = dyn FnMut(ReadRow<'_>) -> Result<(), ImportError> + 's;

/// Where rows come from. It holds no more of them in memory than one read hands over.
#[async_trait]
pub trait RowSource: Send {
    /// Waits for what the next [`Self::read`] will hand over; called before each of them. Files
    /// have nothing to wait for.
    ///
    /// # Errors
    /// [`ImportError`] if it does not come.
    async fn fetch(&mut self) -> Result<(), ImportError> {
        Ok(())
    }

    /// Hands the next rows, about `max_rows` of them, to `sink`; `false` if there are no more.
    ///
    /// # Errors
    /// [`ImportError`] if the source as a whole cannot be read; or the sink's.
    fn read(&mut self, max_rows: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError>;

    /// How many rows there will be, if that is known beforehand.
    fn total_rows(&self) -> Option<u64> {
        None
    }

    /// How many bytes there are to read, if that is known.
    fn total_bytes(&self) -> Option<u64> {
        None
    }

    /// How many of [`Self::total_bytes`] have been read.
    fn bytes_read(&self) -> Option<u64> {
        None
    }

    /// The digest of the source's contents, if it is a file.
    fn digest(&self) -> Option<Digest> {
        None
    }
}
