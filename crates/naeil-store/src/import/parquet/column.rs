//! Arrow columns read as text, numbers or dates, whatever their exact type.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, LargeStringArray, StringArray, StringViewArray,
};
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDate};
use naeil_domain::calendar::kst;

use super::super::reading::Reading;
use super::super::row::{Refusal, RefusalReason};

/// A column cannot be read as what it should hold.
pub(super) struct WrongType {
    pub(super) found: String,
    pub(super) expected: &'static str,
}

impl WrongType {
    fn new(array: &dyn Array, expected: &'static str) -> Self {
        Self {
            found: array.data_type().to_string(),
            expected,
        }
    }
}

/// Text, plain or as a dictionary.
pub(super) enum TextColumn<'a> {
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Dictionary {
        rows: &'a dyn Array,
        keys: Vec<usize>,
        values: Box<TextColumn<'a>>,
    },
}

impl<'a> TextColumn<'a> {
    pub(super) fn of(array: &'a dyn Array) -> Result<Self, WrongType> {
        let wrong = || WrongType::new(array, "text (codes have leading zeros)");
        match array.data_type() {
            DataType::Utf8 => array.as_string_opt().map(Self::Utf8),
            DataType::LargeUtf8 => array.as_string_opt().map(Self::LargeUtf8),
            DataType::Utf8View => array.as_string_view_opt().map(Self::Utf8View),
            DataType::Dictionary(_, _) => array.as_any_dictionary_opt().and_then(|dictionary| {
                let values: &ArrayRef = dictionary.values();
                let is_empty = values.is_empty();
                Some(Self::Dictionary {
                    rows: array,
                    // Without values every row is null, and keys cannot be brought into range.
                    keys: if is_empty {
                        Vec::new()
                    } else {
                        dictionary.normalized_keys()
                    },
                    values: Box::new(Self::of(values.as_ref()).ok()?),
                })
            }),
            _ => None,
        }
        .ok_or_else(wrong)
    }

    /// The text of one row; `None` where it is null.
    pub(super) fn get(&self, row_idx: usize) -> Option<&'a str> {
        match self {
            Self::Utf8(array) => array.is_valid(row_idx).then(|| array.value(row_idx)),
            Self::LargeUtf8(array) => array.is_valid(row_idx).then(|| array.value(row_idx)),
            Self::Utf8View(array) => array.is_valid(row_idx).then(|| array.value(row_idx)),
            Self::Dictionary { rows, keys, values } => {
                let key = keys.get(row_idx).filter(|_| rows.is_valid(row_idx))?;
                values.get(*key)
            }
        }
    }
}

/// Numbers, widened to `f64`.
pub(super) struct NumberColumn<'a> {
    rows: &'a dyn Array,
    values: Vec<f64>,
}

impl<'a> NumberColumn<'a> {
    pub(super) fn of(array: &'a dyn Array) -> Result<Self, WrongType> {
        let values = match array.data_type() {
            DataType::Float64 => widened::<Float64Type>(array, |v| v),
            DataType::Float32 => widened::<Float32Type>(array, f64::from),
            DataType::Int8 => widened::<Int8Type>(array, f64::from),
            DataType::Int16 => widened::<Int16Type>(array, f64::from),
            DataType::Int32 => widened::<Int32Type>(array, f64::from),
            // Exact up to 2^53, which no count of shares reaches.
            DataType::Int64 => widened::<Int64Type>(array, |v| v as f64),
            DataType::UInt8 => widened::<UInt8Type>(array, f64::from),
            DataType::UInt16 => widened::<UInt16Type>(array, f64::from),
            DataType::UInt32 => widened::<UInt32Type>(array, f64::from),
            DataType::UInt64 => widened::<UInt64Type>(array, |v| v as f64),
            _ => return Err(WrongType::new(array, "a floating-point or whole number")),
        };
        Ok(Self {
            rows: array,
            values,
        })
    }

    /// The number of one row; `None` where it is null.
    pub(super) fn get(&self, row_idx: usize) -> Option<f64> {
        self.rows.is_valid(row_idx).then(|| self.values[row_idx])
    }
}

fn widened<T: ArrowPrimitiveType>(array: &dyn Array, widen: fn(T::Native) -> f64) -> Vec<f64> {
    let values = array.as_primitive::<T>().values();
    values.iter().map(|&value| widen(value)).collect()
}

/// Dates: days, moments or text.
pub(super) enum DateColumn<'a> {
    Days {
        rows: &'a dyn Array,
        /// Whole days since 1970-01-01 in exchange time.
        days: Vec<i64>,
    },
    Text(TextColumn<'a>),
}

impl<'a> DateColumn<'a> {
    pub(super) fn of(array: &'a dyn Array) -> Result<Self, WrongType> {
        const DAY: i64 = 86_400;
        let expected = "a date, a timestamp, or text written as YYYY-MM-DD";
        let days = match array.data_type() {
            DataType::Date32 => days_of::<Date32Type>(array, i64::from),
            DataType::Date64 => days_of::<Date64Type>(array, |ms| ms.div_euclid(DAY * 1000)),
            DataType::Timestamp(unit, zone) => {
                // A moment falls on the exchange's date; a reading without a zone is taken as is.
                let ahead = zone
                    .as_ref()
                    .map_or(0, |_| i64::from(kst().local_minus_utc()));
                let (seconds, per_second) = match unit {
                    TimeUnit::Second => (days_of::<TimestampSecondType>(array, |v| v), 1),
                    TimeUnit::Millisecond => {
                        (days_of::<TimestampMillisecondType>(array, |v| v), 1_000)
                    }
                    TimeUnit::Microsecond => {
                        (days_of::<TimestampMicrosecondType>(array, |v| v), 1_000_000)
                    }
                    TimeUnit::Nanosecond => (
                        days_of::<TimestampNanosecondType>(array, |v| v),
                        1_000_000_000,
                    ),
                };
                let to_day = |v: i64| (v.div_euclid(per_second) + ahead).div_euclid(DAY);
                seconds.into_iter().map(to_day).collect()
            }
            _ => {
                return TextColumn::of(array)
                    .map(Self::Text)
                    .map_err(|_| WrongType::new(array, expected));
            }
        };
        Ok(Self::Days { rows: array, days })
    }

    /// The date of one row; `None` where it is null.
    pub(super) fn get(
        &self,
        row_idx: usize,
        reading: &Reading,
    ) -> Result<Option<NaiveDate>, Refusal> {
        match self {
            Self::Days { rows, .. } if rows.is_null(row_idx) => Ok(None),
            Self::Days { days, .. } => date_of(days[row_idx]).map(Some).ok_or_else(|| {
                let explanation = "date lies outside every calendar";
                let value = format!("day {} since 1970-01-01", days[row_idx]);
                Refusal::new(RefusalReason::BadDate, explanation, value)
            }),
            Self::Text(column) => match column.get(row_idx).map(str::trim) {
                None | Some("") => Ok(None),
                Some(text) => reading.date(text).map(Some),
            },
        }
    }

    /// The date of one row as a rejects file shows it.
    pub(super) fn shown(&self, row_idx: usize) -> String {
        match self {
            Self::Days { rows, days } => date_of(days[row_idx])
                .filter(|_| rows.is_valid(row_idx))
                .map_or_else(String::new, |date| date.to_string()),
            Self::Text(column) => column.get(row_idx).unwrap_or_default().to_owned(),
        }
    }
}

fn days_of<T: ArrowPrimitiveType>(array: &dyn Array, to_day: fn(T::Native) -> i64) -> Vec<i64> {
    let values = array.as_primitive::<T>().values();
    values.iter().map(|&value| to_day(value)).collect()
}

fn date_of(days_since_1970: i64) -> Option<NaiveDate> {
    let seconds = days_since_1970.checked_mul(86_400)?;
    DateTime::from_timestamp(seconds, 0).map(|moment| moment.date_naive())
}
