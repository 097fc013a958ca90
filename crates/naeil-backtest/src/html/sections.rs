//! Sections of the page.

use naeil_evaluation::Metric;

use super::plots::{Across, Line, Plot, Role};
use super::{escaped, push, tables};
use crate::judge::{BOOSTING, NETWORK, interval_level};
use crate::report::{FigureEntry, HorizonReport, Report};

const WIDE: (u32, u32) = (880, 230);
const SMALL: (u32, u32) = (400, 250);

/// What the page comes down to.
pub(super) fn verdict(page: &mut String, report: &Report) {
    let leaks: Vec<&str> = (report.leakage.iter())
        .filter(|finding| !finding.passed)
        .map(|finding| finding.leak.as_str())
        .collect();
    if !leaks.is_empty() {
        push(
            page,
            format_args!(
                "<p class=\"verdict failed\">These figures are worth nothing: {}. See the leakage \
                 checks.</p>\n",
                leaks.join(", ")
            ),
        );
        return;
    }
    page.push_str("<div class=\"verdict ok\">\n");
    for horizon in &report.horizons {
        let Some(network) = horizon.model(NETWORK) else {
            continue;
        };
        if let Some(figure) = network.figure(Metric::RankIc) {
            let minus = |name: Option<&str>| {
                let name = name?;
                let found = horizon.differences.iter().find(|difference| {
                    difference.of == NETWORK
                        && difference.minus == name
                        && difference.metric == Metric::RankIc.as_str()
                });
                Some(format!("{} “{}”", against(&found?.figure), escaped(name)))
            };
            let words: Vec<String> = [minus(Some(BOOSTING)), minus(horizon.best_factor.as_deref())]
                .into_iter()
                .flatten()
                .collect();
            push(
                page,
                format_args!(
                    "<p>{}: rank IC {:+.4} ({:+.4} to {:+.4}){}{}.</p>\n",
                    horizon.horizon,
                    figure.value,
                    figure.low,
                    figure.high,
                    if words.is_empty() { "" } else { ", " },
                    words.join(", ")
                ),
            );
        }
    }
    push(
        page,
        format_args!(
            "<p>No leak was found by {} checks.</p>\n</div>\n",
            report.leakage.len()
        ),
    );
}

fn against(difference: &FigureEntry) -> &'static str {
    match (difference.low > 0.0, difference.high < 0.0) {
        (true, _) => "above",
        (_, true) => "below",
        _ => "not to be told from",
    }
}

/// Where the figures come from.
pub(super) fn facts(page: &mut String, report: &Report) {
    let data = &report.data;
    let short = |digest: &str| digest.chars().take(12).collect::<String>();
    let seeds: Vec<String> = report.seeds.iter().map(u64::to_string).collect();
    page.push_str("<dl class=\"facts\">\n");
    for (name, value) in [
        ("Bars", data.origin.clone()),
        (
            "Stocks judged",
            format!("{} of {}", data.n_universe, data.n_stocks),
        ),
        ("Sessions", data.n_sessions.to_string()),
        ("From", data.first_session.clone()),
        ("To", data.last_session.clone()),
        ("Seeds", seeds.join(", ")),
        ("Data digest", short(&data.digest)),
        ("Feature spec", short(&data.spec_hash)),
        ("Settings", short(&report.settings_digest)),
    ] {
        push(
            page,
            format_args!("<div><dt>{name}</dt><dd>{}</dd></div>\n", escaped(&value)),
        );
    }
    page.push_str("</dl>\n");
}

/// Which sessions were for what.
pub(super) fn folds(page: &mut String, report: &Report) {
    page.push_str("<section aria-labelledby=\"folds\">\n<h2 id=\"folds\">Folds</h2>\n");
    let headings = [
        "Fold",
        "Trained on",
        "Validation",
        "Judged on",
        "Sessions",
        "Rows",
    ];
    tables::open(page, "As-of sessions of each part", &headings, 4);
    for fold in &report.folds {
        let words = |window: &crate::report::Window| format!("{} to {}", window.first, window.last);
        push(
            page,
            format_args!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td>\
                 <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
                escaped(&fold.name),
                words(&fold.train),
                fold.validation.as_ref().map_or("none".to_owned(), words),
                words(&fold.test),
                fold.test.n_sessions,
                fold.n_rows
            ),
        );
    }
    tables::close(page);
    page.push_str("</section>\n");
}

/// One horizon: tables and plots.
pub(super) fn horizon(page: &mut String, horizon: &HorizonReport) {
    let name = &horizon.horizon;
    push(
        page,
        format_args!(
            "<section aria-labelledby=\"h{name}\">\n<h2 id=\"h{name}\">{name}</h2>\n<p>{} rows of \
             {} sessions; {:.1} % rose, {:.1} % closed unchanged.</p>\n",
            horizon.n_rows,
            horizon.n_sessions,
            100.0 * horizon.base_rate,
            100.0 * horizon.tie_share
        ),
    );
    tables::models(page, horizon);
    tables::differences(page, horizon);
    rank_ic_by_quarter(page, horizon);
    spread(page, horizon);
    page.push_str("<div class=\"pair\">\n");
    reliability(page, horizon);
    calibration(page, horizon);
    coverage(page, horizon);
    page.push_str("</div>\n<details>\n<summary>Further figures</summary>\n");
    tables::further(page, horizon);
    tables::ties(page, horizon);
    page.push_str("</details>\n</section>\n");
}

fn rank_ic_by_quarter(page: &mut String, horizon: &HorizonReport) {
    let mut lines = Vec::new();
    let best = horizon.best_factor.as_deref().unwrap_or_default();
    let quarters: Vec<String> = horizon
        .models
        .first()
        .map(|model| model.quarters.iter().map(|q| q.quarter.clone()).collect())
        .unwrap_or_default();
    for (name, role) in [
        (best, Role::Factor),
        (BOOSTING, Role::Rival),
        (NETWORK, Role::Network),
    ] {
        let Some(model) = horizon.model(name) else {
            continue;
        };
        let at = |quarter: &str| quarters.iter().position(|name| name == quarter);
        lines.push(Line {
            name,
            role,
            points: (model.quarters.iter())
                .filter_map(|q| Some((at(&q.quarter)? as f64, q.rank_ic)))
                .collect(),
            dots: true,
            faint: false,
        });
    }
    Plot {
        caption: "Rank IC by quarter",
        size: WIDE,
        across: Across::Names(&quarters),
        lines,
        level: Some(0.0),
        diagonal: false,
        whiskers: Vec::new(),
        digits: 2,
    }
    .render(page);
}

fn spread(page: &mut String, horizon: &HorizonReport) {
    let sessions: Vec<String> = horizon
        .cumulated
        .iter()
        .map(|p| p.session.clone())
        .collect();
    let line = |name, role, value: &dyn Fn(usize) -> f64| Line {
        name,
        role,
        points: (0..sessions.len())
            .map(|i| (i as f64, 100.0 * value(i)))
            .collect(),
        dots: false,
        faint: false,
    };
    let points = &horizon.cumulated;
    Plot {
        caption: "Top decile minus bottom decile of the network, summed over portfolios that follow \
                  each other, in per cent",
        size: WIDE,
        across: Across::Names(&sessions),
        lines: vec![
            line("before costs", Role::Rival, &|i| points[i].before_costs),
            line("after costs", Role::Network, &|i| points[i].after_costs),
        ],
        level: Some(0.0),
        diagonal: false,
        whiskers: Vec::new(),
        digits: 0,
    }
    .render(page);
}

fn reliability(page: &mut String, horizon: &HorizonReport) {
    let bins = &horizon.reliability;
    Plot {
        caption: "Share that rose (up) by probability said (across); bars take rows for \
                  independent, which they are not",
        size: SMALL,
        across: Across::Numbers(2),
        lines: vec![Line {
            name: NETWORK,
            role: Role::Network,
            points: bins.iter().map(|bin| (bin.said, bin.happened)).collect(),
            dots: true,
            faint: false,
        }],
        level: None,
        diagonal: true,
        whiskers: bins
            .iter()
            .map(|bin| (bin.said, bin.low, bin.high))
            .collect(),
        digits: 2,
    }
    .render(page);
}

fn quarter_line<'a>(
    horizon: &HorizonReport,
    name: &'a str,
    role: Role,
    value: impl Fn(&crate::report::QuarterRow) -> Option<f64>,
) -> Line<'a> {
    Line {
        name,
        role,
        points: (horizon.quarters.iter().enumerate())
            .filter_map(|(i, row)| Some((i as f64, value(row)?)))
            .collect(),
        dots: true,
        faint: false,
    }
}

fn calibration(page: &mut String, horizon: &HorizonReport) {
    let quarters: Vec<String> = horizon.quarters.iter().map(|q| q.quarter.clone()).collect();
    Plot {
        caption: "Mean probability up said, and share that rose, by quarter",
        size: SMALL,
        across: Across::Names(&quarters),
        lines: vec![
            quarter_line(horizon, "rose", Role::Truth, |row| Some(row.happened)),
            quarter_line(horizon, "said", Role::Network, |row| Some(row.said)),
        ],
        level: None,
        diagonal: false,
        whiskers: Vec::new(),
        digits: 2,
    }
    .render(page);
}

fn coverage(page: &mut String, horizon: &HorizonReport) {
    let quarters: Vec<String> = horizon.quarters.iter().map(|q| q.quarter.clone()).collect();
    Plot {
        caption: &format!(
            "Share of returns inside their {:.0} % interval, by quarter",
            100.0 * interval_level()
        ),
        size: SMALL,
        across: Across::Names(&quarters),
        lines: vec![quarter_line(horizon, "inside", Role::Network, |row| {
            row.interval_coverage
        })],
        level: Some(interval_level()),
        diagonal: false,
        whiskers: Vec::new(),
        digits: 2,
    }
    .render(page);
}

/// Losses of every training.
pub(super) fn curves(page: &mut String, report: &Report) {
    if report.curves.is_empty() {
        return;
    }
    page.push_str("<section aria-labelledby=\"curves\">\n<h2 id=\"curves\">Learning curves</h2>\n");
    page.push_str("<div class=\"pair\">\n");
    let plot = |page: &mut String, caption, values: &dyn Fn(usize) -> Vec<f64>| {
        let lines = (0..report.curves.len()).map(|i| Line {
            name: "one training",
            role: Role::Network,
            points: (values(i).into_iter().enumerate())
                .map(|(epoch, loss)| (epoch as f64 + 1.0, loss))
                .collect(),
            dots: false,
            faint: true,
        });
        Plot {
            caption,
            size: SMALL,
            across: Across::Numbers(0),
            lines: lines.collect(),
            level: None,
            diagonal: false,
            whiskers: Vec::new(),
            digits: 3,
        }
        .render(page);
    };
    plot(page, "Training loss by epoch", &|i| {
        report.curves[i].train.clone()
    });
    plot(page, "Validation loss by epoch", &|i| {
        report.curves[i].validation.clone()
    });
    page.push_str("</div>\n</section>\n");
}

/// Every leakage check.
pub(super) fn leakage(page: &mut String, report: &Report) {
    page.push_str(
        "<section aria-labelledby=\"leakage\">\n<h2 id=\"leakage\">Leakage checks</h2>\n",
    );
    let headings = ["Check", "State", "What holds if it passes", "Finding"];
    tables::open(page, "Every check and what it found", &headings, 4);
    for finding in &report.leakage {
        let state = match finding.passed {
            true => "<span class=\"badge ok\">passed</span>",
            false => "<span class=\"badge failed\">leak</span>",
        };
        let cases: Vec<String> = finding.cases.iter().map(|case| escaped(case)).collect();
        let cases = match cases.is_empty() {
            true => String::new(),
            false => format!("<br>{}", cases.join("<br>")),
        };
        push(
            page,
            format_args!(
                "<tr><th scope=\"row\">{}</th><td>{state}</td><td>{}</td><td>{}{cases}</td></tr>\n",
                finding.leak.as_str(),
                escaped(finding.leak.describes()),
                escaped(&finding.summary)
            ),
        );
    }
    tables::close(page);
    page.push_str("</section>\n");
}

/// What a reader has to know.
pub(super) fn notes(page: &mut String, report: &Report) {
    page.push_str("<section aria-labelledby=\"notes\">\n<h2 id=\"notes\">Notes</h2>\n<ul>\n");
    for note in &report.notes {
        push(page, format_args!("<li>{}</li>\n", escaped(note)));
    }
    page.push_str("</ul>\n</section>\n");
}
