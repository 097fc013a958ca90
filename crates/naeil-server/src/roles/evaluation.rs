//! An evaluation as JSON, for commands with `--output json`.

use naeil_domain::{EvaluationReport, Scores};
use serde_json::{Map, Value, json};

pub(crate) fn document(report: &EvaluationReport) -> Value {
    let horizons: Map<String, Value> = report
        .horizons
        .iter()
        .map(|entry| {
            let baselines: Map<String, Value> = entry
                .baselines
                .iter()
                .map(|(baseline, s)| (baseline.as_str().to_owned(), scores(s)))
                .collect();
            let document = json!({
                "n_rows": entry.n_rows,
                "n_sessions": entry.n_sessions,
                "base_rate": entry.base_rate,
                "model": scores(&entry.model),
                "baselines": baselines,
            });
            (entry.horizon.as_str().to_owned(), document)
        })
        .collect();
    json!({
        "first_session": report.first_session.to_string(),
        "last_session": report.last_session.to_string(),
        "horizons": horizons,
    })
}

fn scores(s: &Scores) -> Value {
    json!({
        "accuracy": s.accuracy,
        "precision": s.precision,
        "recall": s.recall,
        "f1": s.f1,
        "auc": s.auc,
        "brier": s.brier,
        "log_loss": s.log_loss,
        "ic": s.ic,
        "rank_ic": s.rank_ic,
        "rank_ic_standard_error": s.rank_ic_standard_error,
    })
}
