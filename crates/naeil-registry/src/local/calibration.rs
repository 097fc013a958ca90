//! Calibrations: one small file a version, replaced as a whole.

use std::fs;
use std::io;

use naeil_domain::Calibration;
use naeil_domain::ports::RegistryError;

use super::bounded;
use super::copy::{sync_dir, write_synced};
use super::layout::{Layout, VersionNumber};
use crate::calibration_file;
use crate::error::{refused, unavailable};

/// The calibration beside a version, if there is one.
pub(crate) fn read(
    layout: &Layout,
    number: VersionNumber,
) -> Result<Option<Calibration>, RegistryError> {
    let path = layout.calibration_file(number);
    let bytes = match bounded::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(refused(&path, error));
        }
        Err(error) => return Err(unavailable("reading", &path)(error)),
    };
    calibration_file::from_bytes(&bytes)
        .map(Some)
        .map_err(|why| refused(&path, format!("{why}; publish it anew")))
}

/// Puts a calibration in the place of the one before, in one step.
pub(crate) fn write(
    layout: &Layout,
    number: VersionNumber,
    calibration: &Calibration,
) -> Result<(), RegistryError> {
    let path = layout.calibration_file(number);
    let bytes = calibration_file::to_bytes(calibration).map_err(|why| refused(&path, why))?;
    let staging = layout.staging_dir();
    let aside = tempfile::tempdir_in(&staging).map_err(unavailable("staging in", &staging))?;
    let new_file = aside.path().join("calibration.json");
    write_synced(&new_file, &bytes)?;
    fs::rename(&new_file, &path).map_err(unavailable("replacing", &path))?;
    sync_dir(&layout.calibrations_dir())
}
