//! Reading small files that anyone may have put there.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// The most bytes that an alias, a `version.json` or a manifest may have.
const LIMIT: u64 = 4 << 20;

/// Reads a plain file of at most 4 MiB.
///
/// A pipe would keep the reader waiting for ever, and a device or a huge file would fill the
/// memory; both are [`io::ErrorKind::InvalidData`].
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(invalid("it is not a plain file".to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(invalid(format!("it is larger than {LIMIT} bytes")));
    }
    Ok(bytes)
}

/// Reads a plain text file as [`read`] does.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| invalid("it is not UTF-8 text".to_owned()))
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
