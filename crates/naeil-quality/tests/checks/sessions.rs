//! Sessions, lives and gaps.

use naeil_domain::{Market, Session};
use naeil_quality::CheckName::{
    Gaps, MissingSessions, ObservedSessions, StaleSeries, Survivorship,
};
use naeil_quality::{check, check_since};
use naeil_test_support::fakes::FakeHistory;

use crate::support::{failed, finding, quiet, report, request, sessions};

#[tokio::test]
async fn a_session_without_any_bar_fails_and_is_no_gap_of_a_code() {
    let mut days = sessions("2017-09-01", 100);
    let missing: Session = "2017-09-22".parse().unwrap();
    days.retain(|&day| day != missing);
    let history = FakeHistory::new()
        .with_bars("000660", Market::Kospi, quiet(&days, 80_000.0))
        .with_bars("005930", Market::Kospi, quiet(&days, 50_000.0));
    let report = report(&history).await;
    assert_eq!(failed(&report), ["missing_sessions"]);
    assert_eq!(report.count(MissingSessions, "sessions"), 1);
    assert_eq!(report.count(Gaps, "bars"), 0);
    let example = &finding(&report, MissingSessions).examples[0];
    assert_eq!(example.session.as_deref(), Some("2017-09-22"));
    assert_eq!(report.n_sessions, 100);
    assert_eq!(report.sessions.iter().filter(|s| s.bars == 0).count(), 1);
}

#[tokio::test]
async fn gaps_are_counted_for_the_code_and_for_the_session() {
    let days = sessions("2020-01-02", 50);
    let mut gapped = quiet(&days, 50_000.0);
    gapped.drain(10..14);
    gapped.remove(20);
    let history = FakeHistory::new()
        .with_bars("000660", Market::Kospi, quiet(&days, 80_000.0))
        .with_bars("005930", Market::Kospi, gapped);
    let report = report(&history).await;
    assert_eq!(report.count(Gaps, "bars"), 5);
    assert_eq!(report.count(Gaps, "longest"), 4);
    assert_eq!(report.sessions.iter().map(|s| s.missing).sum::<u64>(), 5);
    assert_eq!(report.worst_codes[0].code, "005930");
    assert_eq!(report.worst_codes[0].longest_gap, 4);
}

#[tokio::test]
async fn years_before_the_calendar_rest_on_the_bars() {
    let days: Vec<Session> = (1..=20)
        .map(|d| Session::new(chrono::NaiveDate::from_ymd_opt(2009, 9, d).unwrap()))
        .collect();
    let history = FakeHistory::new().with_bars("005930", Market::Kospi, quiet(&days, 9_000.0));
    let report = report(&history).await;
    assert_eq!(report.count(ObservedSessions, "observed"), 20);
    let observed = &finding(&report, ObservedSessions).summary;
    assert!(observed.starts_with("calendar: observed for 20 of 20 sessions (2009 to 2009)"));
    let missing = &finding(&report, MissingSessions).summary;
    assert!(missing.starts_with("no calendar"), "{missing}");
    assert_eq!(failed(&report), Vec::<&str>::new());
}

#[tokio::test]
async fn stale_codes_are_told_from_those_that_left() {
    let days = sessions("2020-01-02", 100);
    let history = FakeHistory::new()
        .with_bars("000001", Market::Kospi, quiet(&days, 9_000.0))
        .with_bars("000002", Market::Kospi, quiet(&days[..90], 9_000.0))
        .with_bars("000003", Market::Kospi, quiet(&days[..20], 9_000.0));
    let report = report(&history).await;
    assert_eq!(report.count(StaleSeries, "stale"), 1);
    assert_eq!(report.count(StaleSeries, "ended"), 1);
    assert!(report.count(StaleSeries, "market_sessions_behind") > 1000);
}

#[tokio::test]
async fn a_market_of_survivors_is_noted() {
    let days = sessions("2015-01-02", 600);
    let all = FakeHistory::new().with_bars("000001", Market::Kospi, quiet(&days, 9_000.0));
    assert!(finding(&report(&all).await, Survivorship).flagged);
    let gone = all.with_bars("000002", Market::Kospi, quiet(&days[..300], 9_000.0));
    let report = report(&gone).await;
    assert!(!finding(&report, Survivorship).flagged);
    assert_eq!(report.count(Survivorship, "of_them_gone"), 1);
}

#[tokio::test]
async fn only_what_is_asked_for_is_checked() {
    let days = sessions("2020-01-02", 100);
    let history = FakeHistory::new()
        .with_bars("000001", Market::Kospi, quiet(&days, 9_000.0))
        .with_bars("000002", Market::Kospi, quiet(&days, 9_000.0))
        .with_refused("000001", "2020-01-06", "zero_price", 1)
        .with_refused("000002", "2020-01-06", "zero_price", 1);
    let mut asked = request();
    asked.bars.codes = Some(vec!["000001".parse().unwrap()]);
    asked.bars.until = Some(days[49]);
    let one = check(&history, &asked).await.unwrap();
    assert_eq!((one.codes, one.bars, one.refused), (1, 50, 1));
    let late = check_since(&history, &asked, Some(days[40].date()))
        .await
        .unwrap();
    assert_eq!((late.bars, late.refused), (10, 0));
    assert_eq!(late.first_session, Some(days[40].to_string()));
}

#[tokio::test]
async fn a_session_that_a_few_codes_lack_is_told_and_does_not_fail() {
    let days = sessions("2020-01-02", 100);
    let mut halted = quiet(&days, 9_000.0);
    halted.drain(40..43);
    let history = FakeHistory::new()
        .with_bars("000001", Market::Kospi, halted)
        .with_bars("000002", Market::Kospi, quiet(&days, 9_000.0));
    let mut asked = request();
    asked.bars.codes = Some(vec!["000001".parse().unwrap()]);
    let one = check(&history, &asked).await.unwrap();
    assert_eq!(one.count(MissingSessions, "sessions"), 3);
    assert!(finding(&one, MissingSessions).flagged);
    assert_eq!(failed(&one), Vec::<&str>::new());
}

/// A retrain asks for so many last sessions: rows refused before them are not of its data.
#[tokio::test]
async fn rows_refused_before_the_last_sessions_are_not_counted() {
    let days = sessions("2020-01-02", 100);
    let mut history = FakeHistory::new().with_bars("000001", Market::Kospi, quiet(&days, 9_000.0));
    for day in &days[40..60] {
        history = history.with_refused("NYSE:X", &day.to_string(), "bad_code", 1);
    }
    let mut asked = request();
    asked.bars.last_sessions = Some(45);
    let newest = check(&history, &asked).await.unwrap();
    assert_eq!((newest.bars, newest.refused), (45, 5));
    asked.bars.last_sessions = None;
    let all = check(&history, &asked).await.unwrap();
    assert_eq!((all.bars, all.refused), (100, 20));
}

#[tokio::test]
async fn nothing_at_all_is_a_report_too() {
    let report = report(&FakeHistory::new()).await;
    assert_eq!((report.bars, report.findings.len()), (0, 20));
    assert_eq!(failed(&report), Vec::<&str>::new());
    assert!(naeil_quality::render_html(&report).contains("Fit to train on"));
}
