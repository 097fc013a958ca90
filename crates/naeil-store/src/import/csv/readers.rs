//! What stands between a CSV file and its parser: a count of bytes for the progress bar, a limit on
//! one record, and the ends of lines.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The most bytes that are read without coming to the end of a record. A record of bars has about a
/// hundred; without a limit a file without line ends, or one quote, would fill the memory.
const MAX_RECORD_BYTES: u64 = 1 << 20;

/// Counts the bytes that are taken from a file.
pub(super) struct CountedReader {
    file: File,
    bytes_read: Arc<AtomicU64>,
}

impl CountedReader {
    pub(super) fn new(file: File, bytes_read: Arc<AtomicU64>) -> Self {
        Self { file, bytes_read }
    }
}

impl Read for CountedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.bytes_read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Ends the reading of a record that does not end by itself.
pub(super) struct RecordLimit<R> {
    bytes: R,
    /// Bytes taken since it was last set to 0, at the start of a record.
    bytes_of_record: Arc<AtomicU64>,
}

impl<R> RecordLimit<R> {
    pub(super) fn new(bytes: R, bytes_of_record: Arc<AtomicU64>) -> Self {
        Self {
            bytes,
            bytes_of_record,
        }
    }
}

impl<R: Read> Read for RecordLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes_of_record.load(Ordering::Relaxed) > MAX_RECORD_BYTES {
            let detail = format!("a line is longer than {MAX_RECORD_BYTES} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
        }
        let n = self.bytes.read(buffer)?;
        self.bytes_of_record.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Places of line ends that the parser has been given and [`Lines`] has not passed yet.
type LineEnds = Arc<Mutex<VecDeque<u64>>>;

/// Notes where the lines end that pass through it.
pub(super) struct LineEndReader<R> {
    bytes: R,
    at: u64,
    ends: LineEnds,
}

/// Counts lines. The parser's own count is too low after lines that end as spreadsheets end them and
/// after empty ones, because it notes the place of a record before the line ends it still skips.
pub(super) struct Lines {
    ends: LineEnds,
    line: u64,
}

impl<R> LineEndReader<R> {
    pub(super) fn new(bytes: R) -> (Self, Lines) {
        let ends = LineEnds::default();
        let lines = Lines {
            ends: Arc::clone(&ends),
            line: 1,
        };
        (Self { bytes, at: 0, ends }, lines)
    }
}

impl<R: Read> Read for LineEndReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.bytes.read(buffer)?;
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (self.at..).zip(&buffer[..n]);
        ends.extend(at.filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at));
        self.at += n as u64;
        Ok(n)
    }
}

impl Lines {
    /// The line of the record that ends before `byte`, in which it may have a last byte that ends
    /// the line.
    pub(super) fn of_record_until(&mut self, byte: u64) -> u64 {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        while ends.front().is_some_and(|end| end + 1 < byte) {
            ends.pop_front();
            self.line += 1;
        }
        self.line
    }
}
