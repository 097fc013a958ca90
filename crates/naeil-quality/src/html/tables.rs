//! The tables of the page.

use super::{badge, escaped, push};
use crate::findings::grouped;
use crate::report::{Finding, QualityReport, SessionRow};

/// Rows of the tables of codes and sessions; the JSON beside the page holds more.
const ROWS: usize = 50;

/// Opens a table in a box that scrolls, and gives it headings; those after the first `n_text` are
/// figures.
fn open(page: &mut String, caption: &str, headings: &[&str], n_text: usize) {
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

fn close(page: &mut String) {
    page.push_str("</tbody>\n</table></div>\n");
}

/// A row: texts, the first of which is its heading, then figures.
fn row(page: &mut String, texts: &[&str], figures: &[u64]) {
    page.push_str("<tr>");
    for (i, text) in texts.iter().enumerate() {
        let text = escaped(text);
        match i {
            0 => push(page, format_args!("<th scope=\"row\">{text}</th>")),
            _ => push(page, format_args!("<td>{text}</td>")),
        }
    }
    for &figure in figures {
        let class = if figure == 0 { "n zero" } else { "n" };
        push(
            page,
            format_args!("<td class=\"{class}\">{}</td>", grouped(figure)),
        );
    }
    page.push_str("</tr>\n");
}

/// Every check in one line.
pub(super) fn findings(page: &mut String, report: &QualityReport) {
    open(
        page,
        "Every check, what it found and when it fails",
        &["Check", "State", "Finding", "Limit"],
        4,
    );
    for finding in &report.findings {
        let name = finding.check.as_str();
        let has_detail = finding.flagged || !finding.examples.is_empty();
        let name = if has_detail {
            format!("<a href=\"#{name}\">{name}</a>")
        } else {
            name.to_owned()
        };
        push(
            page,
            format_args!(
                "<tr><th scope=\"row\">{name}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                badge(finding).trim_start(),
                escaped(&finding.summary),
                escaped(&finding.limit),
            ),
        );
    }
    close(page);
}

/// The cases that a finding keeps.
pub(super) fn examples(page: &mut String, finding: &Finding) {
    if finding.examples.is_empty() {
        return;
    }
    let caption = format!("Cases of {}, at most 10", finding.check);
    open(page, &caption, &["Stock", "Session", "What is there"], 3);
    for example in &finding.examples {
        let code = example.code.as_deref().unwrap_or("all");
        row(
            page,
            &[
                code,
                example.session.as_deref().unwrap_or(""),
                &example.what,
            ],
            &[],
        );
    }
    close(page);
}

/// The actions that would explain breaks.
pub(super) fn suggested_actions(page: &mut String, report: &QualityReport) {
    if report.suggested_actions.is_empty() {
        return;
    }
    page.push_str("<section aria-labelledby=\"actions\">\n");
    page.push_str("<h2 id=\"actions\">Suggested corporate actions</h2>\n");
    page.push_str(
        "<p>Each would explain a break. Review them before they are imported: the one-day return \
         at a break is not known, and is as true as its ratio.</p>\n",
    );
    open(
        page,
        "Suggested corporate actions",
        &["Stock", "Session", "Kind", "Ratio", "Why"],
        5,
    );
    for action in report.suggested_actions.iter().take(ROWS) {
        let ratio = format!("{:.6}", action.ratio);
        let ratio = ratio.trim_end_matches('0').trim_end_matches('.');
        row(
            page,
            &[
                &action.code,
                &action.session,
                &action.kind,
                ratio,
                &action.why,
            ],
            &[],
        );
    }
    close(page);
    page.push_str("</section>\n");
}

/// The sessions with most defects, in the order of time.
pub(super) fn sessions(page: &mut String, report: &QualityReport) {
    let defects = |s: &SessionRow| (u64::from(s.bars == 0), s.moves, s.missing);
    let mut worst: Vec<&SessionRow> = report
        .sessions
        .iter()
        .filter(|s| defects(s) > (0, 0, 0))
        .collect();
    if worst.is_empty() {
        return;
    }
    worst.sort_by(|a, b| {
        defects(b)
            .cmp(&defects(a))
            .then_with(|| a.session.cmp(&b.session))
    });
    worst.truncate(ROWS);
    worst.sort_by(|a, b| a.session.cmp(&b.session));
    page.push_str("<section aria-labelledby=\"sessions\">\n<h2 id=\"sessions\">Sessions</h2>\n");
    let caption = "Sessions with most defects, at most 50";
    open(
        page,
        caption,
        &["Session", "Bars", "Halted", "Missing", "Impossible moves"],
        1,
    );
    for s in worst {
        row(page, &[&s.session], &[s.bars, s.halts, s.missing, s.moves]);
    }
    close(page);
    page.push_str("</section>\n");
}

/// The codes with most defects.
pub(super) fn codes(page: &mut String, report: &QualityReport) {
    if report.worst_codes.is_empty() {
        return;
    }
    page.push_str("<section aria-labelledby=\"codes\">\n<h2 id=\"codes\">Stocks</h2>\n");
    let headings = [
        "Stock",
        "Name",
        "Market",
        "First",
        "Last",
        "Bars",
        "Halted",
        "Longest halt",
        "Missing",
        "Longest gap",
        "Moves",
        "Outside range",
        "Refused",
    ];
    open(page, "Stocks with most defects, at most 50", &headings, 5);
    for c in report.worst_codes.iter().take(ROWS) {
        row(
            page,
            &[&c.code, &c.name, &c.market, &c.first, &c.last],
            &[
                c.bars,
                c.halts,
                c.longest_halt,
                c.gaps,
                c.longest_gap,
                c.moves,
                c.outside_range,
                c.refused,
            ],
        );
    }
    close(page);
    page.push_str("</section>\n");
}
