//! An evaluation as JSON: domain types know no file format.

use naeil_domain::{EvaluationReport, HorizonEvaluation, Scores};
use serde::Serialize;

/// An evaluation as the evaluate stage writes it, and as commands print it.
#[derive(Debug, Serialize)]
pub struct EvaluationFile {
    first_session: String,
    last_session: String,
    horizons: Vec<HorizonEntry>,
}

#[derive(Debug, Serialize)]
struct HorizonEntry {
    horizon: &'static str,
    n_rows: usize,
    n_sessions: usize,
    base_rate: Option<f64>,
    model: ScoresEntry,
    baselines: std::collections::BTreeMap<&'static str, ScoresEntry>,
}

/// Undefined scores are `null`.
#[derive(Debug, Serialize)]
struct ScoresEntry {
    accuracy: Option<f64>,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    auc: Option<f64>,
    brier: Option<f64>,
    log_loss: Option<f64>,
    ic: Option<f64>,
    rank_ic: Option<f64>,
    rank_ic_standard_error: Option<f64>,
}

impl From<&EvaluationReport> for EvaluationFile {
    fn from(report: &EvaluationReport) -> Self {
        Self {
            first_session: report.first_session.to_string(),
            last_session: report.last_session.to_string(),
            horizons: report.horizons.iter().map(HorizonEntry::from).collect(),
        }
    }
}

impl From<&HorizonEvaluation> for HorizonEntry {
    fn from(evaluation: &HorizonEvaluation) -> Self {
        Self {
            horizon: evaluation.horizon.as_str(),
            n_rows: evaluation.n_rows,
            n_sessions: evaluation.n_sessions,
            base_rate: evaluation.base_rate,
            model: ScoresEntry::from(evaluation.model),
            baselines: evaluation
                .baselines
                .iter()
                .map(|(baseline, scores)| (baseline.as_str(), ScoresEntry::from(*scores)))
                .collect(),
        }
    }
}

impl From<Scores> for ScoresEntry {
    fn from(scores: Scores) -> Self {
        let Scores {
            accuracy,
            precision,
            recall,
            f1,
            auc,
            brier,
            log_loss,
            ic,
            rank_ic,
            rank_ic_standard_error,
        } = scores;
        Self {
            accuracy,
            precision,
            recall,
            f1,
            auc,
            brier,
            log_loss,
            ic,
            rank_ic,
            rank_ic_standard_error,
        }
    }
}

#[cfg(test)]
mod tests {
    use naeil_domain::{Baseline, Horizon, Session};
    use serde_json::json;

    use super::*;

    #[test]
    fn scores_keep_their_names_and_undefined_ones_are_null() {
        let baseline = Scores {
            accuracy: Some(0.5),
            ..Scores::default()
        };
        let model = Scores {
            rank_ic: Some(-0.01),
            ..baseline
        };
        let report = EvaluationReport {
            first_session: Session::parse("2024-01-02").unwrap(),
            last_session: Session::parse("2024-06-28").unwrap(),
            horizons: vec![HorizonEvaluation {
                horizon: Horizon::FiveDays,
                n_rows: 8,
                n_sessions: 4,
                base_rate: Some(0.25),
                model,
                baselines: vec![(Baseline::LastMove, baseline)],
            }],
        };
        let found = serde_json::to_value(EvaluationFile::from(&report)).unwrap();
        let expected = |rank_ic: Option<f64>| {
            json!({
                "accuracy": 0.5, "precision": null, "recall": null, "f1": null, "auc": null,
                "brier": null, "log_loss": null, "ic": null, "rank_ic": rank_ic,
                "rank_ic_standard_error": null,
            })
        };
        assert_eq!(
            found,
            json!({
                "first_session": "2024-01-02",
                "last_session": "2024-06-28",
                "horizons": [{
                    "horizon": "5d", "n_rows": 8, "n_sessions": 4, "base_rate": 0.25,
                    "model": expected(Some(-0.01)),
                    "baselines": {"last_move": expected(None)},
                }],
            })
        );
    }
}
