//! The documentation page: complete, offline, and strict about what it loads.

use std::io::Read as _;

use naeil_domain::Digest;

use super::client::Request;
use super::server::TestServer;
use crate::error_code::ErrorCode;
use crate::pages::ASSETS;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_every_error_at_the_anchor_that_problems_link_to() {
    let server = TestServer::start().await;
    let page = server.ask(Request::get("/docs")).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let html = page.text();
    assert!(!html.contains("{{"), "a placeholder is left");
    for code in ErrorCode::ALL {
        let anchor = format!("id=\"error-{}\"", code.as_str());
        assert_eq!(html.matches(&anchor).count(), 1, "{anchor}");
    }
    let problem = server.ask(Request::get("/nowhere")).await.json();
    assert_eq!(problem["type"], "/docs#error-route_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_loads_its_own_files_and_nothing_else() {
    let server = TestServer::start().await;
    let page = server.ask(Request::get("/docs")).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
    assert!(!policy.contains("unsafe"), "{policy}");
    let html = page.text();
    assert!(!html.contains("://"), "the page names another host");
    assert!(!html.contains("<style") && !html.contains(" style="));
    for script in html.split("<script").skip(1) {
        assert!(script.starts_with(" src=\"/docs/"), "an inline script");
        assert!(script.contains("\"></script>"), "an inline script");
    }
    for asset in &ASSETS {
        assert!(html.contains(asset.path), "{} is not used", asset.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_served_packed_and_plain() {
    let server = TestServer::start().await;
    for asset in &ASSETS {
        let plain = server.ask(Request::get(asset.path)).await;
        assert_eq!(plain.status, 200);
        assert_eq!(plain.header("content-type"), Some(asset.media_type));
        assert_eq!(plain.header("content-encoding"), None);
        let browser = Request::get(asset.path).header("Accept-Encoding", "br, gzip;q=0.8");
        let packed = server.ask(browser).await;
        if asset.gzipped {
            assert_eq!(packed.header("content-encoding"), Some("gzip"));
            assert!(packed.body.len() < plain.body.len());
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(packed.body.as_slice())
                .read_to_end(&mut unpacked)
                .unwrap();
            assert_eq!(unpacked, plain.body);
            let never = Request::get(asset.path).header("Accept-Encoding", "gzip;q=0");
            assert_eq!(server.ask(never).await.header("content-encoding"), None);
        } else {
            assert_eq!(packed.body, plain.body);
        }
    }
}

#[test]
fn vendored_files_are_the_published_ones() {
    let notes = include_str!("../../assets/README.md");
    for asset in ASSETS.iter().filter(|asset| asset.gzipped) {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(asset.bytes)
            .read_to_end(&mut plain)
            .unwrap();
        for digest in [Digest::of(&plain), Digest::of(asset.bytes)] {
            assert!(
                notes.contains(&digest.to_string()),
                "{}: {digest}",
                asset.path
            );
        }
    }
}
