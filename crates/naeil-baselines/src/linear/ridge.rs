//! Ridge regression on the percentile of the return.

use naeil_domain::Horizon;

use super::normal_equations::NormalEquations;
use super::{Affine, cholesky};
use crate::error::BaselineError;
use crate::tabular::TabularData;

/// Fits one function a penalty: minimises the sum of (percentile - b0 - x b)^2 plus
/// `penalty * n * |b|^2`, in closed form.
///
/// # Source
/// Hoerl and Kennard (1970); the same as scikit-learn's `Ridge(alpha=penalty * n)`.
pub(crate) fn fit(
    train: &TabularData,
    horizon: Horizon,
    penalties: &[f64],
) -> Result<Vec<Affine>, BaselineError> {
    let rows = train.known(horizon, "training")?;
    let percentile = &train.targets(horizon).percentile;
    let equations = NormalEquations::sum(train, rows, |row, _| (1.0, f64::from(percentile[row])));
    let n = equations.n;
    (penalties.iter())
        .map(|penalty| {
            let mut a = equations.a.clone();
            for i in 1..n {
                a[i * n + i] += penalty * rows.len() as f64;
            }
            let coefficients = cholesky::solve(a, equations.b.clone())?;
            Ok(Affine { coefficients })
        })
        .collect()
}
