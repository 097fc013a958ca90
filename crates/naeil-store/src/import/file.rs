//! Files: which format they have, and what they are called by their contents.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use async_trait::async_trait;
use naeil_domain::Digest;
use sha2::{Digest as _, Sha256};

use super::csv::CsvSource;
use super::layout::Layout;
use super::parquet::ParquetSource;
use super::row::{RowSink, RowSource};
use crate::error::ImportError;

/// A Parquet, CSV or gzipped CSV file, read by a [`Layout`].
///
/// The long format has one row a (code, date), with the columns
/// `code,name,market,date,open,high,low,close,volume`, optionally `adjustment_factor`, `base_price`,
/// `isin`, `sector`, `listed_on` and `delisted_on`, and any others, which are ignored.
pub struct FileSource {
    rows: Box<dyn RowSource>,
    digest: Digest,
}

impl FileSource {
    /// Opens a file in the long format and checks its columns; its name's ending tells its format.
    ///
    /// # Errors
    /// [`ImportError`] if it is no such file.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        Self::open_with(path, &Layout::long_format())
    }

    /// Opens a file of another layout.
    ///
    /// # Errors
    /// [`ImportError`] if it is no such file, or if the layout does not fit it.
    pub fn open_with(path: &Path, layout: &Layout) -> Result<Self, ImportError> {
        let path_buf = path.to_owned();
        let unreadable = |source| ImportError::Unreadable {
            path: path_buf.clone(),
            source,
        };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(ImportError::Directory { path: path_buf });
        }
        let format = Format::of(path).ok_or_else(|| ImportError::UnknownFormat {
            path: path_buf.clone(),
        })?;
        if metadata.len() == 0 {
            return Err(ImportError::Empty { path: path_buf });
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let layout = layout.for_file(&name)?;
        let digest = digest(path).map_err(unreadable)?;
        let rows: Box<dyn RowSource> = match format {
            Format::Csv => Box::new(CsvSource::open(path, false, &layout)?),
            Format::GzippedCsv => Box::new(CsvSource::open(path, true, &layout)?),
            Format::Parquet => Box::new(ParquetSource::open(path, &layout)?),
        };
        Ok(Self { rows, digest })
    }
}

impl std::fmt::Debug for FileSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileSource")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl RowSource for FileSource {
    async fn fetch(&mut self) -> Result<(), ImportError> {
        self.rows.fetch().await
    }

    fn read(&mut self, max_rows: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError> {
        self.rows.read(max_rows, sink)
    }

    fn total_rows(&self) -> Option<u64> {
        self.rows.total_rows()
    }

    fn total_bytes(&self) -> Option<u64> {
        self.rows.total_bytes()
    }

    fn bytes_read(&self) -> Option<u64> {
        self.rows.bytes_read()
    }

    fn digest(&self) -> Option<Digest> {
        Some(self.digest)
    }
}

#[derive(Clone, Copy)]
enum Format {
    Csv,
    GzippedCsv,
    Parquet,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        [
            (".csv.gz", Self::GzippedCsv),
            (".csv", Self::Csv),
            (".parquet", Self::Parquet),
        ]
        .into_iter()
        .find_map(|(ending, format)| name.ends_with(ending).then_some(format))
    }
}

fn digest(path: &Path) -> std::io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(Digest::from_bytes(hasher.finalize().into()));
        }
        hasher.update(&buffer[..n]);
    }
}
