//! Parquet files.

mod column;

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use arrow_array::RecordBatch;

use super::columns::{ADJUSTMENT_FACTOR, Columns, REQUIRED};
use super::row::{ReadRow, Refusal, RefusedRow, RowDetails, RowSink, RowSource, SourceRow};
use crate::error::ImportError;
use column::{DateColumn, NumberColumn, TextColumn, WrongType};

/// Rows decoded at once: large enough to pay for the decoding, small enough to forget.
const ROWS_PER_BATCH: usize = 4096;

/// A Parquet file, read one small batch at a time.
pub(super) struct ParquetSource {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
    /// Places in the batches, which hold only the columns needed.
    columns: Columns,
    total_rows: u64,
    rows_read: u64,
}

impl ParquetSource {
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
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
            Columns::find(&names).map_err(|error| error.in_file(path))
        };
        let in_file = find(builder.schema().fields())?;
        let wanted = in_file
            .required
            .into_iter()
            .chain(in_file.adjustment_factor);
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let total_rows = u64::try_from(builder.metadata().file_metadata().num_rows());
        let batches = builder
            .with_projection(mask)
            .with_batch_size(ROWS_PER_BATCH)
            .build()
            .map_err(|error| damaged(&error))?;
        let columns = find(arrow_array::RecordBatchReader::schema(&batches).fields())?;
        let mut source = Self {
            path: path.to_owned(),
            columns,
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

    fn view<'b>(&self, batch: &'b RecordBatch) -> Result<BatchView<'b>, ImportError> {
        let place = |column: usize| batch.column(self.columns.required[column]).as_ref();
        let wrong = |column: &'static str| {
            move |wrong: WrongType| ImportError::WrongColumnType {
                path: self.path.clone(),
                column: column.to_owned(),
                found: wrong.found,
                expected: wrong.expected,
            }
        };
        let text = |at: usize| TextColumn::of(place(at)).map_err(wrong(REQUIRED[at]));
        let number = |at: usize| NumberColumn::of(place(at)).map_err(wrong(REQUIRED[at]));
        Ok(BatchView {
            code: text(0)?,
            name: text(1)?,
            market: text(2)?,
            date: DateColumn::of(place(3)).map_err(wrong(REQUIRED[3]))?,
            numbers: [number(4)?, number(5)?, number(6)?, number(7)?, number(8)?],
            adjustment_factor: self
                .columns
                .adjustment_factor
                .map(|at| NumberColumn::of(batch.column(at).as_ref()))
                .transpose()
                .map_err(wrong(ADJUSTMENT_FACTOR))?,
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
                        code: view.code.get(row_idx).unwrap_or_default(),
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

/// One batch, its columns found and typed.
struct BatchView<'b> {
    code: TextColumn<'b>,
    name: TextColumn<'b>,
    market: TextColumn<'b>,
    date: DateColumn<'b>,
    /// Open, high, low, close, volume.
    numbers: [NumberColumn<'b>; 5],
    adjustment_factor: Option<NumberColumn<'b>>,
}

impl BatchView<'_> {
    fn typed(&self, row_idx: usize, line: u64) -> Result<SourceRow<'_>, Refusal> {
        let number = |column: usize| {
            self.numbers[column]
                .get(row_idx)
                .ok_or_else(|| Refusal::missing(REQUIRED[4 + column]))
        };
        Ok(SourceRow {
            line,
            code: self.code.get(row_idx).unwrap_or_default().trim(),
            name: self.name.get(row_idx).unwrap_or_default().trim(),
            market: self.market.get(row_idx).unwrap_or_default().trim(),
            date: self.date.get(row_idx)?,
            open: number(0)?,
            high: number(1)?,
            low: number(2)?,
            close: number(3)?,
            volume: number(4)?,
            adjustment_factor: self
                .adjustment_factor
                .as_ref()
                .map(|column| {
                    column
                        .get(row_idx)
                        .ok_or_else(|| Refusal::missing(ADJUSTMENT_FACTOR))
                })
                .transpose()?,
            basis: None,
            base_price: None,
            details: RowDetails::default(),
        })
    }
}
