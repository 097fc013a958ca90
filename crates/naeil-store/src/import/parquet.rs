//! Parquet files.

mod column;

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use arrow_array::RecordBatch;
use chrono::NaiveDate;

use super::columns::{Columns, Place, REQUIRED};
use super::layout::Layout;
use super::reading::{Reading, Written};
use super::row::{ReadRow, Refusal, RefusedRow, RowDetails, RowSink, RowSource, SourceRow};
use super::text::parse_date;
use crate::error::ImportError;
use column::{DateColumn, NumberColumn, TextColumn, WrongType};

/// Rows decoded at once: large enough to pay for the decoding, small enough to forget.
const ROWS_PER_BATCH: usize = 4096;

/// A Parquet file, read one small batch at a time.
pub(super) struct ParquetSource {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
    /// Places in the batches, which hold only the columns needed.
    reading: Reading,
    total_rows: u64,
    rows_read: u64,
}

impl ParquetSource {
    pub(super) fn open(path: &Path, layout: &Layout) -> Result<Self, ImportError> {
        let damaged = |error: &dyn std::fmt::Display| ImportError::Damaged {
            path: path.to_owned(),
            detail: error.to_string(),
        };
        let file = File::open(path).map_err(|source| ImportError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(&error))?;
        let find = |fields: &arrow_schema::Fields| {
            let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
            Columns::find(&names, layout).map_err(|error| error.in_file(path))
        };
        let in_file = find(builder.schema().fields())?;
        let mask = ProjectionMask::roots(builder.parquet_schema(), in_file.used());
        let total_rows = u64::try_from(builder.metadata().file_metadata().num_rows());
        let batches = builder
            .with_projection(mask)
            .with_batch_size(ROWS_PER_BATCH)
            .build()
            .map_err(|error| damaged(&error))?;
        let columns = find(arrow_array::RecordBatchReader::schema(&batches).fields())?;
        let mut source = Self {
            path: path.to_owned(),
            reading: Reading::new(columns, layout),
            total_rows: total_rows.unwrap_or(0),
            rows_read: 0,
            batches,
        };
        source.check_types()?;
        Ok(source)
    }

    /// Decodes the next rows. The decoder panics on some damaged pages; nothing of it is used after
    /// an error, so that what a panic left half-done does no harm.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ImportError> {
        let next = catch_unwind(AssertUnwindSafe(|| self.batches.next().transpose()));
        let detail = match next {
            Ok(Ok(batch)) => return Ok(batch),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "its pages contradict each other".to_owned(),
        };
        Err(ImportError::Damaged {
            path: self.path.clone(),
            detail,
        })
    }

    /// Refuses columns of a wrong type before the first row is read.
    fn check_types(&mut self) -> Result<(), ImportError> {
        let schema = arrow_array::RecordBatchReader::schema(&self.batches);
        let empty = RecordBatch::new_empty(schema);
        self.view(&empty).map(|_| ())
    }

    fn view<'b>(&'b self, batch: &'b RecordBatch) -> Result<BatchView<'b>, ImportError> {
        let columns = &self.reading.columns;
        let wrong = |column: &str| {
            let column = column.to_owned();
            move |wrong: WrongType| ImportError::WrongColumnType {
                path: self.path.clone(),
                column,
                found: wrong.found,
                expected: wrong.expected,
            }
        };
        let named = |at: usize| batch.schema().field(at).name().clone();
        let text_at =
            |at: usize| TextColumn::of(batch.column(at).as_ref()).map_err(wrong(&named(at)));
        let date_at =
            |at: usize| DateColumn::of(batch.column(at).as_ref()).map_err(wrong(&named(at)));
        let number_at =
            |at: usize| NumberColumn::of(batch.column(at).as_ref()).map_err(wrong(&named(at)));
        let text = |no: usize| {
            Ok::<_, ImportError>(match &columns.required[no] {
                Place::Column(at) => TextView::Column(text_at(*at)?),
                Place::Given(given) => TextView::Given(given),
                Place::Nowhere => TextView::Given(""),
            })
        };
        let number = |no: usize| match &columns.required[no] {
            Place::Column(at) => number_at(*at).map(Some),
            _ => Ok(None),
        };
        Ok(BatchView {
            reading: &self.reading,
            code: text(0)?,
            name: text(1)?,
            market: text(2)?,
            date: match &columns.required[3] {
                Place::Column(at) => DateView::Column(date_at(*at)?),
                Place::Given(given) => DateView::Given(given),
                Place::Nowhere => DateView::Given(""),
            },
            numbers: [number(4)?, number(5)?, number(6)?, number(7)?, number(8)?],
            adjustment_factor: columns.adjustment_factor.map(number_at).transpose()?,
            adj_close: columns.adj_close.map(number_at).transpose()?,
            base_price: columns.base_price.map(number_at).transpose()?,
            change: columns.change.map(number_at).transpose()?,
            isin: columns.isin.map(text_at).transpose()?,
            sector: columns.sector.map(text_at).transpose()?,
            listed_on: columns.listed_on.map(date_at).transpose()?,
            delisted_on: columns.delisted_on.map(date_at).transpose()?,
        })
    }
}

impl RowSource for ParquetSource {
    fn read(&mut self, max_rows: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError> {
        let mut rows_handed_over = 0;
        while rows_handed_over < max_rows {
            let Some(batch) = self.next_batch()? else {
                return Ok(false);
            };
            let view = self.view(&batch)?;
            for row_idx in 0..batch.num_rows() {
                let line = self.rows_read + 1 + row_idx as u64;
                match view.typed(row_idx, line) {
                    Ok(row) => sink(ReadRow::Typed(row))?,
                    Err(refusal) => sink(ReadRow::Refused(RefusedRow {
                        line,
                        code: view.code.get(row_idx),
                        date: &view.date.shown(row_idx),
                        refusal,
                    }))?,
                }
            }
            self.rows_read += batch.num_rows() as u64;
            rows_handed_over += batch.num_rows();
        }
        Ok(true)
    }

    fn total_rows(&self) -> Option<u64> {
        Some(self.total_rows)
    }
}

/// A text of every row.
enum TextView<'b> {
    Column(TextColumn<'b>),
    Given(&'b str),
}

impl<'b> TextView<'b> {
    fn get(&self, row_idx: usize) -> &'b str {
        match self {
            Self::Column(column) => column.get(row_idx).unwrap_or_default().trim(),
            Self::Given(given) => given,
        }
    }
}

/// A date of every row.
enum DateView<'b> {
    Column(DateColumn<'b>),
    Given(&'b str),
}

impl DateView<'_> {
    fn get(&self, row_idx: usize, reading: &Reading) -> Result<NaiveDate, Refusal> {
        match self {
            Self::Column(column) => column
                .get(row_idx, reading)?
                .ok_or_else(|| Refusal::missing("date")),
            Self::Given(given) => parse_date(given),
        }
    }

    fn shown(&self, row_idx: usize) -> String {
        match self {
            Self::Column(column) => column.shown(row_idx),
            Self::Given(given) => (*given).to_owned(),
        }
    }
}

/// One batch, its columns found and typed.
struct BatchView<'b> {
    reading: &'b Reading,
    code: TextView<'b>,
    name: TextView<'b>,
    market: TextView<'b>,
    date: DateView<'b>,
    /// Open, high, low, close, volume.
    numbers: [Option<NumberColumn<'b>>; 5],
    adjustment_factor: Option<NumberColumn<'b>>,
    adj_close: Option<NumberColumn<'b>>,
    base_price: Option<NumberColumn<'b>>,
    change: Option<NumberColumn<'b>>,
    isin: Option<TextColumn<'b>>,
    sector: Option<TextColumn<'b>>,
    listed_on: Option<DateColumn<'b>>,
    delisted_on: Option<DateColumn<'b>>,
}

impl BatchView<'_> {
    fn typed(&self, row_idx: usize, line: u64) -> Result<SourceRow<'_>, Refusal> {
        let number = |no: usize| {
            self.numbers[no]
                .as_ref()
                .and_then(|column| column.get(row_idx))
                .ok_or_else(|| Refusal::missing(REQUIRED[4 + no]))
        };
        let needed = |name: &str, column: &Option<NumberColumn<'_>>| {
            column
                .as_ref()
                .map(|column| column.get(row_idx).ok_or_else(|| Refusal::missing(name)))
                .transpose()
        };
        let number_if = |column: &Option<NumberColumn<'_>>| {
            let value = column.as_ref().and_then(|column| column.get(row_idx));
            value.filter(|value| !value.is_nan())
        };
        let date_if = |column: &Option<DateColumn<'_>>| match column {
            Some(column) => column.get(row_idx, self.reading),
            None => Ok(None),
        };
        let written = Written {
            prices: [number(0)?, number(1)?, number(2)?, number(3)?],
            volume: number(4)?,
            factor: needed("adjustment_factor", &self.adjustment_factor)?,
            adj_close: needed("adj_close", &self.adj_close)?,
            base_price: number_if(&self.base_price),
            change: number_if(&self.change),
        };
        Ok(SourceRow {
            line,
            code: self.code.get(row_idx),
            name: self.name.get(row_idx),
            market: self.reading.market(self.market.get(row_idx)),
            date: self.date.get(row_idx, self.reading)?,
            details: RowDetails {
                isin: word(&self.isin, row_idx),
                sector: word(&self.sector, row_idx),
                listed_on: date_if(&self.listed_on)?,
                delisted_on: date_if(&self.delisted_on)?,
            },
            ..self.reading.bar(&written)?
        })
    }
}

fn word<'b>(column: &Option<TextColumn<'b>>, row_idx: usize) -> Option<&'b str> {
    let text = column.as_ref().and_then(|column| column.get(row_idx));
    text.map(str::trim).filter(|text| !text.is_empty())
}
