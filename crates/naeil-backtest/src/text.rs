//! The report as text for a terminal.

use std::fmt::Write as _;

use naeil_evaluation::Metric;

use crate::report::{FigureEntry, HorizonReport, ModelKind, ModelReport, Report};

/// A column of the main table: heading, metric, digits.
pub(crate) const COLUMNS: [(&str, Metric); 7] = [
    ("rank IC", Metric::RankIc),
    ("beyond factors", Metric::RankIcBeyondFactors),
    ("AUC in session", Metric::AucWithinSessions),
    ("log loss", Metric::LogLoss),
    ("calibration", Metric::CalibrationErrorGivenBaseRate),
    ("decile spread", Metric::DecileSpread),
    ("after costs", Metric::DecileSpreadAfterCosts),
];

/// Renders the tables of every horizon, the differences and the leakage checks.
pub fn render_text(report: &Report) -> String {
    let mut text = String::new();
    let written = head(&mut text, report)
        .and_then(|()| {
            let mut horizons = report.horizons.iter();
            horizons.try_for_each(|horizon| table(&mut text, horizon))
        })
        .and_then(|()| leakage(&mut text, report));
    written.expect("writing into memory does not fail");
    text
}

fn head(text: &mut String, report: &Report) -> std::fmt::Result {
    let data = &report.data;
    writeln!(
        text,
        "{} stocks of {}, {} bars of {} sessions {} to {}, data {}",
        data.n_universe,
        data.exchange,
        data.origin,
        data.n_sessions,
        data.first_session,
        data.last_session,
        &data.digest[..data.digest.len().min(12)],
    )?;
    for fold in &report.folds {
        writeln!(
            text,
            "{}: trained {} to {}, judged {} to {} ({} sessions, {} rows)",
            fold.name,
            fold.train.first,
            fold.train.last,
            fold.test.first,
            fold.test.last,
            fold.test.n_sessions,
            fold.n_rows
        )?;
    }
    Ok(())
}

fn table(text: &mut String, horizon: &HorizonReport) -> std::fmt::Result {
    writeln!(
        text,
        "\n{}: {} rows of {} sessions, {:.1} % rose, {:.1} % unchanged",
        horizon.horizon,
        horizon.n_rows,
        horizon.n_sessions,
        100.0 * horizon.base_rate,
        100.0 * horizon.tie_share
    )?;
    let shown: Vec<&ModelReport> = (horizon.models.iter())
        .filter(|model| model.kind != ModelKind::NetworkSeed)
        .collect();
    let width = shown
        .iter()
        .map(|model| model.name.len())
        .max()
        .unwrap_or(0);
    write!(text, "{:width$}", "")?;
    for (heading, _) in COLUMNS {
        write!(text, "  {heading:>14}")?;
    }
    writeln!(text, "  {:>15}", "worst quarter")?;
    for model in shown {
        write!(text, "{:width$}", model.name)?;
        for (_, metric) in COLUMNS {
            write!(text, "  {:>14}", shown_value(model.figure(metric), metric))?;
        }
        let worst = (model.worst_quarter.as_ref()).map_or_else(
            || "-".to_owned(),
            |worst| format!("{:+.4} {}", worst.rank_ic, worst.quarter),
        );
        writeln!(text, "  {worst:>15}")?;
    }
    for difference in &horizon.differences {
        if difference.metric != Metric::RankIc.as_str() {
            continue;
        }
        let FigureEntry {
            value, low, high, ..
        } = difference.figure;
        writeln!(
            text,
            "rank IC of {} less that of {}: {value:+.4} [{low:+.4}, {high:+.4}]",
            difference.of, difference.minus
        )?;
    }
    Ok(())
}

fn leakage(text: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(text)?;
    for finding in &report.leakage {
        let verdict = if finding.passed { "ok  " } else { "LEAK" };
        writeln!(
            text,
            "{verdict}  {}: {}",
            finding.leak.as_str(),
            finding.summary
        )?;
        for case in &finding.cases {
            writeln!(text, "      {case}")?;
        }
    }
    Ok(())
}

/// A figure with as many digits as its metric deserves; `-` where it is undefined.
pub(crate) fn shown_value(figure: Option<&FigureEntry>, metric: Metric) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| number(figure.value, metric))
}

/// A value as tables show it: shares and returns in per cent, the rest as it is.
pub(crate) fn number(value: f64, metric: Metric) -> String {
    match metric {
        Metric::DecileSpread | Metric::DecileSpreadAfterCosts | Metric::IntervalWidth => {
            format!("{:+.2} %", 100.0 * value)
        }
        Metric::Accuracy
        | Metric::Coverage
        | Metric::SelectiveAccuracy
        | Metric::IntervalCoverage
        | Metric::Turnover => format!("{:.1} %", 100.0 * value),
        Metric::RankIc | Metric::Ic | Metric::RankIcBeyondFactors => format!("{value:+.4}"),
        _ => format!("{value:.4}"),
    }
}
