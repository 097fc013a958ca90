//! The feature panel: every column of every stock in every session of one market.

use naeil_domain::{BarPanel, Session, Stock, StockCode};
use rayon::prelude::*;

use crate::carried::{CarriedBars, SessionState};
use crate::column_plan::{ColumnPlan, PlanWork};
use crate::error::FeatureError;
use crate::rank::{RankBuffers, rank_columns};
use crate::session_major::{StockRows, session_major};
use crate::spec::FeatureSpec;
use crate::trading_record::{Eligibility, GreatestMoves, TradingRecord};
use crate::window::{VoidWindow, Window};

/// Unscaled features of one market, computed whole.
///
/// # Shapes
/// `[session, stock, column]`, contiguous; sessions and stocks as in the bars it was computed
/// from, columns as in its [`FeatureSpec`]. Raw columns are `NaN` outside a stock's life and in its
/// warm-up, ranks are 0 there.
///
/// A stock's life runs from its first bar to its last. Bars know nothing of what came before the
/// panel, so a stock that was listed long before begins its warm-up with the panel.
#[derive(Debug)]
pub struct FeaturePanel {
    spec: FeatureSpec,
    sessions: Vec<Session>,
    stocks: Vec<Stock>,
    values: Vec<f32>,
    /// Over every session of the bars, the ones before the panel's first included.
    records: Vec<TradingRecord>,
    /// Number of sessions of the bars before the panel's first.
    n_before: usize,
}

impl FeaturePanel {
    /// Computes every column of `spec` for every stock, in parallel over the stocks, then the ranks
    /// of every session, in parallel over the sessions.
    ///
    /// Sessions in which a stock did not trade are carried (its close repeats, volume 0), so that
    /// every indicator runs over a series without gaps. The values of a session depend only on
    /// bars up to it, and the result not on the number of threads.
    ///
    /// # Errors
    /// [`FeatureError::EmptyPanel`] if there is no session or no stock. A short panel is no error:
    /// its windows say how many sessions they lack.
    pub fn compute(spec: &FeatureSpec, bars: &BarPanel) -> Result<Self, FeatureError> {
        Self::compute_last(spec, bars, bars.sessions().len())
    }

    /// As [`Self::compute`], and keeps only the last `n_kept` sessions: indices count from the
    /// first of them. What is kept is the same to the bit; a window needs its whole lookback kept.
    ///
    /// # Errors
    /// [`FeatureError::EmptyPanel`] if there is no stock or no session to keep.
    pub fn compute_last(
        spec: &FeatureSpec,
        bars: &BarPanel,
        n_kept: usize,
    ) -> Result<Self, FeatureError> {
        let n_stocks = bars.stocks().len();
        let n_sessions = n_kept.min(bars.sessions().len());
        if n_sessions == 0 || n_stocks == 0 {
            return Err(FeatureError::EmptyPanel {
                sessions: n_sessions,
                stocks: n_stocks,
            });
        }
        let n_before = bars.sessions().len() - n_sessions;
        let plan = ColumnPlan::new(spec);
        let greatest_moves = GreatestMoves::new(bars.sessions(), bars.stocks());
        let compute_stock = |work: &mut PlanWork, stock_idx: usize| {
            let carried = CarriedBars::new(bars.stock_bars(stock_idx));
            let greatest_moves = greatest_moves.of(bars.stocks()[stock_idx].market);
            StockRows {
                first: carried.first.saturating_sub(n_before),
                values: plan.rows(&carried, n_before.saturating_sub(carried.first), work),
                rest: TradingRecord::new(&carried, greatest_moves, bars.seams(stock_idx)),
            }
        };
        let (values, records) =
            session_major(n_sessions, n_stocks, spec.n_columns(), compute_stock);
        let mut panel = Self {
            spec: spec.clone(),
            sessions: bars.sessions()[n_before..].to_vec(),
            stocks: bars.stocks().to_vec(),
            values,
            records,
            n_before,
        };
        panel.rank(&plan);
        Ok(panel)
    }

    /// Replaces the values that wait in the ranked columns by their ranks.
    fn rank(&mut self, plan: &ColumnPlan) {
        if plan.ranked.is_empty() {
            return;
        }
        let width = plan.width();
        let rule = Eligibility::of(&self.spec);
        let (records, n_before) = (&self.records, self.n_before);
        self.values
            .par_chunks_exact_mut(self.stocks.len() * width)
            .enumerate()
            .for_each_init(RankBuffers::default, |buffers, (session_idx, rows)| {
                let is_eligible = |i: usize| records[i].is_eligible(n_before + session_idx, &rule);
                rank_columns(rows, width, &plan.ranked, is_eligible, buffers);
            });
    }

    /// What the columns are.
    pub fn spec(&self) -> &FeatureSpec {
        &self.spec
    }

    /// The sessions, ascending.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The stocks, ascending by code.
    pub fn stocks(&self) -> &[Stock] {
        &self.stocks
    }

    /// Finds a stock by its code.
    pub fn stock_index(&self, code: &StockCode) -> Option<usize> {
        self.stocks
            .binary_search_by(|stock| stock.code.cmp(code))
            .ok()
    }

    /// The columns of one stock in one session, or nothing if the stock had no bar in it or was
    /// still in its warm-up.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn row(&self, session_idx: usize, stock_idx: usize) -> Option<&[f32]> {
        let (record, at_idx) = self.record(session_idx, stock_idx);
        let has_bar = record.state(at_idx) != SessionState::Missing;
        if !has_bar || record.age(at_idx) <= self.spec.warm_up() {
            return None;
        }
        let at = self.offset(session_idx, stock_idx);
        Some(&self.values[at..at + self.spec.n_columns()])
    }

    /// The lookback that ends with one session, as a view of the panel.
    ///
    /// # Errors
    /// [`VoidWindow`], the first reason in its order, if the window may not be used.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn window(&self, session_idx: usize, stock_idx: usize) -> Result<Window<'_>, VoidWindow> {
        let spec = &self.spec;
        let (record, at_idx) = self.record(session_idx, stock_idx);
        match record.state(at_idx) {
            SessionState::Missing => return Err(VoidWindow::NoBar),
            SessionState::Halted => return Err(VoidWindow::NotTraded),
            SessionState::Traded => {}
        }
        let needed = spec.warm_up() + spec.lookback();
        let sessions_missing = needed
            .saturating_sub(record.age(at_idx))
            .max(spec.lookback().saturating_sub(session_idx + 1));
        if sessions_missing > 0 {
            return Err(VoidWindow::TooLittleHistory { sessions_missing });
        }
        let lookback = at_idx + 1 - spec.lookback()..at_idx + 1;
        let untraded = record.untraded(lookback.clone());
        let allowed = spec.max_untraded();
        if untraded > allowed {
            return Err(VoidWindow::TooManyUntraded { untraded, allowed });
        }
        if record.moved_impossibly(lookback) {
            return Err(VoidWindow::ImpossibleMove);
        }
        let first = session_idx + 1 - spec.lookback();
        Ok(Window::new(
            &self.values[self.offset(first, stock_idx)..],
            spec.lookback(),
            spec.n_columns(),
            self.stocks.len() * spec.n_columns(),
        ))
    }

    /// What the stock did in the session: whether its row is of a trade or carried.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn state(&self, session_idx: usize, stock_idx: usize) -> SessionState {
        let (record, at_idx) = self.record(session_idx, stock_idx);
        record.state(at_idx)
    }

    /// Number of sessions, this one included, for which the stock's close has been carried; 0 if it
    /// traded or has no bar at all. A window allows [`FeatureSpec::max_untraded`] of them.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn carried(&self, session_idx: usize, stock_idx: usize) -> usize {
        let (record, at_idx) = self.record(session_idx, stock_idx);
        record.carried(at_idx)
    }

    /// Whether the stock takes part in the session's ranks: it traded, is past its warm-up, and its
    /// last sessions are such as a window may hold.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn is_eligible(&self, session_idx: usize, stock_idx: usize) -> bool {
        let (record, at_idx) = self.record(session_idx, stock_idx);
        record.is_eligible(at_idx, &Eligibility::of(&self.spec))
    }

    /// A stock's record, and where in it the session is.
    fn record(&self, session_idx: usize, stock_idx: usize) -> (&TradingRecord, usize) {
        assert!(
            session_idx < self.sessions.len(),
            "session index out of range"
        );
        (&self.records[stock_idx], self.n_before + session_idx)
    }

    fn offset(&self, session_idx: usize, stock_idx: usize) -> usize {
        (session_idx * self.stocks.len() + stock_idx) * self.spec.n_columns()
    }
}
