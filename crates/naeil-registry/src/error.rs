//! From what the disk says to the registry port's errors.

use std::io;
use std::path::Path;

use naeil_domain::ports::RegistryError;

/// The disk failed while something was done to `path`; a retry may help.
pub(crate) fn unavailable(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> RegistryError {
    let doing = format!("{doing} {}", path.display());
    move |source| RegistryError::Unavailable {
        doing,
        source: Box::new(source),
    }
}

/// `path` holds something that cannot be understood; only a person can help.
pub(crate) fn refused(path: &Path, why: impl std::fmt::Display) -> RegistryError {
    RegistryError::Refused(format!("{}: {why}", path.display()))
}
