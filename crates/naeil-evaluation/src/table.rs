//! An evaluation as plain text for a terminal.

use naeil_domain::{EvaluationReport, HorizonEvaluation, Scores};

/// One column: its heading and the score under it.
type Column = (&'static str, fn(&Scores) -> Option<f64>);

const COLUMNS: [Column; 10] = [
    ("accuracy", |scores| scores.accuracy),
    ("precision", |scores| scores.precision),
    ("recall", |scores| scores.recall),
    ("f1", |scores| scores.f1),
    ("auc", |scores| scores.auc),
    ("brier", |scores| scores.brier),
    ("log loss", |scores| scores.log_loss),
    ("ic", |scores| scores.ic),
    ("rank ic", |scores| scores.rank_ic),
    ("+/- s.e.", |scores| scores.rank_ic_standard_error),
];

/// Width of the forecasters' names and of each score.
const NAME_WIDTH: usize = 10;
const SCORE_WIDTH: usize = 9;

/// What stands for a score that is undefined.
const UNDEFINED: &str = "-";

/// Renders a report: one block per horizon, the model's line above the baselines'.
///
/// Scores have four decimals, an undefined one is `-`; every line ends with a line feed.
pub fn render_table(report: &EvaluationReport) -> String {
    let mut text = format!(
        "as-of sessions {} to {}\n",
        report.first_session, report.last_session
    );
    for evaluation in &report.horizons {
        text.push('\n');
        push_horizon(&mut text, evaluation);
    }
    text
}

fn push_horizon(text: &mut String, evaluation: &HorizonEvaluation) {
    let HorizonEvaluation {
        horizon,
        n_rows,
        n_sessions,
        ..
    } = evaluation;
    let base_rate = number(evaluation.base_rate);
    text.push_str(&format!(
        "{horizon}: {n_rows} rows, {n_sessions} sessions, base rate {base_rate}\n"
    ));
    let headings = COLUMNS.map(|(heading, _)| heading.to_owned());
    push_line(text, "", &headings);
    push_scores(text, "model", &evaluation.model);
    for (baseline, scores) in &evaluation.baselines {
        push_scores(text, baseline.as_str(), scores);
    }
}

fn push_scores(text: &mut String, name: &str, scores: &Scores) {
    push_line(text, name, &COLUMNS.map(|(_, of)| number(of(scores))));
}

fn push_line(text: &mut String, name: &str, cells: &[String]) {
    text.push_str(&format!("{name:<NAME_WIDTH$}"));
    for cell in cells {
        text.push_str(&format!(" {cell:>SCORE_WIDTH$}"));
    }
    text.push('\n');
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| UNDEFINED.to_owned(), |value| format!("{value:.4}"))
}

#[cfg(test)]
mod tests {
    use naeil_domain::{Baseline, Horizon, Session};

    use super::*;

    fn report() -> EvaluationReport {
        let scores = Scores {
            accuracy: Some(0.5),
            precision: None,
            recall: Some(0.25),
            f1: None,
            auc: Some(0.512_34),
            brier: Some(0.2499),
            log_loss: Some(17.26),
            ic: Some(-0.0123),
            rank_ic: Some(0.1),
            rank_ic_standard_error: Some(0.004_56),
        };
        EvaluationReport {
            first_session: Session::parse("2026-06-01").unwrap(),
            last_session: Session::parse("2026-09-30").unwrap(),
            horizons: vec![HorizonEvaluation {
                horizon: Horizon::OneDay,
                n_rows: 24_000,
                n_sessions: 80,
                base_rate: Some(0.4567),
                model: scores,
                baselines: vec![(Baseline::BaseRate, Scores::default())],
            }],
        }
    }

    #[test]
    fn the_model_stands_above_the_baselines_in_aligned_columns() {
        let expected = "\
as-of sessions 2026-06-01 to 2026-09-30

1d: 24000 rows, 80 sessions, base rate 0.4567
            accuracy precision    recall        f1       auc     brier  log loss        ic   rank ic  +/- s.e.
model         0.5000         -    0.2500         -    0.5123    0.2499   17.2600   -0.0123    0.1000    0.0046
base_rate          -         -         -         -         -         -         -         -         -         -
";
        assert_eq!(render_table(&report()), expected);
    }

    #[test]
    fn every_horizon_has_its_block() {
        let mut report = report();
        let mut twenty = report.horizons[0].clone();
        twenty.horizon = Horizon::TwentyDays;
        twenty.base_rate = None;
        report.horizons.push(twenty);
        let text = render_table(&report);
        assert!(text.contains("\n20d: 24000 rows, 80 sessions, base rate -\n"));
        assert_eq!(text.matches("\nmodel ").count(), 2);
    }
}
