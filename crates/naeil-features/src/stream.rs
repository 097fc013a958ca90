//! The newest session of a market, computed from what was kept of the sessions before it.

mod stock;

use naeil_domain::{BarPanel, Session, Stock, StockCode, greatest_move};
use rayon::prelude::*;

use crate::carried::SessionState;
use crate::column_plan::ColumnPlan;
use crate::error::FeatureError;
use crate::indicators::stream::StockColumns;
use crate::rank::{RankBuffers, rank_columns};
use crate::spec::FeatureSpec;
use crate::trading_record::Eligibility;

use stock::StockStream;

/// Features of the newest session of one market, moved on session by session.
///
/// After the same bars from the same first session, its rows are those of the last session of a
/// [`crate::FeaturePanel`] to the bit, ranks included; each session costs one step of every
/// indicator instead of a whole history.
///
/// # Shapes
/// `[stock, column]`, the stocks ascending by code, columns as in the [`FeatureSpec`].
#[derive(Debug)]
pub struct FeatureStream {
    spec: FeatureSpec,
    plan: ColumnPlan,
    rule: Eligibility,
    /// What every stock begins with.
    unborn: StockColumns,
    session: Option<Session>,
    stocks: Vec<Stock>,
    streams: Vec<StockStream>,
    values: Vec<f32>,
    buffers: RankBuffers,
}

impl FeatureStream {
    /// Starts with every session of `bars`, of which there may be none.
    ///
    /// # Errors
    /// None today; the history may come to be refused.
    pub fn new(spec: &FeatureSpec, bars: &BarPanel) -> Result<Self, FeatureError> {
        let plan = ColumnPlan::new(spec);
        let mut stream = Self {
            spec: spec.clone(),
            unborn: plan.unborn(),
            plan,
            rule: Eligibility::of(spec),
            session: None,
            stocks: Vec::new(),
            streams: Vec::new(),
            values: Vec::new(),
            buffers: RankBuffers::default(),
        };
        stream.push(bars)?;
        Ok(stream)
    }

    /// Moves on by every session of `bars`, usually one.
    ///
    /// Stocks are known by their codes. One that `bars` do not name had no bar; one that is new
    /// takes its place by its code, so indices of later stocks grow. Prices and volumes must be
    /// adjusted on the same footing as those before.
    ///
    /// # Errors
    /// [`FeatureError::SessionNotAfter`] if the first session is not after the last one pushed;
    /// nothing is pushed then.
    pub fn push(&mut self, bars: &BarPanel) -> Result<(), FeatureError> {
        let (Some(&first), Some(&last)) = (bars.sessions().first(), bars.sessions().last()) else {
            return Ok(());
        };
        if let Some(newest) = self.session.filter(|newest| *newest >= first) {
            return Err(FeatureError::SessionNotAfter {
                found: first,
                newest,
            });
        }
        self.admit(bars.stocks());
        let places = places(&self.stocks, bars.stocks());
        // Names and markets are the newest ones: a transfer from KONEX brings another price limit.
        for (stock, place) in self.stocks.iter_mut().zip(&places) {
            if let Some(newest) = place.map(|stock_idx| &bars.stocks()[stock_idx])
                && stock != newest
            {
                stock.clone_from(newest);
            }
        }
        let Self {
            plan, rule, unborn, ..
        } = self;
        let width = plan.width();
        self.streams
            .par_iter_mut()
            .zip(self.stocks.par_iter().zip(&places))
            .zip(self.values.par_chunks_exact_mut(width))
            .for_each(|((stream, (stock, &place)), row)| {
                let Some(stock_idx) = place else {
                    stream.pass(bars.sessions().len());
                    row.fill(f32::NAN);
                    return;
                };
                let mut seams = bars.seams(stock_idx).peekable();
                let stock_bars = bars.stock_bars(stock_idx);
                for (session_idx, session) in bars.sessions().iter().enumerate() {
                    let is_seam = seams.next_if_eq(&session_idx).is_some();
                    let limit = greatest_move(stock.market, session.date());
                    stream.push(&stock_bars, session_idx, limit, is_seam, unborn, rule);
                }
                stream.write_row(plan, row);
            });
        let streams = &self.streams;
        let is_eligible = |i: usize| streams[i].is_eligible(rule);
        if !plan.ranked.is_empty() {
            let buffers = &mut self.buffers;
            rank_columns(&mut self.values, width, &plan.ranked, is_eligible, buffers);
        }
        self.session = Some(last);
        Ok(())
    }

    /// The newest session, unless none was pushed.
    pub fn session(&self) -> Option<Session> {
        self.session
    }

    /// What the columns are.
    pub fn spec(&self) -> &FeatureSpec {
        &self.spec
    }

    /// Every stock that ever had a place in the bars, ascending by code.
    pub fn stocks(&self) -> &[Stock] {
        &self.stocks
    }

    /// Finds a stock by its code.
    pub fn stock_index(&self, code: &StockCode) -> Option<usize> {
        self.stocks.binary_search_by(|s| s.code.cmp(code)).ok()
    }

    /// The columns of one stock in the newest session, or nothing if the stock has no bar in it or
    /// is still in its warm-up.
    ///
    /// # Panics
    /// If the index is out of range.
    pub fn row(&self, stock_idx: usize) -> Option<&[f32]> {
        let stream = &self.streams[stock_idx];
        if stream.state() == SessionState::Missing || stream.age() <= self.spec.warm_up() {
            return None;
        }
        let width = self.plan.width();
        Some(&self.values[stock_idx * width..(stock_idx + 1) * width])
    }

    /// What the stock did in the newest session: whether its row is of a trade or carried.
    ///
    /// # Panics
    /// If the index is out of range.
    pub fn state(&self, stock_idx: usize) -> SessionState {
        self.streams[stock_idx].state()
    }

    /// Number of sessions, the newest included, for which the stock's close has been carried.
    ///
    /// # Panics
    /// If the index is out of range.
    pub fn carried(&self, stock_idx: usize) -> usize {
        self.streams[stock_idx].carried()
    }

    /// Whether the stock takes part in the newest session's ranks.
    ///
    /// # Panics
    /// If the index is out of range.
    pub fn is_eligible(&self, stock_idx: usize) -> bool {
        self.streams[stock_idx].is_eligible(&self.rule)
    }

    /// Gives stocks that are new a place.
    fn admit(&mut self, stocks: &[Stock]) {
        let newcomers: Vec<&Stock> = (stocks.iter().zip(places(stocks, &self.stocks)))
            .filter_map(|(stock, place)| place.is_none().then_some(stock))
            .collect();
        if newcomers.is_empty() {
            return;
        }
        let mut all: Vec<(Stock, StockStream)> = std::mem::take(&mut self.stocks)
            .into_iter()
            .zip(std::mem::take(&mut self.streams))
            .collect();
        let begin = || StockStream::new(self.unborn.clone(), &self.plan, &self.rule);
        all.extend(newcomers.into_iter().map(|stock| (stock.clone(), begin())));
        all.sort_by(|(a, _), (b, _)| a.code.cmp(&b.code));
        (self.stocks, self.streams) = all.into_iter().unzip();
        // Every row is written anew before it is read.
        self.values = vec![f32::NAN; self.stocks.len() * self.plan.width()];
    }
}

/// Where each stock stands among others, both ascending by code.
fn places(stocks: &[Stock], others: &[Stock]) -> Vec<Option<usize>> {
    let mut next = 0;
    let place = |stock: &Stock| {
        next += others[next..]
            .iter()
            .take_while(|o| o.code < stock.code)
            .count();
        let found = others.get(next).is_some_and(|o| o.code == stock.code);
        found.then_some(next)
    };
    stocks.iter().map(place).collect()
}
