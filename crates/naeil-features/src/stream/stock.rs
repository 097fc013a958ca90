//! One stock's place in a stream.

use naeil_domain::bar_panel::StockBars;

use crate::carried::{LONGEST_GAP, SessionState, state};
use crate::column_plan::ColumnPlan;
use crate::indicators::stream::{CarriedBar, StockColumns};
use crate::trading_record::{Eligibility, is_impossible};

/// Marks of one session of the lookback.
const UNTRADED: u8 = 1;
const IMPOSSIBLE: u8 = 2;

/// What has to be kept of one stock's past.
#[derive(Debug)]
pub(super) struct StockStream {
    columns: StockColumns,
    /// The indicators' newest values.
    values: Vec<f64>,
    /// Marks of the last `lookback` sessions of the life; session i of the life is at
    /// i % lookback.
    marks: Vec<u8>,
    untraded: usize,
    impossible: usize,
    /// Sessions of the life up to the newest bar.
    age: usize,
    /// Sessions without a bar since the newest bar: part of the life only if another bar comes.
    pending: usize,
    /// Which of the pending sessions are the first after a seam.
    pending_seams: Vec<usize>,
    last_close: f64,
    state: SessionState,
    carried: usize,
}

impl StockStream {
    /// A stock before its first bar.
    pub(super) fn new(columns: StockColumns, plan: &ColumnPlan, rule: &Eligibility) -> Self {
        Self {
            columns,
            values: vec![f64::NAN; plan.indicators.len()],
            marks: vec![0; rule.lookback],
            untraded: 0,
            impossible: 0,
            age: 0,
            pending: 0,
            pending_seams: Vec::new(),
            last_close: f64::NAN,
            state: SessionState::Missing,
            carried: 0,
        }
    }

    /// Lets sessions pass in which there was no bar.
    pub(super) fn pass(&mut self, n_sessions: usize) {
        self.state = SessionState::Missing;
        if self.age > 0 {
            self.pending += n_sessions;
            self.carried += n_sessions;
        }
    }

    /// Takes one session in.
    pub(super) fn push(
        &mut self,
        bars: &StockBars<'_>,
        session_idx: usize,
        greatest_move: f64,
        is_seam: bool,
        unborn: &StockColumns,
        rule: &Eligibility,
    ) {
        let state = state(bars, session_idx);
        if state == SessionState::Missing {
            if is_seam && self.age > 0 {
                self.pending_seams.push(self.pending);
            }
            self.pass(1);
            return;
        }
        if self.pending > LONGEST_GAP {
            self.begin_anew(unborn);
        }
        let is_first = self.age == 0;
        if is_first {
            // Only a life that begins with a halt has to believe the halted bar's own close.
            self.last_close = bars.close[session_idx];
        }
        for gap_idx in 0..std::mem::take(&mut self.pending) {
            let is_seam = self.pending_seams.contains(&gap_idx);
            self.step(
                self.flat(),
                mark(UNTRADED, true) | mark(IMPOSSIBLE, is_seam),
                rule,
            );
        }
        self.pending_seams.clear();
        self.state = state;
        if state == SessionState::Traded {
            let close = bars.close[session_idx];
            let impossible =
                !is_first && (is_seam || is_impossible(self.last_close, close, greatest_move));
            self.last_close = close;
            let bar = CarriedBar {
                open: bars.open[session_idx],
                high: bars.high[session_idx],
                low: bars.low[session_idx],
                close,
                volume: bars.volume[session_idx],
            };
            self.carried = 0;
            self.step(bar, mark(IMPOSSIBLE, impossible), rule);
        } else {
            let marks = mark(UNTRADED, true) | mark(IMPOSSIBLE, is_seam && !is_first);
            self.carried += 1;
            self.step(self.flat(), marks, rule);
        }
    }

    /// Forgets the life before a long gap.
    fn begin_anew(&mut self, unborn: &StockColumns) {
        self.columns.clone_from(unborn);
        self.marks.fill(0);
        self.pending_seams.clear();
        (self.untraded, self.impossible, self.age, self.pending) = (0, 0, 0, 0);
    }

    /// The bar of a session without trading.
    fn flat(&self) -> CarriedBar {
        CarriedBar {
            open: self.last_close,
            high: self.last_close,
            low: self.last_close,
            close: self.last_close,
            volume: 0.0,
        }
    }

    fn step(&mut self, bar: CarriedBar, marks: u8, rule: &Eligibility) {
        self.values.copy_from_slice(self.columns.push(bar));
        let place = &mut self.marks[self.age % rule.lookback];
        let oldest = std::mem::replace(place, marks);
        self.untraded += usize::from(marks & UNTRADED != 0);
        self.untraded -= usize::from(oldest & UNTRADED != 0);
        self.impossible += usize::from(marks & IMPOSSIBLE != 0);
        self.impossible -= usize::from(oldest & IMPOSSIBLE != 0);
        self.age += 1;
    }

    /// Writes the columns, those to be ranked not yet ranked.
    pub(super) fn write_row(&self, plan: &ColumnPlan, row: &mut [f32]) {
        if self.state == SessionState::Missing {
            row.fill(f32::NAN);
        } else {
            plan.place(&self.values, row);
        }
    }

    pub(super) fn state(&self) -> SessionState {
        self.state
    }

    pub(super) fn age(&self) -> usize {
        self.age
    }

    pub(super) fn carried(&self) -> usize {
        self.carried
    }

    /// As [`crate::trading_record::TradingRecord::is_eligible`].
    pub(super) fn is_eligible(&self, rule: &Eligibility) -> bool {
        self.state == SessionState::Traded
            && self.age > rule.warm_up
            && self.untraded <= rule.max_untraded
            && self.impossible == 0
    }
}

fn mark(mark: u8, holds: bool) -> u8 {
    if holds { mark } else { 0 }
}
