//! What stands between a CSV file and its parser: a count of bytes for the progress bar, and a limit
//! on one record.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
