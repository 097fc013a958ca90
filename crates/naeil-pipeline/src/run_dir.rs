//! The run directory: where one retrain keeps everything it reads and writes.
//!
//! ```text
//! <root>/<run id>/
//!   config.json
//!   extract/   bars.parquet axes.json universe.json quality.json snapshot.json   manifest.json
//!   features/  spec.json split.json features.json                                manifest.json
//!   ...one folder a stage
//! ```
//! Run directories are never removed by naeil: whoever needs the room deletes those of old runs.
//! Only its owner may enter it (mode 0700): bundles are trusted by where they lie.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use naeil_domain::Digest;

use crate::config::PipelineConfig;
use crate::error::PipelineError;
use crate::stage::Stage;

/// The name of a run, such as `20261123T153000Z-ab12cd`: when it began, in UTC, and six digits
/// that tell runs of the same second apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

impl RunId {
    /// Names the run that begins at `now` with this seed.
    pub fn new(now: DateTime<Utc>, seed: u64) -> Self {
        let nanos = now.timestamp_subsec_nanos().to_string();
        let stamp = now.format("%Y%m%dT%H%M%SZ").to_string();
        let suffix = Digest::of_parts([stamp.as_str(), &nanos, &seed.to_string()]).short();
        Self(format!("{stamp}-{}", &suffix[..6]))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The directory of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir {
    id: RunId,
    path: PathBuf,
}

impl RunDir {
    /// The settings of the run, at the top of its directory.
    pub const CONFIG_FILE: &'static str = "config.json";

    /// Makes the directory of a new run below `root` and writes its settings.
    ///
    /// # Errors
    /// [`PipelineError::RunExists`] rather than reusing a directory, [`PipelineError::RunDir`] if
    /// the disk refuses.
    pub fn create(root: &Path, id: RunId, config: &PipelineConfig) -> Result<Self, PipelineError> {
        let path = root.join(id.as_str());
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| PipelineError::RunDir { path, source }
        };
        fs::create_dir_all(root).map_err(failed(root))?;
        match make_private_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(PipelineError::RunExists(path));
            }
            made => made.map_err(failed(&path))?,
        }
        let config_path = path.join(Self::CONFIG_FILE);
        let text = serde_json::to_string_pretty(config)
            .map_err(|error| failed(&config_path)(io::Error::other(error)))?;
        fs::write(&config_path, text + "\n").map_err(failed(&config_path))?;
        Ok(Self { id, path })
    }

    /// Opens the directory of an earlier run.
    ///
    /// # Errors
    /// [`PipelineError::RunDir`] if it holds no run.
    pub fn open(path: &Path) -> Result<Self, PipelineError> {
        let failed = |source| PipelineError::RunDir {
            path: path.to_owned(),
            source,
        };
        fs::metadata(path.join(Self::CONFIG_FILE)).map_err(failed)?;
        let name = path
            .file_name()
            .ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        Ok(Self {
            id: RunId(name.to_string_lossy().into_owned()),
            path: path.to_owned(),
        })
    }

    /// The run's name.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// The run's directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of one stage.
    pub fn stage_path(&self, stage: Stage) -> PathBuf {
        self.path.join(stage.as_str())
    }
}

/// Makes one directory that only its owner may enter.
pub(crate) fn make_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u32, nano: u32) -> DateTime<Utc> {
        use chrono::TimeZone as _;
        let time = Utc.with_ymd_and_hms(2026, 11, 23, 15, 30, second).unwrap();
        time + chrono::TimeDelta::nanoseconds(i64::from(nano))
    }

    #[test]
    fn ids_tell_when_and_differ_by_seed_and_nanosecond() {
        let id = RunId::new(at(0, 0), 7);
        assert!(id.as_str().starts_with("20261123T153000Z-"), "{id}");
        assert_eq!(id.as_str().len(), "20261123T153000Z-ab12cd".len());
        assert_eq!(id, RunId::new(at(0, 0), 7));
        assert_ne!(id, RunId::new(at(0, 0), 8));
        assert_ne!(id, RunId::new(at(0, 1), 7));
        assert!(id < RunId::new(at(1, 0), 7), "ids sort by time");
    }

    #[test]
    fn a_run_directory_is_private_keeps_its_settings_and_is_never_reused() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().join("runs");
        let config = PipelineConfig::default();
        let id = RunId::new(at(0, 0), 7);
        let run = RunDir::create(&root, id.clone(), &config).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(run.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        let text = fs::read_to_string(run.path().join(RunDir::CONFIG_FILE)).unwrap();
        assert_eq!(
            serde_json::from_str::<PipelineConfig>(&text).unwrap(),
            config
        );

        assert_eq!(RunDir::open(run.path()).unwrap(), run);
        assert!(RunDir::open(&root).is_err(), "no run lies there");

        let again = RunDir::create(&root, id, &config).unwrap_err();
        assert!(matches!(again, PipelineError::RunExists(_)));
        assert!(again.to_string().contains("already exists"));
    }

    #[test]
    fn a_root_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let config = PipelineConfig::default();
        let error = RunDir::create(file.path(), RunId::new(at(0, 0), 7), &config).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&file.path().display().to_string()), "{text}");
    }
}
