//! The wire form of an evaluation.

use serde::{Deserialize, Serialize};

use naeil_domain::{Baseline, EvaluationReport, Horizon, HorizonEvaluation, Scores, Session};

/// An evaluation in a manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvaluationWire {
    first_session: String,
    last_session: String,
    horizons: Vec<HorizonWire>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HorizonWire {
    horizon: String,
    n_rows: usize,
    n_sessions: usize,
    base_rate: Option<f64>,
    model: ScoresWire,
    baselines: Vec<BaselineWire>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineWire {
    baseline: String,
    scores: ScoresWire,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScoresWire {
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

impl EvaluationWire {
    pub(crate) fn from_domain(report: &EvaluationReport) -> Self {
        Self {
            first_session: report.first_session.to_string(),
            last_session: report.last_session.to_string(),
            horizons: report
                .horizons
                .iter()
                .map(HorizonWire::from_domain)
                .collect(),
        }
    }

    pub(crate) fn to_domain(&self) -> Result<EvaluationReport, String> {
        let session =
            |text: &str| Session::parse(text).map_err(|error| format!("the evaluation: {error}"));
        let horizons: Vec<HorizonEvaluation> = self
            .horizons
            .iter()
            .map(HorizonWire::to_domain)
            .collect::<Result<_, _>>()?;
        if !horizons.is_sorted_by(|a, b| a.horizon < b.horizon) {
            return Err("the evaluation's horizons are out of order or twice there".to_owned());
        }
        Ok(EvaluationReport {
            first_session: session(&self.first_session)?,
            last_session: session(&self.last_session)?,
            horizons,
        })
    }
}

impl HorizonWire {
    fn from_domain(part: &HorizonEvaluation) -> Self {
        let baselines = part
            .baselines
            .iter()
            .map(|(baseline, scores)| BaselineWire {
                baseline: baseline.as_str().to_owned(),
                scores: ScoresWire::from_domain(scores),
            });
        Self {
            horizon: part.horizon.as_str().to_owned(),
            n_rows: part.n_rows,
            n_sessions: part.n_sessions,
            base_rate: part.base_rate,
            model: ScoresWire::from_domain(&part.model),
            baselines: baselines.collect(),
        }
    }

    fn to_domain(&self) -> Result<HorizonEvaluation, String> {
        let horizon =
            Horizon::parse(&self.horizon).map_err(|error| format!("the evaluation: {error}"))?;
        let baselines = self.baselines.iter().map(|wire| {
            let baseline = Baseline::parse(&wire.baseline).ok_or_else(|| {
                format!(
                    "the evaluation has an unknown baseline '{}'",
                    wire.baseline.escape_debug()
                )
            })?;
            Ok((baseline, wire.scores.to_domain()))
        });
        Ok(HorizonEvaluation {
            horizon,
            n_rows: self.n_rows,
            n_sessions: self.n_sessions,
            base_rate: self.base_rate,
            model: self.model.to_domain(),
            baselines: baselines.collect::<Result<_, String>>()?,
        })
    }
}

impl ScoresWire {
    fn from_domain(scores: &Scores) -> Self {
        Self {
            accuracy: scores.accuracy,
            precision: scores.precision,
            recall: scores.recall,
            f1: scores.f1,
            auc: scores.auc,
            brier: scores.brier,
            log_loss: scores.log_loss,
            ic: scores.ic,
            rank_ic: scores.rank_ic,
            rank_ic_standard_error: scores.rank_ic_standard_error,
        }
    }

    fn to_domain(&self) -> Scores {
        Scores {
            accuracy: self.accuracy,
            precision: self.precision,
            recall: self.recall,
            f1: self.f1,
            auc: self.auc,
            brier: self.brier,
            log_loss: self.log_loss,
            ic: self.ic,
            rank_ic: self.rank_ic,
            rank_ic_standard_error: self.rank_ic_standard_error,
        }
    }
}
