//! The report as JSON and as a page.

use naeil_domain::Market;
use naeil_quality::{QualityReport, ReadError, render_html};
use naeil_test_support::fakes::FakeHistory;

use crate::support::{quiet, report, sessions};

async fn defective() -> QualityReport {
    let days = sessions("2021-04-01", 60);
    let mut gapped = quiet(&days, 9_000.0);
    gapped.drain(10..30);
    let history = FakeHistory::new()
        .with_bars("000001", Market::Kospi, quiet(&days, 9_000.0))
        .with_bars("000002", Market::Kosdaq, gapped)
        .named("000002", "<script src=\"//x\">&'")
        .with_refused("<img src=x>", "<b>", "bad_code", 1);
    report(&history).await
}

#[tokio::test]
async fn a_report_is_read_back_and_another_schema_is_refused() {
    let report = defective().await;
    let json = report.to_json().unwrap();
    assert_eq!(QualityReport::from_json(&json).unwrap(), report);
    let later = json.replacen("\"schema\": 1", "\"schema\": 2", 1);
    assert!(matches!(
        QualityReport::from_json(&later),
        Err(ReadError::OtherSchema { found: 2 })
    ));
    assert!(matches!(
        QualityReport::from_json("[]"),
        Err(ReadError::NotAReport(_))
    ));
}

#[tokio::test]
async fn the_page_is_whole_and_takes_no_markup_from_a_vendor() {
    let page = render_html(&defective().await);
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for wanted in [
        "&lt;script src=&quot;//x&quot;&gt;&amp;&#39;",
        "&lt;img src=x&gt;",
        "&lt;b&gt;",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    for unwanted in ["<script", "<img", "<link", "@import", "url(", "src=x\""] {
        assert!(!page.contains(unwanted), "{unwanted}");
    }
    // The one address is the name of SVG itself, which is never asked for.
    let addresses = page.matches("http").filter(|_| true).count();
    let names = page.matches("http://www.w3.org/2000/svg").count();
    let policy = page.matches("http-equiv").count();
    assert_eq!(addresses, names + policy);
    assert_eq!(page.matches("<svg").count(), 5);
    assert_eq!(page.matches("<figcaption>").count(), 5);
    assert!(!page.contains("#010101"), "every colour is the page's own");
}
