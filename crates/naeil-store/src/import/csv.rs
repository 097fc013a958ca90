//! CSV files, plain or gzipped.

mod decode;
mod readers;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use flate2::read::MultiGzDecoder;

use super::columns::{Columns, ColumnsError, Place};
use super::layout::{Layout, TextEncoding};
use super::reading::Reading;
use super::row::{ReadRow, Refusal, RefusalReason, RefusedRow, RowSink, RowSource, SourceRow};
use crate::error::ImportError;
use decode::Decoded;
use readers::{CountedReader, LineEndReader, Lines, RecordLimit};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A CSV file with a header line.
pub(super) struct CsvSource {
    path: PathBuf,
    reader: Reader<Box<dyn Read + Send>>,
    record: ByteRecord,
    lines: Lines,
    reading: Reading,
    n_fields: usize,
    total_bytes: u64,
    bytes_read: Arc<AtomicU64>,
    /// Shared with the reader's [`RecordLimit`].
    bytes_of_record: Arc<AtomicU64>,
}

impl CsvSource {
    pub(super) fn open(path: &Path, gzipped: bool, layout: &Layout) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(unreadable)?;
        let total_bytes = file.metadata().map_err(unreadable)?.len();
        let bytes_read = Arc::new(AtomicU64::new(0));
        let counted = CountedReader::new(file, Arc::clone(&bytes_read));
        let bytes: Box<dyn Read + Send> = if gzipped {
            Box::new(MultiGzDecoder::new(counted))
        } else {
            Box::new(counted)
        };
        let bytes: Box<dyn Read + Send> = match layout.text.encoding {
            TextEncoding::Utf8 => bytes,
            TextEncoding::EucKr => Box::new(Decoded::new(bytes, encoding_rs::EUC_KR)),
        };
        let bytes_of_record = Arc::new(AtomicU64::new(0));
        let limited = RecordLimit::new(bytes, Arc::clone(&bytes_of_record));
        let (noted, lines) = LineEndReader::new(limited);
        let noted: Box<dyn Read + Send> = Box::new(noted);
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .delimiter(u8::try_from(layout.text.delimiter).unwrap_or(b','))
            .buffer_capacity(1 << 16)
            .from_reader(noted);
        let header = reader
            .byte_headers()
            .map_err(|error| unreadable_or_damaged(path, error))?;
        if header.is_empty() {
            return Err(ImportError::Empty {
                path: path.to_owned(),
            });
        }
        let header: Vec<String> = header
            .iter()
            .map(|name| String::from_utf8_lossy(name))
            .map(|name| name.trim_start_matches(BYTE_ORDER_MARK).trim().to_owned())
            .collect();
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        let columns = Columns::find(&names, layout)
            .map_err(|error| with_hint(error, layout).in_file(path))?;
        Ok(Self {
            reading: Reading::new(columns, layout),
            n_fields: names.len(),
            path: path.to_owned(),
            record: ByteRecord::new(),
            lines,
            reader,
            total_bytes,
            bytes_read,
            bytes_of_record,
        })
    }
}

impl RowSource for CsvSource {
    fn read(&mut self, max_rows: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError> {
        for _ in 0..max_rows {
            self.bytes_of_record.store(0, Ordering::Relaxed);
            let more = self
                .reader
                .read_byte_record(&mut self.record)
                .map_err(|error| unreadable_or_damaged(&self.path, error))?;
            if !more {
                return Ok(false);
            }
            let line = self.lines.of_record_until(self.reader.position().byte());
            // No value of a bar spans lines; a quote that is never closed would swallow the rest of
            // the file in silence.
            let values = self.record.as_slice();
            if values.contains(&b'\n') {
                // The last byte of a file ends its line, inside a quote, too.
                let inside = values.strip_suffix(b"\n").unwrap_or(values);
                let n_inside = inside.iter().filter(|byte| **byte == b'\n').count();
                return Err(ImportError::OpenQuote {
                    path: self.path.clone(),
                    line: line - n_inside as u64,
                });
            }
            let fields = Fields {
                record: &self.record,
                reading: &self.reading,
            };
            match fields.typed(line, self.n_fields) {
                Ok(row) => sink(ReadRow::Typed(row))?,
                Err(refusal) => sink(ReadRow::Refused(RefusedRow {
                    line,
                    code: &fields.lossy(0),
                    date: &fields.lossy(3),
                    refusal,
                }))?,
            }
        }
        Ok(true)
    }

    fn total_bytes(&self) -> Option<u64> {
        Some(self.total_bytes)
    }

    fn bytes_read(&self) -> Option<u64> {
        Some(self.bytes_read.load(Ordering::Relaxed))
    }
}

/// One record, addressed by the columns of the layout.
struct Fields<'r> {
    record: &'r ByteRecord,
    reading: &'r Reading,
}

impl<'r> Fields<'r> {
    fn typed(&self, line: u64, n_fields: usize) -> Result<SourceRow<'r>, Refusal> {
        if self.record.len() != n_fields {
            let explanation = format!("the line has another number of fields than {n_fields}");
            let found = self.record.len().to_string();
            return Err(Refusal::new(
                RefusalReason::WrongFieldCount,
                explanation,
                found,
            ));
        }
        self.reading.typed(line, &|at| self.text_at(at))
    }

    fn text_at(&self, at: usize) -> Result<&'r str, Refusal> {
        let bytes = self.record.get(at).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            // What a decoder puts in the place of bytes that its encoding does not know.
            Ok(text) if !text.contains(char::REPLACEMENT_CHARACTER) => Ok(text.trim()),
            _ => {
                let explanation = "the text is not in the file's encoding; Korean files are often \
                                   CP949, which a layout with encoding = \"euc-kr\" reads";
                let value = String::from_utf8_lossy(bytes);
                Err(Refusal::new(RefusalReason::BadUtf8, explanation, value))
            }
        }
    }

    fn lossy(&self, column: usize) -> String {
        match &self.reading.columns.required[column] {
            Place::Column(at) => {
                String::from_utf8_lossy(self.record.get(*at).unwrap_or_default()).into_owned()
            }
            Place::Given(given) => given.clone(),
            Place::Nowhere => String::new(),
        }
    }
}

/// Says so where the header cannot be read rather than lacks something.
fn with_hint(error: ColumnsError, layout: &Layout) -> ColumnsError {
    match error {
        ColumnsError::Missing {
            missing,
            present,
            hint: _,
        } if present
            .iter()
            .any(|name| name.contains(char::REPLACEMENT_CHARACTER)) =>
        {
            let hint = match layout.text.encoding {
                TextEncoding::Utf8 => {
                    "; its header is not UTF-8, a layout with encoding = \"euc-kr\" reads CP949"
                }
                TextEncoding::EucKr => {
                    "; its header is not EUC-KR, perhaps the file was saved again as UTF-8"
                }
            };
            ColumnsError::Missing {
                missing,
                present,
                hint: hint.to_owned(),
            }
        }
        error => error,
    }
}

fn unreadable_or_damaged(path: &Path, error: ::csv::Error) -> ImportError {
    let path = path.to_owned();
    let detail = error.to_string();
    match error.into_kind() {
        ErrorKind::Io(source) if !is_damage(&source) => ImportError::Unreadable { path, source },
        ErrorKind::Io(source) => ImportError::Damaged {
            path,
            detail: source.to_string(),
        },
        _ => ImportError::Damaged { path, detail },
    }
}

/// What a decompressor or the limit on a record reports, as opposed to a disk.
fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
    )
}
