//! The rejects file: every refused row of the last import with its line and reason.

use std::fs::File;
use std::io::BufWriter;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::row::Refusal;
use crate::error::ImportError;

/// Longer values are cut: a row of rubbish should not fill a disk.
const MAX_VALUE_CHARS: usize = 120;

/// Writes refused rows as CSV; the file is made when the first one comes.
pub(super) struct RejectsWriter {
    path: Option<PathBuf>,
    writer: Option<::csv::Writer<BufWriter<File>>>,
}

impl RejectsWriter {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self { path, writer: None }
    }

    pub(super) fn write(
        &mut self,
        line: u64,
        code: &str,
        date: &str,
        refusal: &Refusal,
    ) -> Result<(), ImportError> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let failed = |source: std::io::Error| ImportError::Rejects {
            path: path.clone(),
            source,
        };
        if self.writer.is_none() {
            let file = File::create(path).map_err(failed)?;
            let mut writer = ::csv::Writer::from_writer(BufWriter::new(file));
            writer
                .write_record(["line", "code", "date", "reason", "explanation", "value"])
                .map_err(|error| failed(error.into()))?;
            self.writer = Some(writer);
        }
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        let cut = |text: &str| text.chars().take(MAX_VALUE_CHARS).collect::<String>();
        writer
            .write_record([
                line.to_string().as_str(),
                cut(code).as_str(),
                cut(date).as_str(),
                refusal.reason.code(),
                refusal.explanation.as_str(),
                cut(&refusal.value).as_str(),
            ])
            .map_err(|error| failed(error.into()))
    }

    /// Writes everything out; the path if there was a refusal. If there was none, what an earlier
    /// import refused is no longer said.
    pub(super) fn finish(&mut self) -> Result<Option<PathBuf>, ImportError> {
        let Some(path) = &self.path else {
            return Ok(None);
        };
        let failed = |source: std::io::Error| ImportError::Rejects {
            path: path.clone(),
            source,
        };
        if let Some(writer) = &mut self.writer {
            writer.flush().map_err(failed)?;
            return Ok(Some(path.clone()));
        }
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(None),
        }
    }
}
