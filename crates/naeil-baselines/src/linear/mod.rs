//! Linear forecasts: ridge regression for the order, logistic regression for the direction.

mod cholesky;
mod logistic;
mod normal_equations;
mod ridge;
#[cfg(test)]
mod tests;

use naeil_domain::Horizon;

use crate::baseline::{Baseline, BaselineScores, FittedBaseline, check_columns, each_horizon};
use crate::error::BaselineError;
use crate::judge::{log_loss_given_base, rank_ic};
use crate::tabular::TabularData;

/// Penalties tried, per row: the sum of squares of the coefficients (without the intercept) counts
/// `penalty * n / 2`, beside half the sum of squared errors or the sum of log losses. The strongest
/// comes first, for each fit starts from the one before.
pub const PENALTIES: [f64; 4] = [1e-1, 1e-2, 1e-3, 1e-4];

/// Ridge regression on the percentile for the order, logistic regression with the session's base
/// rate as offset for the direction; the penalty of each is chosen on validation, by rank IC and by
/// log loss.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LinearBaseline;

/// An affine function of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Affine {
    /// The intercept, then one coefficient a column.
    pub(crate) coefficients: Vec<f64>,
}

impl Affine {
    /// Its value at every row, summed in the order of the columns.
    pub(crate) fn score(&self, rows: &TabularData) -> Vec<f64> {
        let mut scores = vec![self.coefficients[0]; rows.len()];
        for (column, coefficient) in rows.columns().iter().zip(&self.coefficients[1..]) {
            for (score, &value) in scores.iter_mut().zip(column) {
                *score += coefficient * f64::from(value);
            }
        }
        scores
    }
}

#[derive(Debug)]
struct Fitted {
    n_columns: usize,
    relative: [(f64, Affine); Horizon::COUNT],
    direction: [(f64, Affine); Horizon::COUNT],
}

impl Baseline for LinearBaseline {
    fn name(&self) -> &str {
        "ridge / logistic"
    }

    fn fit(
        &self,
        train: &TabularData,
        validation: &TabularData,
    ) -> Result<Box<dyn FittedBaseline>, BaselineError> {
        check_columns(validation, train.n_columns())?;
        let relative = each_horizon(|horizon| {
            validation.known(horizon, "validation")?;
            let fits = ridge::fit(train, horizon, &PENALTIES)?;
            Ok(best(fits, |fit| {
                rank_ic(validation, horizon, &fit.score(validation))
            }))
        })?;
        let direction = each_horizon(|horizon| {
            let fits = logistic::fit(train, horizon, &PENALTIES)?;
            Ok(best(fits, |fit| {
                -log_loss_given_base(validation, horizon, &fit.score(validation))
            }))
        })?;
        Ok(Box::new(Fitted {
            n_columns: train.n_columns(),
            relative,
            direction,
        }))
    }
}

/// The fit that validation likes best, with its penalty; the stronger penalty if two are alike.
fn best(fits: Vec<Affine>, merit: impl Fn(&Affine) -> f64) -> (f64, Affine) {
    let mut chosen: Option<(f64, f64, Affine)> = None;
    for (penalty, fit) in PENALTIES.into_iter().zip(fits) {
        let merit = merit(&fit);
        if chosen.as_ref().is_none_or(|(best, ..)| merit > *best) {
            chosen = Some((merit, penalty, fit));
        }
    }
    let (_, penalty, fit) = chosen.expect("one fit a penalty");
    (penalty, fit)
}

impl FittedBaseline for Fitted {
    fn score(&self, rows: &TabularData) -> Result<BaselineScores, BaselineError> {
        check_columns(rows, self.n_columns)?;
        Ok(BaselineScores {
            relative: self.relative.each_ref().map(|(_, fit)| fit.score(rows)),
            direction: (self.direction.each_ref()).map(|(_, fit)| Some(fit.score(rows))),
        })
    }

    fn settings(&self) -> Vec<String> {
        (Horizon::ALL.iter().zip(&self.relative).zip(&self.direction))
            .map(|((horizon, (ridge, _)), (logistic, _))| {
                format!(
                    "{horizon}: ridge penalty {ridge:.0e}, logistic penalty {logistic:.0e} per row"
                )
            })
            .collect()
    }
}
