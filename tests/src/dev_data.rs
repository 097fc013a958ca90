//! The development data folder: recorded bars that are not part of the repository.

use std::path::PathBuf;

/// The path of a file of the development data folder, or `None` with the reason printed.
///
/// The folder is `NAEIL_DEV_DATA`, by default `../shared` beside the repository.
pub fn dev_data(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("NAEIL_DEV_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let path = folder.join(file);
    if path.is_file() {
        return Some(path);
    }
    eprintln!(
        "skipped: there is no {file} in the development data folder ({}); set NAEIL_DEV_DATA",
        folder.display()
    );
    None
}
