//! All scores of one horizon, model and baselines on the same rows.

use naeil_domain::{Baseline, Horizon, HorizonEvaluation, Scores};

use crate::baseline::TrainingRates;
use crate::metrics::auc::auc;
use crate::metrics::brier::brier;
use crate::metrics::classification::Confusion;
use crate::metrics::ic::{ic, rank_ic};
use crate::metrics::log_loss::log_loss;
use crate::row::ScoredRow;

/// Scores a model and every baseline on the same rows, with the same function.
///
/// The order of `rows` does not matter.
pub fn evaluate_horizon(
    horizon: Horizon,
    rows: &[ScoredRow],
    rates: &TrainingRates,
) -> HorizonEvaluation {
    let baselines = Baseline::ALL
        .into_iter()
        .map(|baseline| {
            let answers: Vec<ScoredRow> = rows
                .iter()
                .map(|row| ScoredRow {
                    probability_up: rates.probability(baseline, row),
                    ..*row
                })
                .collect();
            (baseline, score(horizon, &answers))
        })
        .collect();
    let rises = rows.iter().filter(|row| row.is_up()).count();
    HorizonEvaluation {
        horizon,
        n_rows: rows.len(),
        n_sessions: count_sessions(rows),
        base_rate: (!rows.is_empty()).then(|| rises as f64 / rows.len() as f64),
        model: score(horizon, rows),
        baselines,
    }
}

/// Scores one forecaster.
///
/// A forecaster that answered a single row with something other than a probability (NaN from a
/// diverged training, say) has no defined score at all, rather than one over the rows it managed.
pub fn score(horizon: Horizon, rows: &[ScoredRow]) -> Scores {
    if !rows.iter().all(ScoredRow::is_scorable) {
        return Scores::default();
    }
    let confusion = Confusion::count(rows);
    let rank_ic = rank_ic(rows, horizon);
    Scores {
        accuracy: confusion.accuracy(),
        precision: confusion.precision(),
        recall: confusion.recall(),
        f1: confusion.f1(),
        auc: auc(rows),
        brier: brier(rows),
        log_loss: log_loss(rows),
        ic: ic(rows, horizon).map(|daily| daily.mean),
        rank_ic: rank_ic.map(|daily| daily.mean),
        rank_ic_standard_error: rank_ic.and_then(|daily| daily.standard_error),
    }
}

fn count_sessions(rows: &[ScoredRow]) -> usize {
    let mut sessions: Vec<u32> = rows.iter().map(|row| row.session_idx).collect();
    sessions.sort_unstable();
    sessions.dedup();
    sessions.len()
}

#[cfg(test)]
mod tests;
