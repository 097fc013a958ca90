//! How validation rows judge a setting.

use naeil_domain::Horizon;
use naeil_evaluation::metrics::ranks::average_ranks;
use rayon::prelude::*;

use crate::tabular::TabularData;

/// Sessions with fewer outcomes say nothing about order.
const MIN_SESSION_ROWS: usize = 5;

/// Mean over the sessions of Spearman's correlation of score and return; 0 where no session counts.
///
/// # Shapes
/// - `scores`: one a row of `rows`
pub(crate) fn rank_ic(rows: &TabularData, horizon: Horizon, scores: &[f64]) -> f64 {
    let targets = rows.targets(horizon);
    let daily: Vec<Option<f64>> = (rows.sessions().par_iter())
        .map(|session| {
            let (mut x, mut y) = (Vec::new(), Vec::new());
            for row in session.clone() {
                if !targets.percentile[row].is_nan() {
                    x.push(scores[row]);
                    // The percentile is the return's rank already, but for an affine map.
                    y.push(f64::from(targets.percentile[row]));
                }
            }
            (x.len() >= MIN_SESSION_ROWS)
                .then(|| correlation(&average_ranks(&x), &y))
                .flatten()
        })
        .collect();
    let counted: Vec<f64> = daily.into_iter().flatten().collect();
    if counted.is_empty() {
        return 0.0;
    }
    counted.iter().sum::<f64>() / counted.len() as f64
}

/// Mean log loss of the rows with an outcome, the session's base rate being given.
///
/// # Shapes
/// - `direction`: one logit a row of `rows`
pub(crate) fn log_loss_given_base(rows: &TabularData, horizon: Horizon, direction: &[f64]) -> f64 {
    let targets = rows.targets(horizon);
    let losses = targets.known().iter().map(|&row| {
        let row = row as usize;
        let logit = direction[row] + f64::from(targets.base_logit[row]);
        let towards = if targets.is_up(row) { -logit } else { logit };
        softplus(towards)
    });
    losses.sum::<f64>() / targets.known().len() as f64
}

/// ln(1 + exp(x)) without overflow.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// 1 / (1 + exp(-x)).
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    let scale = (xx * yy).sqrt();
    (scale > 0.0).then(|| xy / scale)
}
