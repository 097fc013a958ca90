//! What can go wrong with a baseline.

use naeil_domain::Horizon;

/// Why a baseline could not be fitted or applied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BaselineError {
    /// A part holds no row with a known outcome.
    #[error("no {part} row has an outcome at {horizon}: give it more sessions")]
    NoRows {
        /// `training` or `validation`.
        part: &'static str,
        /// The horizon without outcomes.
        horizon: Horizon,
    },
    /// The rows have other columns than the scaler or the fitted baseline.
    #[error("the rows have {found} columns, expected {expected}: use one feature spec throughout")]
    ColumnsDiffer {
        /// Columns found.
        found: usize,
        /// Columns expected.
        expected: usize,
    },
    /// A factor's column is not in the feature spec.
    #[error("factor '{factor}' needs the column '{column}', which the feature spec lacks")]
    MissingColumn {
        /// The factor.
        factor: &'static str,
        /// The column that it is made of.
        column: &'static str,
    },
    /// A linear system has no solution that can be trusted.
    #[error(
        "the normal equations are not positive definite at pivot {pivot}: \
         raise the penalty or drop columns that repeat others"
    )]
    Singular {
        /// Which unknown.
        pivot: usize,
    },
    /// Settings that cannot be.
    #[error("{problem}")]
    InvalidConfig {
        /// What, and what would do.
        problem: String,
    },
}
