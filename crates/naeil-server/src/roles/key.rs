//! `naeil key`: a key pair that signs models.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use naeil_model::SigningKey;
use serde_json::json;

use crate::cli::{KeyArgs, Output, Report, print_text};
use crate::exit::CommandResult;

pub(crate) fn run(output: Output, args: &KeyArgs) -> CommandResult {
    let key = SigningKey::generate().context("no key was made")?;
    write_private(&args.file, &key.to_text())
        .with_context(|| format!("cannot make the key file {}", args.file.display()))?;
    let public = key.trusted_key().to_string();
    match output {
        // The bare key, so that NAEIL_BUNDLE__TRUSTED_KEYS=$(naeil key ...) works.
        Output::Table => print_text(&format!("{public}\n"))?,
        output => Report::facts(vec![
            ("public_key", json!(public)),
            ("file", json!(args.file)),
        ])
        .print(output)?,
    }
    Ok(())
}

/// Makes a file that only its owner can read; one that is there is never overwritten.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_file_is_its_owners_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let args = KeyArgs {
            file: dir.path().join("signing.key"),
        };
        assert!(run(Output::Json, &args).is_ok());
        let mode = std::fs::metadata(&args.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = std::fs::read_to_string(&args.file).unwrap();
        assert!(SigningKey::parse(&text).is_ok());
        assert!(run(Output::Json, &args).is_err());
        assert_eq!(std::fs::read_to_string(&args.file).unwrap(), text);
    }
}
