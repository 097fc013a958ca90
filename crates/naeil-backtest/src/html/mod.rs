//! The report as one page that needs nothing else: no script, no request, no font.

mod plots;
mod sections;
mod tables;

use std::fmt::Write as _;

use crate::report::Report;

const STYLE: &str = include_str!("style.css");

/// Draws the report as one self-contained HTML page, below 1 MB.
///
/// The page follows the reader's light or dark setting and holds no script.
pub fn render_html(report: &Report) -> String {
    let mut page = String::with_capacity(512 * 1024);
    let title = format!("Evaluation on {} bars", escaped(&report.data.exchange));
    page.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    page.push_str("style-src 'unsafe-inline'\">\n");
    push(
        &mut page,
        format_args!("<title>{title}</title>\n<style>\n{STYLE}</style>\n"),
    );
    push(
        &mut page,
        format_args!("</head>\n<body>\n<main>\n<h1>{title}</h1>\n"),
    );
    sections::verdict(&mut page, report);
    sections::facts(&mut page, report);
    sections::folds(&mut page, report);
    for horizon in &report.horizons {
        sections::horizon(&mut page, horizon);
    }
    sections::curves(&mut page, report);
    sections::leakage(&mut page, report);
    sections::notes(&mut page, report);
    push(
        &mut page,
        format_args!(
            "</main>\n<footer>Judged at {} by naeil {}. The same figures as JSON lie beside this \
             page. For information only: a forecast is not investment advice, and past patterns \
             may not repeat.</footer>\n</body>\n</html>\n",
            escaped(&report.made_at),
            escaped(&report.code_version),
        ),
    );
    page
}

pub(super) fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text)
        .expect("writing into memory does not fail");
}

/// Text as it may stand between tags and in quoted attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() && c != '\n' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}
