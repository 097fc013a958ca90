//! The feature panel: every column of every stock in every session of one market.

use naeil_domain::{BarPanel, Session, Stock, StockCode};

use crate::carried::{CarriedBars, SessionState};
use crate::error::FeatureError;
use crate::session_major::{StockRows, session_major};
use crate::spec::FeatureSpec;
use crate::trading_record::{TradingRecord, greatest_moves};
use crate::window::{VoidWindow, Window};

/// Unscaled features of one market, computed whole.
///
/// # Shapes
/// `[session, stock, column]`, contiguous; sessions and stocks as in the bars it was computed
/// from, columns as in its [`FeatureSpec`]. `NaN` outside a stock's life and in its warm-up.
///
/// A stock's life runs from its first bar to its last. Bars know nothing of what came before the
/// panel, so a stock that was listed long before begins its warm-up with the panel.
#[derive(Debug)]
pub struct FeaturePanel {
    spec: FeatureSpec,
    sessions: Vec<Session>,
    stocks: Vec<Stock>,
    values: Vec<f32>,
    records: Vec<TradingRecord>,
}

impl FeaturePanel {
    /// Computes every column of `spec` for every stock, in parallel over the stocks.
    ///
    /// Sessions in which a stock did not trade are carried (its close repeats, volume 0), so that
    /// every indicator runs over a series without gaps. The values of a session depend only on
    /// bars up to it, and the result not on the number of threads.
    ///
    /// # Errors
    /// [`FeatureError::EmptyPanel`] if there is no session or no stock. A short panel is no error:
    /// its windows say how many sessions they lack.
    pub fn compute(spec: &FeatureSpec, bars: &BarPanel) -> Result<Self, FeatureError> {
        let (n_sessions, n_stocks) = (bars.sessions().len(), bars.stocks().len());
        if n_sessions == 0 || n_stocks == 0 {
            return Err(FeatureError::EmptyPanel {
                sessions: n_sessions,
                stocks: n_stocks,
            });
        }
        let greatest_moves = greatest_moves(bars.sessions());
        let compute_stock = |stock_idx| {
            let carried = CarriedBars::new(bars.stock_bars(stock_idx));
            StockRows {
                first: carried.first,
                values: feature_rows(spec, &carried),
                rest: TradingRecord::new(&carried, &greatest_moves),
            }
        };
        let (values, records) =
            session_major(n_sessions, n_stocks, spec.n_columns(), compute_stock);
        Ok(Self {
            spec: spec.clone(),
            sessions: bars.sessions().to_vec(),
            stocks: bars.stocks().to_vec(),
            values,
            records,
        })
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
        assert!(
            session_idx < self.sessions.len(),
            "session index out of range"
        );
        let record = &self.records[stock_idx];
        let has_bar = record.state(session_idx) != SessionState::Missing;
        if !has_bar || record.age(session_idx) <= self.spec.warm_up() {
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
        assert!(
            session_idx < self.sessions.len(),
            "session index out of range"
        );
        let (spec, record) = (&self.spec, &self.records[stock_idx]);
        match record.state(session_idx) {
            SessionState::Missing => return Err(VoidWindow::NoBar),
            SessionState::Halted => return Err(VoidWindow::NotTraded),
            SessionState::Traded => {}
        }
        let needed = spec.warm_up() + spec.lookback();
        let sessions_missing = needed.saturating_sub(record.age(session_idx));
        if sessions_missing > 0 {
            return Err(VoidWindow::TooLittleHistory { sessions_missing });
        }
        let first = session_idx + 1 - spec.lookback();
        let untraded = record.untraded(first..session_idx + 1);
        let allowed = spec.max_untraded();
        if untraded > allowed {
            return Err(VoidWindow::TooManyUntraded { untraded, allowed });
        }
        if record.moved_impossibly(first..session_idx + 1) {
            return Err(VoidWindow::ImpossibleMove);
        }
        Ok(Window::new(
            &self.values[self.offset(first, stock_idx)..],
            spec.lookback(),
            spec.n_columns(),
            self.stocks.len() * spec.n_columns(),
        ))
    }

    /// Whether the stock traded in the session.
    pub(crate) fn is_traded(&self, session_idx: usize, stock_idx: usize) -> bool {
        self.records[stock_idx].state(session_idx) == SessionState::Traded
    }

    fn offset(&self, session_idx: usize, stock_idx: usize) -> usize {
        (session_idx * self.stocks.len() + stock_idx) * self.spec.n_columns()
    }
}

/// One stock's columns as rows `[session of its life, column]`, `NaN` in the warm-up.
fn feature_rows(spec: &FeatureSpec, bars: &CarriedBars) -> Vec<f32> {
    let (n, width) = (bars.len(), spec.n_columns());
    let mut rows = vec![f32::NAN; n * width];
    if n <= spec.warm_up() {
        return rows;
    }
    for (column_idx, column) in spec.columns().iter().enumerate() {
        let series = column.indicator.column(bars);
        let places = rows.chunks_exact_mut(width).map(|row| &mut row[column_idx]);
        for (place, value) in places.zip(series).skip(spec.warm_up()) {
            *place = value as f32;
        }
    }
    rows
}
