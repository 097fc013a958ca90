//! Markets made by hand.

use naeil_domain::ports::{BarHistory, BarRequest};
use naeil_domain::{Bar, Exchange, PriceBasis, Session, TradingCalendar};
use naeil_quality::{CheckName, CheckRequest, Finding, QualityReport, check};

/// The first `n` sessions of the exchange from a day on.
pub(crate) fn sessions(from: &str, n: usize) -> Vec<Session> {
    let calendar = TradingCalendar::xkrx();
    let from: chrono::NaiveDate = from.parse().unwrap();
    from.iter_days()
        .filter(|&day| calendar.is_session(day).unwrap())
        .take(n)
        .map(Session::new)
        .collect()
}

pub(crate) fn bar(close: f64, volume: f64) -> Bar {
    Bar {
        open: close,
        high: close,
        low: close,
        close,
        volume,
        adjustment_factor: 1.0,
        basis: PriceBasis::BackAdjusted,
    }
}

/// A close that wanders by up to 2 % and never stands still.
pub(crate) fn wandering(level: f64, i: usize) -> f64 {
    (level * (1.0 + 0.01 * ((i as f64) * 1.7).sin())).round()
}

/// A well-behaved series.
pub(crate) fn quiet(sessions: &[Session], level: f64) -> Vec<(Session, Bar)> {
    let bar_of = |(i, &session): (usize, &Session)| (session, bar(wandering(level, i), 1000.0));
    sessions.iter().enumerate().map(bar_of).collect()
}

pub(crate) fn request() -> CheckRequest {
    CheckRequest {
        exchange: Exchange::Krx,
        bars: BarRequest::default(),
        calendar: Some(TradingCalendar::xkrx()),
        now: "2026-11-23T12:00:00Z".parse().unwrap(),
    }
}

pub(crate) async fn report(history: &dyn BarHistory) -> QualityReport {
    check(history, &request()).await.unwrap()
}

pub(crate) fn finding(report: &QualityReport, name: CheckName) -> &Finding {
    report.finding(name).unwrap()
}

/// The checks that failed, by name.
pub(crate) fn failed(report: &QualityReport) -> Vec<&'static str> {
    let failures = report.failures(&[]);
    failures.iter().map(|f| f.check.as_str()).collect()
}
