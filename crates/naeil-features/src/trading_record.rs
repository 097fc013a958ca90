//! When a stock traded, and when its price moved further than the exchange allows.

use std::ops::Range;

use chrono::NaiveDate;
use naeil_domain::Session;

use crate::carried::{CarriedBars, SessionState};

/// How many sessions without trading a lookback may hold, and how long a run of them may last
/// inside a label.
pub const MAX_UNTRADED: usize = 5;

/// The greatest one-day move that counts as real, by session.
///
/// # Source
/// Korea Exchange: daily price limit of 30 % since 2015-06-15, 15 % before. One point is added
/// because prices are rounded to ticks and adjusted prices are rounded again.
pub(crate) fn greatest_moves(sessions: &[Session]) -> Vec<f64> {
    const WIDENED: NaiveDate =
        NaiveDate::from_ymd_opt(2015, 6, 15).expect("2015-06-15 is a calendar date");
    let limit = |session: &Session| if session.date() < WIDENED { 0.16 } else { 0.31 };
    sessions.iter().map(limit).collect()
}

/// One stock's sessions with running counts, so that questions about a range cost nothing.
///
/// Indices are session indices of the panel; a range must lie within the stock's life.
#[derive(Debug, Default)]
pub(crate) struct TradingRecord {
    first: usize,
    states: Vec<SessionState>,
    /// `[i]`: untraded sessions among the first `i` of the life.
    untraded_before: Vec<u32>,
    /// `[i]`: impossible moves among the first `i` sessions of the life.
    impossible_before: Vec<u32>,
}

impl TradingRecord {
    /// Reads the record off carried bars; `greatest_moves` is by session of the panel.
    pub(crate) fn new(bars: &CarriedBars, greatest_moves: &[f64]) -> Self {
        let untraded = bars.states.iter().map(|&s| s != SessionState::Traded);
        // The first bar has no close before it: a listing may open anywhere.
        let impossible = (0..bars.len()).map(|i| {
            i > 0
                && (bars.close[i] / bars.close[i - 1] - 1.0).abs() > greatest_moves[bars.first + i]
        });
        Self {
            first: bars.first,
            untraded_before: running_count(untraded),
            impossible_before: running_count(impossible),
            states: bars.states.clone(),
        }
    }

    /// What the stock did in a session; missing outside its life.
    pub(crate) fn state(&self, session_idx: usize) -> SessionState {
        session_idx
            .checked_sub(self.first)
            .and_then(|i| self.states.get(i).copied())
            .unwrap_or(SessionState::Missing)
    }

    /// Sessions of the life up to and including `session_idx`; 0 before it.
    pub(crate) fn age(&self, session_idx: usize) -> usize {
        (session_idx + 1).saturating_sub(self.first)
    }

    /// Number of sessions in `range` without trading.
    pub(crate) fn untraded(&self, range: Range<usize>) -> usize {
        self.count(&self.untraded_before, range)
    }

    /// Whether the close moved further than the exchange allows in any session of `range`.
    pub(crate) fn moved_impossibly(&self, range: Range<usize>) -> bool {
        self.count(&self.impossible_before, range) > 0
    }

    /// Length of the longest run of sessions without trading inside `range`.
    pub(crate) fn longest_untraded_run(&self, range: Range<usize>) -> usize {
        self.states[range.start - self.first..range.end - self.first]
            .split(|&state| state == SessionState::Traded)
            .map(<[SessionState]>::len)
            .max()
            .unwrap_or(0)
    }

    fn count(&self, before: &[u32], range: Range<usize>) -> usize {
        (before[range.end - self.first] - before[range.start - self.first]) as usize
    }
}

fn running_count(flags: impl Iterator<Item = bool>) -> Vec<u32> {
    let counts = flags.scan(0, |count, flag| {
        *count += u32::from(flag);
        Some(*count)
    });
    std::iter::once(0).chain(counts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use SessionState::{Halted, Missing, Traded};

    fn record(close: &[f64], states: &[SessionState], greatest_move: f64) -> TradingRecord {
        let bars = CarriedBars {
            first: 2,
            states: states.to_vec(),
            close: close.to_vec(),
            ..CarriedBars::default()
        };
        TradingRecord::new(&bars, &vec![greatest_move; close.len() + 2])
    }

    #[test]
    fn counts_untraded_sessions_and_their_longest_run() {
        let states = [Traded, Halted, Missing, Traded, Halted, Traded];
        let record = record(&[10.0; 6], &states, 0.31);
        assert_eq!(record.untraded(2..8), 3);
        assert_eq!(record.untraded(4..7), 2);
        assert_eq!(record.longest_untraded_run(2..8), 2);
        assert_eq!(record.longest_untraded_run(5..8), 1);
        assert_eq!(record.state(4), Missing);
        assert_eq!(record.state(1), Missing);
        assert_eq!(record.state(8), Missing);
        assert_eq!((record.age(1), record.age(2), record.age(7)), (0, 1, 6));
    }

    #[test]
    fn a_move_is_impossible_only_beyond_the_limit_and_never_on_the_first_day() {
        // +30 %, then -30.8 %, then +34 %.
        let record = record(&[100.0, 130.0, 90.0, 120.6], &[Traded; 4], 0.31);
        assert!(!record.moved_impossibly(2..5));
        assert!(record.moved_impossibly(5..6));
    }

    #[test]
    fn the_limit_follows_the_exchange_s_rule_of_the_day() {
        let sessions = ["2015-06-12", "2015-06-15"].map(|day| Session::parse(day).unwrap());
        assert_eq!(greatest_moves(&sessions), [0.16, 0.31]);
    }
}
