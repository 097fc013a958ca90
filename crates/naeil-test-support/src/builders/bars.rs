//! Bars and sessions.

use naeil_domain::{Bar, PriceBasis, Session, TradingCalendar};

/// The session `text`, written as `YYYY-MM-DD`.
pub fn session(text: &str) -> Session {
    Session::parse(text).expect("a test writes a date as YYYY-MM-DD")
}

/// The `n` sessions of XKRX that begin with `first`.
pub fn sessions(first: &str, n: usize) -> Vec<Session> {
    let calendar = TradingCalendar::xkrx();
    let mut sessions = vec![session(first)];
    while sessions.len() < n {
        let last = sessions[sessions.len() - 1];
        let next = calendar
            .next_session(last.date())
            .expect("a test stays within the calendar");
        sessions.push(next);
    }
    sessions
}

/// A traded bar that closes at `close`, as traded, with open and range around it.
pub fn bar(close: f64) -> Bar {
    Bar {
        open: close - 1.0,
        high: close + 2.0,
        low: close - 2.0,
        close,
        volume: 1000.0,
        adjustment_factor: 1.0,
        basis: PriceBasis::AsTraded,
    }
}

/// A bar of a session without trade after a close of `close`.
pub fn halted_bar(close: f64) -> Bar {
    Bar {
        open: 0.0,
        high: 0.0,
        low: 0.0,
        volume: 0.0,
        ..bar(close)
    }
}
