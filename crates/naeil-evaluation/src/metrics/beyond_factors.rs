//! What a score knows beyond single factors.

use crate::metrics::ic::{MIN_SESSION_ROWS, correlation};
use crate::metrics::ranks::average_ranks;

/// Spearman's correlation, within one session, of the return and of what is left of the score's
/// ranks once the factors' ranks are taken out by least squares (with an intercept).
///
/// Only the score is residualised, not the return: the residual is itself a score, one that could
/// be traded, neutral to the factors, and the figure is that score's rank IC, on the same scale as
/// the others. (The partial correlation also divides by what the factors leave of the return, which
/// nobody can trade; it is never smaller in magnitude.) The residual is ranked again, so that the figure
/// is a rank IC like any other.
///
/// A missing factor value (NaN) gets the mean rank of its session. A score that the factors explain
/// wholly has nothing left: 0. Undefined for fewer than [`MIN_SESSION_ROWS`] rows, or where all
/// scores or all returns are equal.
pub fn rank_ic_beyond_factors(scores: &[f64], returns: &[f64], factors: &[&[f64]]) -> Option<f64> {
    if scores.len() < MIN_SESSION_ROWS {
        return None;
    }
    let return_ranks = average_ranks(returns);
    let mut residual = centred(average_ranks(scores));
    let total = dot(&residual, &residual);
    if total == 0.0 || return_ranks.iter().all(|rank| *rank == return_ranks[0]) {
        return None;
    }
    for direction in orthonormal(factors) {
        remove(&mut residual, &direction);
    }
    if dot(&residual, &residual) < EXPLAINED * total {
        return Some(0.0);
    }
    correlation(&average_ranks(&residual), &return_ranks)
}

/// A share of a column's variance below this is what rounding leaves.
const EXPLAINED: f64 = 1e-12;

/// An orthonormal basis of the factors' centred ranks (modified Gram-Schmidt, each direction taken out
/// twice); a factor that the earlier ones explain adds none.
fn orthonormal(factors: &[&[f64]]) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(factors.len());
    for factor in factors {
        let mut column = centred_ranks(factor);
        let total = dot(&column, &column);
        for _ in 0..2 {
            for direction in &basis {
                remove(&mut column, direction);
            }
        }
        let rest = dot(&column, &column);
        if rest > EXPLAINED * total {
            let length = rest.sqrt();
            column.iter_mut().for_each(|x| *x /= length);
            basis.push(column);
        }
    }
    basis
}

/// Ranks among the values that are there, less their mean; 0, the mean rank, for the others.
fn centred_ranks(factor: &[f64]) -> Vec<f64> {
    let present: Vec<f64> = factor.iter().copied().filter(|x| !x.is_nan()).collect();
    let mut ranks = centred(average_ranks(&present)).into_iter();
    let rank = |x: &f64| {
        if x.is_nan() {
            0.0
        } else {
            ranks.next().unwrap_or(0.0)
        }
    };
    factor.iter().map(rank).collect()
}

fn centred(mut ranks: Vec<f64>) -> Vec<f64> {
    let mean = (ranks.len() as f64 + 1.0) / 2.0;
    ranks.iter_mut().for_each(|rank| *rank -= mean);
    ranks
}

fn remove(column: &mut [f64], direction: &[f64]) {
    let along = dot(column, direction);
    column
        .iter_mut()
        .zip(direction)
        .for_each(|(x, d)| *x -= along * d);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests;
