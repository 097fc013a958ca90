//! What can be wrong with the configuration.

use std::path::PathBuf;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file named by `--config` or `NAEIL_CONFIG` cannot be read.
    #[error("cannot read the configuration file {path}")]
    ReadFile {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration file {path} is not valid TOML: {problem}")]
    ParseFile {
        /// The file.
        path: PathBuf,
        /// What the parser says, with line and column.
        problem: String,
    },
    /// A key that does not exist.
    #[error("unknown setting '{key}' in {place}{}; 'naeil config example' lists all settings", did_you_mean(.suggestion.as_deref()))]
    UnknownKey {
        /// The key.
        key: String,
        /// The file or the variable.
        place: String,
        /// The nearest key that exists.
        suggestion: Option<String>,
    },
    /// A value of the wrong type.
    #[error("the settings do not fit: {0}")]
    WrongType(String),
    /// A value that makes no sense.
    #[error("setting '{key}' is {value}, {expected}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// What it is.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A variable that is no text.
    #[error("the variable {variable} is not UTF-8 text")]
    NotText {
        /// The variable.
        variable: String,
    },
    /// A secret's file cannot be read.
    #[error("cannot read the secret file {path} named by {variable}")]
    ReadSecret {
        /// The variable.
        variable: String,
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// A secret given twice.
    #[error("{variable} and {variable}_FILE are both set, keep one")]
    SecretTwice {
        /// The plain variable.
        variable: String,
    },
    /// The file of the key that signs models cannot be used.
    #[error("cannot use the signing key file {path}: {problem}")]
    SigningKey {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The data directory cannot be made.
    #[error("cannot make the data directory {path}")]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// The calendar overrides cannot be read.
    #[error("cannot use the calendar overrides {path}: {problem}")]
    CalendarOverrides {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion
        .map(|key| format!(", did you mean '{key}'?"))
        .unwrap_or_default()
}
