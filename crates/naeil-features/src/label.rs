//! Labels: what a prediction made in a session is judged by.

use naeil_domain::{BarPanel, Horizon};

use crate::carried::{CarriedBars, SessionState};
use crate::session_major::{StockRows, session_major};
use crate::trading_record::{GreatestMoves, MAX_UNTRADED, TradingRecord};

/// Returns below this are the rounding of adjusted prices: an unchanged close stays unchanged
/// across a split. A single tick is several thousand times more.
const UNCHANGED: f64 = 1e-9;

/// Simple returns `close(t + h) / close(t) - 1` of adjusted closes.
///
/// # Shapes
/// `[session, stock, horizon]`, indices as in the bars and [`Horizon::index`]; `NaN` where void.
#[derive(Debug)]
pub struct Labels {
    n_sessions: usize,
    n_stocks: usize,
    returns: Vec<f32>,
    void_counts: VoidCounts,
}

impl Labels {
    /// Computes the label of every stock, session and horizon, and counts the void ones.
    pub fn compute(bars: &BarPanel) -> Self {
        let (n_sessions, n_stocks) = (bars.sessions().len(), bars.stocks().len());
        let greatest_moves = GreatestMoves::new(bars.sessions(), bars.stocks());
        let compute_stock = |(): &mut (), stock_idx: usize| {
            let carried = CarriedBars::new(bars.stock_bars(stock_idx));
            let market = bars.stocks()[stock_idx].market;
            let seams = bars.seams(stock_idx);
            let record = TradingRecord::new(&carried, greatest_moves.of(market), seams);
            label_stock(&carried, &record, n_sessions)
        };
        let (returns, void_counts) = if n_sessions == 0 || n_stocks == 0 {
            (Vec::new(), Vec::new())
        } else {
            session_major(n_sessions, n_stocks, Horizon::COUNT, compute_stock)
        };
        Self {
            n_sessions,
            n_stocks,
            returns,
            void_counts: void_counts
                .iter()
                .fold(VoidCounts::default(), VoidCounts::plus),
        }
    }

    /// Puts labels together from returns: for experiments that change them, such as a permutation
    /// within each session. No void label is counted.
    ///
    /// # Shapes
    /// - `returns`: `[session, stock, horizon]`, `NaN` where void
    ///
    /// # Panics
    /// If `returns` has another length.
    pub fn from_returns(n_sessions: usize, n_stocks: usize, returns: Vec<f32>) -> Self {
        assert_eq!(
            returns.len(),
            n_sessions * n_stocks * Horizon::COUNT,
            "one return for every session, stock and horizon"
        );
        Self {
            n_sessions,
            n_stocks,
            returns,
            void_counts: VoidCounts::default(),
        }
    }

    /// The return from the session's close to the close `horizon` later, unless void.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn forward_return(
        &self,
        session_idx: usize,
        stock_idx: usize,
        horizon: Horizon,
    ) -> Option<f32> {
        assert!(session_idx < self.n_sessions, "session index out of range");
        assert!(stock_idx < self.n_stocks, "stock index out of range");
        let row = session_idx * self.n_stocks + stock_idx;
        let value = self.returns[row * Horizon::COUNT + horizon.index()];
        (!value.is_nan()).then_some(value)
    }

    /// Whether the close rose, unless void; an unchanged close did not.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn is_up(&self, session_idx: usize, stock_idx: usize, horizon: Horizon) -> Option<bool> {
        self.forward_return(session_idx, stock_idx, horizon)
            .map(|forward_return| forward_return > 0.0)
    }

    /// How many labels are void, and why.
    pub fn void_counts(&self) -> &VoidCounts {
        &self.void_counts
    }
}

/// Why a label is void; the first reason that holds, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VoidLabel {
    /// The stock did not trade in the as-of session.
    AsOfNotTraded,
    /// The target session lies behind the last one of the panel.
    TargetOutsidePanel,
    /// The stock did not trade in the target session, or was no longer listed.
    TargetNotTraded,
    /// More sessions in a row than allowed passed without trading between the two.
    LongHalt,
    /// The close moved further in one session than the exchange's price limit, or the price basis
    /// switched.
    ImpossibleMove,
}

impl VoidLabel {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::AsOfNotTraded,
        Self::TargetOutsidePanel,
        Self::TargetNotTraded,
        Self::LongHalt,
        Self::ImpossibleMove,
    ];

    /// A stable word for reports.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AsOfNotTraded => "as_of_not_traded",
            Self::TargetOutsidePanel => "target_outside_panel",
            Self::TargetNotTraded => "target_not_traded",
            Self::LongHalt => "long_halt",
            Self::ImpossibleMove => "impossible_move",
        }
    }
}

/// Void labels by horizon and reason, among the sessions of the stocks' lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VoidCounts([[u64; VoidLabel::ALL.len()]; Horizon::COUNT]);

impl VoidCounts {
    /// Void labels of one horizon for one reason.
    pub fn get(&self, horizon: Horizon, reason: VoidLabel) -> u64 {
        self.0[horizon.index()][reason as usize]
    }

    /// Void labels of one horizon.
    pub fn total(&self, horizon: Horizon) -> u64 {
        self.0[horizon.index()].iter().sum()
    }

    fn add(&mut self, horizon: Horizon, reason: VoidLabel) {
        self.0[horizon.index()][reason as usize] += 1;
    }

    fn plus(mut self, other: &Self) -> Self {
        let counts = self.0.iter_mut().flatten();
        counts
            .zip(other.0.iter().flatten())
            .for_each(|(count, more)| *count += more);
        self
    }
}

fn label_stock(
    bars: &CarriedBars,
    record: &TradingRecord,
    n_sessions: usize,
) -> StockRows<VoidCounts> {
    let mut void_counts = VoidCounts::default();
    let mut values = Vec::with_capacity(bars.len() * Horizon::COUNT);
    for as_of in bars.first..bars.first + bars.len() {
        for horizon in Horizon::ALL {
            let target = as_of + horizon.steps();
            values.push(match void_reason(record, as_of, target, n_sessions) {
                None => {
                    let close = |session_idx: usize| bars.close[session_idx - bars.first];
                    simple_return(close(as_of), close(target)) as f32
                }
                Some(reason) => {
                    void_counts.add(horizon, reason);
                    f32::NAN
                }
            });
        }
    }
    StockRows {
        first: bars.first,
        values,
        rest: void_counts,
    }
}

fn void_reason(
    record: &TradingRecord,
    as_of: usize,
    target: usize,
    n_sessions: usize,
) -> Option<VoidLabel> {
    let traded = |session_idx| record.state(session_idx) == SessionState::Traded;
    if !traded(as_of) {
        return Some(VoidLabel::AsOfNotTraded);
    }
    if target >= n_sessions {
        return Some(VoidLabel::TargetOutsidePanel);
    }
    if !traded(target) {
        return Some(VoidLabel::TargetNotTraded);
    }
    // The running count is free, the search for a run is not.
    let between = as_of + 1..target;
    if record.untraded(between.clone()) > MAX_UNTRADED
        && record.longest_untraded_run(between) > MAX_UNTRADED
    {
        return Some(VoidLabel::LongHalt);
    }
    record
        .moved_impossibly(as_of + 1..target + 1)
        .then_some(VoidLabel::ImpossibleMove)
}

fn simple_return(from: f64, to: f64) -> f64 {
    let simple = to / from - 1.0;
    if simple.abs() < UNCHANGED {
        0.0
    } else {
        simple
    }
}
