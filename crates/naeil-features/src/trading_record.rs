//! When a stock traded, and when its price moved further than the exchange allows.

use std::ops::Range;

use naeil_domain::{Market, Session, Stock, greatest_move};

use crate::carried::{CarriedBars, SessionState};
use crate::spec::FeatureSpec;

/// How many sessions without trading a lookback may hold, and how long a run of them may last
/// inside a label.
pub const MAX_UNTRADED: usize = 5;

/// The greatest one-day moves that count as real, by market and session.
#[derive(Debug)]
pub(crate) struct GreatestMoves {
    markets: Vec<(Market, Vec<f64>)>,
}

impl GreatestMoves {
    /// Looks the limits of every market of `stocks` up, once a session.
    pub(crate) fn new(sessions: &[Session], stocks: &[Stock]) -> Self {
        let listed_on = |market: &Market| stocks.iter().any(|stock| stock.market == *market);
        let of = |market| {
            sessions
                .iter()
                .map(move |s| greatest_move(market, s.date()))
        };
        Self {
            markets: Market::ALL
                .into_iter()
                .filter(listed_on)
                .map(|market| (market, of(market).collect()))
                .collect(),
        }
    }

    /// The limits of one market, by session.
    pub(crate) fn of(&self, market: Market) -> &[f64] {
        let found = self.markets.iter().find(|(m, _)| *m == market);
        &found.expect("made for the markets of every stock").1
    }
}

/// Whether a close lies further from the one before than the exchange lets it.
pub(crate) fn is_impossible(close_before: f64, close: f64, greatest_move: f64) -> bool {
    (close / close_before - 1.0).abs() > greatest_move
}

/// What a stock must have done in its last sessions to take part in ranks.
///
/// The sessions of its life count from the first bar at hand; because the rule looks back no
/// further than warm-up and lookback, a server's short history answers as the whole one does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eligibility {
    pub(crate) warm_up: usize,
    pub(crate) lookback: usize,
    pub(crate) max_untraded: usize,
}

impl Eligibility {
    pub(crate) fn of(spec: &FeatureSpec) -> Self {
        Self {
            warm_up: spec.warm_up(),
            lookback: spec.lookback(),
            max_untraded: spec.max_untraded(),
        }
    }
}

/// One stock's sessions with running counts, so that questions about a range cost nothing.
///
/// Indices are session indices of the panel; a range must lie within the stock's life.
#[derive(Debug, Default)]
pub(crate) struct TradingRecord {
    first: usize,
    /// Where each life after the first begins, counted from `first`.
    restarts: Vec<usize>,
    states: Vec<SessionState>,
    /// `[i]`: untraded sessions among the first `i` of the life.
    untraded_before: Vec<u32>,
    /// `[i]`: impossible moves and seams among the first `i` sessions of the life.
    impossible_before: Vec<u32>,
}

impl TradingRecord {
    /// Reads the record off carried bars; `greatest_moves` is by session of the panel, `seams` are
    /// sessions of it.
    pub(crate) fn new(
        bars: &CarriedBars,
        greatest_moves: &[f64],
        seams: impl Iterator<Item = usize>,
    ) -> Self {
        let untraded = bars.states.iter().map(|&s| s != SessionState::Traded);
        let mut impossible: Vec<bool> = (0..bars.len())
            .map(|i| {
                let limit = greatest_moves[bars.first + i];
                i > 0 && is_impossible(bars.close[i - 1], bars.close[i], limit)
            })
            .collect();
        for seam in seams.filter_map(|session_idx| session_idx.checked_sub(bars.first)) {
            if let Some(flag) = impossible.get_mut(seam) {
                *flag = true;
            }
        }
        // The first bar of a life has no close before it: a listing may open anywhere.
        for life in bars.lives() {
            if let Some(flag) = impossible.get_mut(life.start) {
                *flag = false;
            }
        }
        Self {
            first: bars.first,
            restarts: bars.restarts.clone(),
            untraded_before: running_count(untraded),
            impossible_before: running_count(impossible.into_iter()),
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

    /// Sessions of the life up to and including `session_idx`; 0 before the first one.
    pub(crate) fn age(&self, session_idx: usize) -> usize {
        let since_first = (session_idx + 1).saturating_sub(self.first);
        let begun = self
            .restarts
            .iter()
            .rev()
            .find(|&&start| start < since_first);
        since_first - begun.copied().unwrap_or(0)
    }

    /// Number of sessions, up to and including `session_idx`, since the stock last traded: for so
    /// long its close has been carried.
    pub(crate) fn carried(&self, session_idx: usize) -> usize {
        let Some(at) = session_idx.checked_sub(self.first) else {
            return 0;
        };
        let Some(life) = self.states.get(..=at) else {
            return 0;
        };
        life.iter()
            .rev()
            .take_while(|&&state| state != SessionState::Traded)
            .count()
    }

    /// Whether the stock takes part in its session's ranks: it traded, is past its warm-up, and
    /// its last sessions are such as a window may hold.
    pub(crate) fn is_eligible(&self, session_idx: usize, rule: &Eligibility) -> bool {
        let age = self.age(session_idx);
        if self.state(session_idx) != SessionState::Traded || age <= rule.warm_up {
            return false;
        }
        let recent = session_idx + 1 - age.min(rule.lookback)..session_idx + 1;
        self.untraded(recent.clone()) <= rule.max_untraded && !self.moved_impossibly(recent)
    }

    /// Number of sessions in `range` without trading.
    pub(crate) fn untraded(&self, range: Range<usize>) -> usize {
        self.count(&self.untraded_before, range)
    }

    /// Whether a seam lies in `range`, or the close moved further in one of its sessions than the
    /// exchange allows.
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
        TradingRecord::new(
            &bars,
            &vec![greatest_move; close.len() + 2],
            std::iter::empty(),
        )
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
    fn a_seam_counts_as_an_impossible_move_but_not_on_the_first_day() {
        let bars = CarriedBars {
            first: 2,
            states: vec![Traded; 3],
            close: vec![10.0; 3],
            ..CarriedBars::default()
        };
        let record = TradingRecord::new(&bars, &[0.31; 9], [1, 2, 4, 8].into_iter());
        assert!(!record.moved_impossibly(2..4));
        assert!(record.moved_impossibly(4..5));
    }

    #[test]
    fn a_carried_close_is_counted_from_the_last_trade() {
        let record = record(&[10.0; 4], &[Traded, Halted, Missing, Traded], 0.31);
        let carried: Vec<usize> = (0..8).map(|i| record.carried(i)).collect();
        assert_eq!(carried, [0, 0, 0, 1, 2, 0, 0, 0]);
    }

    #[test]
    fn who_takes_part_in_ranks_traded_is_past_warm_up_and_had_a_quiet_lookback() {
        let rule = Eligibility {
            warm_up: 1,
            lookback: 3,
            max_untraded: 1,
        };
        let closes = [10.0, 10.0, 10.0, 10.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0];
        let mut states = [Traded; 10];
        states[1] = Halted;
        states[8] = Halted;
        let record = record(&closes, &states, 0.31);
        let eligible: Vec<bool> = (0..12).map(|i| record.is_eligible(i, &rule)).collect();
        // From session 2 on: warm-up, halted, eligible, eligible, then the doubling for three
        // sessions, eligible, halted, eligible with one untraded session.
        let expected = [
            false, false, false, false, true, true, false, false, false, true,
        ];
        assert_eq!(eligible[..10], expected);
        assert_eq!(eligible[10..], [false, true]);
    }

    #[test]
    fn the_limit_follows_the_rule_of_the_stock_s_market_and_the_day() {
        let sessions = ["2015-06-12", "2015-06-15"].map(|day| Session::parse(day).unwrap());
        let stock = |market| Stock {
            code: naeil_domain::StockCode::parse("000010").unwrap(),
            name: String::new(),
            market,
            first_session: sessions[0],
            last_session: sessions[1],
        };
        let moves = GreatestMoves::new(&sessions, &[stock(Market::Konex), stock(Market::Kosdaq)]);
        assert_eq!(moves.of(Market::Kosdaq), [0.16, 0.31]);
        assert_eq!(moves.of(Market::Konex), [0.16, 0.16]);
    }
}
