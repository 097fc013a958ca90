//! `bars.parquet`: one row a bar, by ascending code and session, zstd-compressed.
//!
//! Columns `code` (text), `session` (date), and `open`, `high`, `low`, `close`, `volume` (64-bit
//! floats, adjusted: price x factor, volume / factor), none of them null. Any query engine reads it.
//! The file's own metadata repeat the exchange and the data digest under `naeil.` keys.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Float64Type};
use arrow_array::{Array as _, ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use naeil_domain::{Bar, BarPanel, BarPanelBuilder, Digest, Exchange, PriceBasis};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::FileFault;
use super::axes::Axes;
use super::digest::epoch_days;

const PRICES: [&str; 5] = ["open", "high", "low", "close", "volume"];

/// Rows of a row group: what writing holds in memory, about 6 MB.
const ROWS_PER_GROUP: usize = 128 * 1024;

/// Rows decoded at once.
const ROWS_PER_BATCH: usize = 8 * 1024;

fn schema() -> Schema {
    let mut fields = vec![
        Field::new("code", DataType::Utf8, false),
        Field::new("session", DataType::Date32, false),
    ];
    fields.extend(PRICES.map(|name| Field::new(name, DataType::Float64, false)));
    Schema::new(fields)
}

/// Writes every bar of the panel.
pub(super) fn write(
    file: &mut File,
    bars: &BarPanel,
    exchange: Exchange,
    digest: Digest,
) -> Result<(), String> {
    write_rows(file, bars, exchange, digest).map_err(|error| error.to_string())
}

fn write_rows(
    file: &mut File,
    bars: &BarPanel,
    exchange: Exchange,
    digest: Digest,
) -> Result<(), ParquetError> {
    let schema = Arc::new(schema());
    let entry = |key: &str, value: String| KeyValue::new(format!("naeil.{key}"), value);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_key_value_metadata(Some(vec![
            entry("exchange", exchange.to_string()),
            entry("data_digest", digest.to_string()),
        ]))
        .build();
    let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))?;
    for stock_idx in 0..bars.stocks().len() {
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns_of(bars, stock_idx))?;
        writer.write(&batch)?;
    }
    writer.close()?;
    Ok(())
}

/// The bars of one stock as columns of the file.
fn columns_of(bars: &BarPanel, stock_idx: usize) -> Vec<ArrayRef> {
    let of_stock = bars.stock_bars(stock_idx);
    let held: Vec<usize> = (0..bars.sessions().len())
        .filter(|&session_idx| !of_stock.close[session_idx].is_nan())
        .collect();
    let code = bars.stocks()[stock_idx].code.as_str();
    let codes = StringArray::from_iter_values(held.iter().map(|_| code));
    let days = held.iter().map(|&idx| epoch_days(bars.sessions()[idx]));
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(codes),
        Arc::new(Date32Array::from_iter_values(days)),
    ];
    for values in [
        of_stock.open,
        of_stock.high,
        of_stock.low,
        of_stock.close,
        of_stock.volume,
    ] {
        let values = held.iter().map(|&idx| values[idx]);
        columns.push(Arc::new(Float64Array::from_iter_values(values)));
    }
    columns
}

/// Reads the bars back onto their axes.
pub(super) fn read(path: &Path, axes: Axes) -> Result<BarPanel, FileFault> {
    // The decoder panics on some damaged pages; nothing of it is used after an error.
    let read = catch_unwind(AssertUnwindSafe(|| read_rows(path, axes)));
    read.unwrap_or_else(|_| Err("its pages contradict each other".to_owned()))
        .map_err(|reason| FileFault::new(path, reason))
}

fn read_rows(path: &Path, axes: Axes) -> Result<BarPanel, String> {
    let file = File::open(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
    check_schema(reader.schema())?;
    let batches = reader
        .with_batch_size(ROWS_PER_BATCH)
        .build()
        .map_err(|error| error.to_string())?;
    let mut filling = Filling::new(axes);
    for batch in batches {
        filling.add(&batch.map_err(|error| error.to_string())?)?;
    }
    Ok(filling.builder.build())
}

fn check_schema(found: &Schema) -> Result<(), String> {
    let shape = |schema: &Schema| -> Vec<(String, DataType)> {
        let fields = schema.fields().iter();
        fields
            .map(|field| (field.name().clone(), field.data_type().clone()))
            .collect()
    };
    let (found, expected) = (shape(found), shape(&schema()));
    if found == expected {
        return Ok(());
    }
    Err(format!("its columns are {found:?}, expected {expected:?}"))
}

/// A panel that rows are filled into, in the order of the file.
struct Filling {
    builder: BarPanelBuilder,
    days: Vec<i32>,
    codes: Vec<naeil_domain::StockCode>,
    /// Stock and session of the row before.
    last: Option<(usize, usize)>,
}

impl Filling {
    fn new(axes: Axes) -> Self {
        let days = axes.sessions.iter().map(|&session| epoch_days(session));
        let codes = axes.stocks.iter().map(|stock| stock.code.clone());
        let (days, codes) = (days.collect(), codes.collect());
        let mut builder = BarPanelBuilder::new(axes.sessions, axes.stocks);
        for (stock_idx, session_idx) in axes.seams {
            builder.mark_seam(stock_idx, session_idx);
        }
        Self {
            builder,
            days,
            codes,
            last: None,
        }
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), String> {
        if batch.columns().iter().any(|column| column.null_count() > 0) {
            return Err("it holds empty fields".to_owned());
        }
        let codes = batch.column(0).as_string::<i32>();
        let days = batch.column(1).as_primitive::<Date32Type>();
        let number = |at: usize| batch.column(2 + at).as_primitive::<Float64Type>();
        let [open, high, low, close, volume] = std::array::from_fn(number);
        for row in 0..batch.num_rows() {
            let at = self.place(codes.value(row), days.value(row))?;
            let bar = Bar {
                open: open.value(row),
                high: high.value(row),
                low: low.value(row),
                close: close.value(row),
                volume: volume.value(row),
                // The columns are adjusted already, and a factor of 1 leaves them as they are.
                adjustment_factor: 1.0,
                basis: PriceBasis::BackAdjusted,
            };
            self.builder.set(at.0, at.1, &bar);
        }
        Ok(())
    }

    /// Stock and session of a row, which follow the row before.
    fn place(&mut self, code: &str, day: i32) -> Result<(usize, usize), String> {
        let same = self.last.filter(|&(at, _)| self.codes[at].as_str() == code);
        let stock_idx = match same {
            Some((stock_idx, _)) => stock_idx,
            None => self
                .codes
                .binary_search_by(|known| known.as_str().cmp(code))
                .map_err(|_| format!("its stock '{code}' is not in the axes"))?,
        };
        let session_idx = self
            .days
            .binary_search(&day)
            .map_err(|_| format!("its day {day} after 1970-01-01 is not in the axes"))?;
        let at = (stock_idx, session_idx);
        if self.last.is_some_and(|last| last >= at) {
            return Err(format!("its rows do not ascend at stock {code}"));
        }
        self.last = Some(at);
        Ok(at)
    }
}
