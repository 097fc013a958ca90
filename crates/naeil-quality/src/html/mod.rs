//! The report as one page that needs nothing else: no script, no request, no font.

mod plots;
mod tables;

use std::fmt::Write as _;

use crate::findings::grouped;
use crate::report::{Finding, QualityReport};

const STYLE: &str = include_str!("style.css");

/// Draws the report as one self-contained HTML page.
///
/// Everything that comes from a vendor's file, such as a stock's name, is escaped. The page follows
/// the reader's light or dark setting and holds no script.
pub fn render_html(report: &QualityReport) -> String {
    let mut page = String::with_capacity(256 * 1024);
    let title = format!("Data quality of {}", escaped(&report.exchange));
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
    verdict(&mut page, report);
    facts(&mut page, report);
    page.push_str("<section aria-labelledby=\"checks\">\n<h2 id=\"checks\">Checks</h2>\n");
    tables::findings(&mut page, report);
    page.push_str("</section>\n");
    plots::section(&mut page, report);
    page.push_str(
        "<section aria-labelledby=\"details\">\n<h2 id=\"details\">What was found</h2>\n",
    );
    for finding in report
        .findings
        .iter()
        .filter(|f| f.flagged || !f.examples.is_empty())
    {
        detail(&mut page, finding);
    }
    page.push_str("</section>\n");
    tables::suggested_actions(&mut page, report);
    tables::sessions(&mut page, report);
    tables::codes(&mut page, report);
    push(
        &mut page,
        format_args!(
            "</main>\n<footer>Checked at {} by naeil {}. The same figures as JSON lie beside this \
             page.</footer>\n</body>\n</html>\n",
            escaped(&report.checked_at),
            env!("CARGO_PKG_VERSION"),
        ),
    );
    page
}

fn verdict(page: &mut String, report: &QualityReport) {
    let failed: Vec<&str> = report
        .failures(&[])
        .iter()
        .map(|f| f.check.as_str())
        .collect();
    let flagged = report
        .findings
        .iter()
        .filter(|f| f.flagged && !f.failed)
        .count();
    let (class, words) = match failed.len() {
        0 => (
            "ok",
            match flagged {
                0 => "Fit to train on.".to_owned(),
                1 => "Fit to train on. 1 check has something to look at.".to_owned(),
                n => format!("Fit to train on. {n} checks have something to look at."),
            },
        ),
        n => (
            "failed",
            format!(
                "Not fit to train on: {n} of {} checks failed ({}).",
                report.findings.len(),
                failed.join(", ")
            ),
        ),
    };
    push(
        page,
        format_args!("<p class=\"verdict {class}\">{words}</p>\n"),
    );
}

fn facts(page: &mut String, report: &QualityReport) {
    let day = |day: &Option<String>| day.as_deref().map_or("none".to_owned(), escaped);
    page.push_str("<dl class=\"facts\">\n");
    for (name, value) in [
        ("Stocks", grouped(report.codes)),
        ("Sessions", grouped(report.n_sessions)),
        ("Bars", grouped(report.bars)),
        ("Rows refused", grouped(report.refused)),
        ("First session", day(&report.first_session)),
        ("Last session", day(&report.last_session)),
    ] {
        push(
            page,
            format_args!("<div><dt>{name}</dt><dd>{value}</dd></div>\n"),
        );
    }
    page.push_str("</dl>\n");
}

fn detail(page: &mut String, finding: &Finding) {
    let name = finding.check.as_str();
    push(
        page,
        format_args!(
            "<article id=\"{name}\">\n<h3>{name}{}</h3>\n",
            badge(finding)
        ),
    );
    push(
        page,
        format_args!("<p>{}.</p>\n", escaped(&finding.summary)),
    );
    if finding.flagged {
        push(
            page,
            format_args!(
                "<p class=\"remedy\">What to do: {}.</p>\n",
                escaped(&finding.remedy)
            ),
        );
    }
    tables::examples(page, finding);
    page.push_str("</article>\n");
}

/// The state of a finding as a coloured word; never by colour alone.
fn badge(finding: &Finding) -> &'static str {
    match (finding.failed, finding.flagged) {
        (true, _) => " <span class=\"badge failed\">failed</span>",
        (false, true) => " <span class=\"badge flagged\">look</span>",
        (false, false) => " <span class=\"badge ok\">ok</span>",
    }
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text)
        .expect("writing into memory does not fail");
}

/// Text as it may stand between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // A vendor's control characters and bidirectional overrides would disturb the page.
            c if c.is_control()
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                safe.push('\u{fffd}');
            }
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_vendor_is_harmless() {
        assert_eq!(
            escaped("<script>alert('a & \"b\"')</script>"),
            "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;"
        );
        assert_eq!(escaped("삼성전자"), "삼성전자");
        assert_eq!(escaped("a\u{202e}b\0"), "a\u{fffd}b\u{fffd}");
    }
}
