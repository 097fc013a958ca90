//! The environment that the references run in.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::OnceLock;

use naeil_services::Python;

const REQUIREMENTS: &str = include_str!("../python/requirements.txt");

/// Runs a script of `tests/python` and gives its standard output.
pub(crate) fn run(script: &str, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
    static PYTHON: OnceLock<Python> = OnceLock::new();
    let python = PYTHON.get_or_init(|| Python::with("reference", REQUIREMENTS).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("python")
        .join(script);
    let ran = python.command().arg(path).args(args).output().unwrap();
    assert!(
        ran.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).unwrap()
}
