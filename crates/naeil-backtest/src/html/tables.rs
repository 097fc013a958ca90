//! Tables of the page.

use naeil_evaluation::{Metric, Ties};

use super::{escaped, push};
use crate::report::{FigureEntry, HorizonReport, ModelKind, ModelReport};
use crate::text::{COLUMNS, number};

/// Figures of the trained forecasters that the main table has no room for.
const FURTHER: [Metric; 13] = [
    Metric::Ic,
    Metric::Accuracy,
    Metric::DirectionAucWithinSessions,
    Metric::Auc,
    Metric::Brier,
    Metric::LogLossGivenBaseRate,
    Metric::CalibrationError,
    Metric::Coverage,
    Metric::SelectiveAccuracy,
    Metric::IntervalCoverage,
    Metric::IntervalWidth,
    Metric::PinballLoss,
    Metric::Turnover,
];

/// Opens a table in a box that scrolls; headings after the first `n_text` are figures.
pub(super) fn open(page: &mut String, caption: &str, headings: &[&str], n_text: usize) {
    push(
        page,
        format_args!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\
             <table>\n<caption>{caption}</caption>\n<thead><tr>"
        ),
    );
    for (i, heading) in headings.iter().enumerate() {
        let class = if i < n_text { "" } else { " class=\"n\"" };
        push(
            page,
            format_args!("<th scope=\"col\"{class}>{heading}</th>"),
        );
    }
    page.push_str("</tr></thead>\n<tbody>\n");
}

pub(super) fn close(page: &mut String) {
    page.push_str("</tbody>\n</table></div>\n");
}

/// A figure and its interval below it.
pub(super) fn cell(page: &mut String, figure: Option<&FigureEntry>, metric: Metric) {
    match figure {
        None => page.push_str("<td class=\"n zero\">-</td>"),
        Some(figure) => push(
            page,
            format_args!(
                "<td class=\"n\">{}<small>{} to {}</small></td>",
                number(figure.value, metric),
                number(figure.low, metric),
                number(figure.high, metric)
            ),
        ),
    }
}

/// The main table: every forecaster on the same rows.
pub(super) fn models(page: &mut String, horizon: &HorizonReport) {
    let caption = format!(
        "Every forecaster on the same rows at {}, each figure with its 95 % interval",
        horizon.horizon
    );
    let mut headings = vec!["Forecaster"];
    headings.extend(COLUMNS.map(|(heading, _)| heading));
    headings.push("worst quarter");
    open(page, &caption, &headings, 1);
    for model in shown(horizon) {
        let class = match model.kind {
            ModelKind::Network | ModelKind::NetworkMean => " class=\"own\"",
            _ => "",
        };
        push(
            page,
            format_args!("<tr{class}><th scope=\"row\">{}</th>", escaped(&model.name)),
        );
        for (_, metric) in COLUMNS {
            cell(page, model.figure(metric), metric);
        }
        match &model.worst_quarter {
            None => page.push_str("<td class=\"n zero\">-</td>"),
            Some(worst) => push(
                page,
                format_args!(
                    "<td class=\"n\">{:+.4}<small>{}</small></td>",
                    worst.rank_ic,
                    escaped(&worst.quarter)
                ),
            ),
        }
        page.push_str("</tr>\n");
    }
    close(page);
}

/// Seeds stand in the JSON; the page shows their mean.
fn shown(horizon: &HorizonReport) -> impl Iterator<Item = &ModelReport> {
    (horizon.models.iter()).filter(|model| model.kind != ModelKind::NetworkSeed)
}

/// What is left of the figures, for forecasters that were trained.
pub(super) fn further(page: &mut String, horizon: &HorizonReport) {
    let models: Vec<&ModelReport> = shown(horizon)
        .filter(|model| {
            matches!(
                model.kind,
                ModelKind::Network | ModelKind::NetworkMean | ModelKind::Baseline
            )
        })
        .collect();
    let caption = format!("Further figures at {}", horizon.horizon);
    let mut headings = vec!["Figure"];
    let names: Vec<String> = models.iter().map(|model| escaped(&model.name)).collect();
    headings.extend(names.iter().map(String::as_str));
    open(page, &caption, &headings, 1);
    for metric in FURTHER {
        if models.iter().all(|model| model.figure(metric).is_none()) {
            continue;
        }
        push(
            page,
            format_args!("<tr><th scope=\"row\">{}</th>", words(metric)),
        );
        for model in &models {
            cell(page, model.figure(metric), metric);
        }
        page.push_str("</tr>\n");
    }
    close(page);
}

/// Figures with and without unchanged closes.
pub(super) fn ties(page: &mut String, horizon: &HorizonReport) {
    let metrics = [
        Metric::RankIc,
        Metric::AucWithinSessions,
        Metric::LogLoss,
        Metric::Accuracy,
    ];
    let caption = format!(
        "Without the rows whose close is unchanged ({:.1} %) at {}",
        100.0 * horizon.tie_share,
        horizon.horizon
    );
    let mut headings = vec!["Forecaster"];
    let names: Vec<String> = metrics.iter().map(|&metric| words(metric)).collect();
    headings.extend(names.iter().map(String::as_str));
    open(page, &caption, &headings, 1);
    let main = shown(horizon).filter(|model| {
        !matches!(model.kind, ModelKind::Factor)
            || Some(&model.name) == horizon.best_factor.as_ref()
    });
    for model in main {
        push(
            page,
            format_args!("<tr><th scope=\"row\">{}</th>", escaped(&model.name)),
        );
        for metric in metrics {
            cell(page, model.figure_with(metric, Ties::LeftOut), metric);
        }
        page.push_str("</tr>\n");
    }
    close(page);
}

/// Paired differences.
pub(super) fn differences(page: &mut String, horizon: &HorizonReport) {
    let caption = format!(
        "Paired differences at {}: on the same sessions and the same draws",
        horizon.horizon
    );
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    let mut metrics: Vec<Metric> = Vec::new();
    for difference in &horizon.differences {
        let pair = (difference.of.as_str(), difference.minus.as_str());
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
        let metric = Metric::ALL
            .into_iter()
            .find(|m| m.as_str() == difference.metric);
        if let Some(metric) = metric.filter(|metric| !metrics.contains(metric)) {
            metrics.push(metric);
        }
    }
    if pairs.is_empty() {
        return;
    }
    let mut headings = vec!["Forecaster", "minus"];
    let names: Vec<String> = metrics.iter().map(|&metric| words(metric)).collect();
    headings.extend(names.iter().map(String::as_str));
    open(page, &caption, &headings, 2);
    for (of, minus) in pairs {
        push(
            page,
            format_args!(
                "<tr><th scope=\"row\">{}</th><td class=\"name\">{}</td>",
                escaped(of),
                escaped(minus)
            ),
        );
        for metric in &metrics {
            let found = horizon.differences.iter().find(|difference| {
                difference.of == of
                    && difference.minus == minus
                    && difference.metric == metric.as_str()
            });
            difference_cell(page, found.map(|difference| &difference.figure), *metric);
        }
        page.push_str("</tr>\n");
    }
    close(page);
}

/// A difference; one whose whole interval lies on one side of 0 is marked by its worth.
fn difference_cell(page: &mut String, figure: Option<&FigureEntry>, metric: Metric) {
    let Some(figure) = figure else {
        page.push_str("<td class=\"n zero\">-</td>");
        return;
    };
    let better = metric.is_higher_better().unwrap_or(true);
    let class = match (figure.low > 0.0, figure.high < 0.0) {
        (true, _) if better => " good",
        (_, true) if !better => " good",
        (true, _) | (_, true) => " bad",
        _ => "",
    };
    let shown = |value: f64| match metric {
        Metric::DecileSpreadAfterCosts => format!("{:+.2} %", 100.0 * value),
        _ => format!("{value:+.4}"),
    };
    push(
        page,
        format_args!(
            "<td class=\"n{class}\">{}<small>{} to {}</small></td>",
            shown(figure.value),
            shown(figure.low),
            shown(figure.high)
        ),
    );
}

/// A metric in words.
pub(super) fn words(metric: Metric) -> String {
    metric
        .as_str()
        .replace('_', " ")
        .replace("auc", "AUC")
        .replace("rank ic", "rank IC")
}
