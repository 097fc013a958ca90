//! Exit codes, documented in `--help` and in the manual.

use std::process::ExitCode;

/// What the exit codes mean.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0   done
  1   it failed; standard error says why
  2   the command line is wrong
  3   the configuration is wrong
  4   the input is wrong: a file or a stock code
  5   something must be done before: import bars, or train a model
  6   the data are not fit to train on: 'naeil data check' says which check failed
  7   the evaluation found a leak, and its figures are worth nothing";

/// Why a command ended without success; the number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Failed = 1,
    Config = 3,
    Input = 4,
    NotReady = 5,
    Unfit = 6,
    Leak = 7,
}

/// An error with the exit code it leads to.
#[derive(Debug)]
pub(crate) struct CommandError {
    pub(crate) failure: Failure,
    pub(crate) error: anyhow::Error,
}

impl CommandError {
    pub(crate) fn new(failure: Failure, error: impl Into<anyhow::Error>) -> Self {
        Self {
            failure,
            error: error.into(),
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.failure as u8)
    }
}

/// What is not classified has simply failed.
impl<E: Into<anyhow::Error>> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::new(Failure::Failed, error)
    }
}

/// The result of a command.
pub(crate) type CommandResult = Result<(), CommandError>;

/// Classifies an error.
pub(crate) trait OrFailure<T> {
    /// Turns an error into one that ends the program with `failure`.
    fn or_failure(self, failure: Failure) -> Result<T, CommandError>;
}

impl<T, E: Into<anyhow::Error>> OrFailure<T> for Result<T, E> {
    fn or_failure(self, failure: Failure) -> Result<T, CommandError> {
        self.map_err(|error| CommandError::new(failure, error))
    }
}
