//! What every baseline offers.

use naeil_domain::Horizon;

use crate::error::BaselineError;
use crate::tabular::TabularData;

/// What a fitted baseline says of rows.
///
/// # Shapes
/// One entry a horizon, as in [`Horizon::ALL`]; every vector holds one number a row, in the order
/// of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineScores {
    /// The higher, the further up in its session a stock is expected to end; only the order within
    /// one session means anything.
    pub relative: [Vec<f64>; Horizon::COUNT],
    /// Logit of a rise, *given* the session's base rate: add the base rate's logit for a
    /// probability. `None` from a baseline that only ranks.
    pub direction: [Option<Vec<f64>>; Horizon::COUNT],
}

/// A way to forecast that can be fitted.
pub trait Baseline: Send + Sync {
    /// Its name in reports.
    fn name(&self) -> &str;

    /// Learns from `train`. What `validation` decides is a setting (a penalty, a number of trees),
    /// never a coefficient or a tree.
    ///
    /// # Errors
    /// [`BaselineError`], if a horizon has no rows or the columns do not fit together.
    fn fit(
        &self,
        train: &TabularData,
        validation: &TabularData,
    ) -> Result<Box<dyn FittedBaseline>, BaselineError>;
}

/// A baseline that has learnt.
pub trait FittedBaseline: Send + Sync {
    /// Scores every row; labels are not looked at.
    ///
    /// # Errors
    /// [`BaselineError::ColumnsDiffer`] or [`BaselineError::MissingColumn`], if the rows are not of
    /// the feature spec that it was fitted on.
    fn score(&self, rows: &TabularData) -> Result<BaselineScores, BaselineError>;

    /// What validation chose, one line a horizon, for reports; empty if there was nothing to choose.
    fn settings(&self) -> Vec<String>;
}

/// Asks for the rows to have as many columns as a baseline learnt from.
pub(crate) fn check_columns(rows: &TabularData, expected: usize) -> Result<(), BaselineError> {
    let found = rows.n_columns();
    if found == expected {
        return Ok(());
    }
    Err(BaselineError::ColumnsDiffer { found, expected })
}

/// Puts one value a horizon into an array, or gives back the first error.
pub(crate) fn each_horizon<T>(
    mut value: impl FnMut(Horizon) -> Result<T, BaselineError>,
) -> Result<[T; Horizon::COUNT], BaselineError> {
    let [one, five, twenty] = Horizon::ALL;
    Ok([value(one)?, value(five)?, value(twenty)?])
}
