//! Logistic regression whose logit is added to the session's base rate.

use naeil_domain::Horizon;

use super::normal_equations::NormalEquations;
use super::{Affine, cholesky};
use crate::error::BaselineError;
use crate::judge::sigmoid;
use crate::tabular::TabularData;

/// Newton's method converges in a handful of steps or not at all.
const MAX_STEPS: usize = 30;

/// A step in which no coefficient moves further ends it; the step after would move it by the square
/// of that.
const TOLERANCE: f64 = 1e-6;

/// Fits one function a penalty, each from the one before: minimises the sum over the rows of
/// log loss(up, sigmoid(B + b0 + x b)) plus `penalty * n / 2 * |b|^2`, B being the fixed logit of
/// the session's base rate.
///
/// # Source
/// Iteratively reweighted least squares: McCullagh and Nelder, "Generalized Linear Models", 2.5; the
/// offset as in their 6.3.
pub(crate) fn fit(
    train: &TabularData,
    horizon: Horizon,
    penalties: &[f64],
) -> Result<Vec<Affine>, BaselineError> {
    let mut coefficients = vec![0.0; train.n_columns() + 1];
    let mut fits = Vec::with_capacity(penalties.len());
    for penalty in penalties {
        coefficients = newton(train, horizon, *penalty, coefficients)?;
        fits.push(Affine {
            coefficients: coefficients.clone(),
        });
    }
    Ok(fits)
}

fn newton(
    train: &TabularData,
    horizon: Horizon,
    penalty: f64,
    mut coefficients: Vec<f64>,
) -> Result<Vec<f64>, BaselineError> {
    let rows = train.known(horizon, "training")?;
    let targets = train.targets(horizon);
    let strength = penalty * rows.len() as f64;
    for _ in 0..MAX_STEPS {
        let mut equations = NormalEquations::sum(train, rows, |row, x| {
            let product: f64 = x.iter().zip(&coefficients).map(|(x, b)| x * b).sum();
            let p = sigmoid(product + f64::from(targets.base_logit[row]));
            let up = f64::from(u8::from(targets.is_up(row)));
            (p * (1.0 - p), up - p)
        });
        let n = equations.n;
        for (i, coefficient) in coefficients.iter().enumerate().skip(1) {
            equations.a[i * n + i] += strength;
            equations.b[i] -= strength * coefficient;
        }
        let step = cholesky::solve(equations.a, equations.b)?;
        let mut furthest = 0.0_f64;
        for (coefficient, step) in coefficients.iter_mut().zip(step) {
            *coefficient += step;
            furthest = furthest.max(step.abs());
        }
        if furthest < TOLERANCE {
            return Ok(coefficients);
        }
    }
    tracing::warn!(
        %horizon,
        penalty,
        "logistic regression did not settle in {MAX_STEPS} steps, its last one is used"
    );
    Ok(coefficients)
}
