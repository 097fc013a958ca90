//! Which windows can be learned from.
//!
//! Nothing here holds the windows themselves: 700,000 of them would be 4 GB. An index names
//! (session, stock) pairs, and a batch is copied out of the feature panel when it is needed.

#[cfg(test)]
mod tests;

use std::ops::Range;

use naeil_domain::Horizon;
use naeil_features::{DateSplit, FeaturePanel, Labels};

use crate::error::ModelError;

/// Stocks that a session needs at least: below, "further up than the others" says nothing.
const FEWEST_STOCKS: usize = 2;

/// What a model is trained on.
#[derive(Debug, Clone)]
pub struct TrainingData<'a> {
    /// The features of every session.
    pub panel: &'a FeaturePanel,
    /// What happened afterwards.
    pub labels: &'a Labels,
    /// As-of sessions that the model learns from.
    pub train: Range<usize>,
    /// As-of sessions that judge each epoch, if any.
    pub validation: Option<Range<usize>>,
    /// Only windows of these stocks, as ascending indices of the panel; `None` for every stock. The
    /// others still count in the panel's ranks and in the scaler.
    pub stock_idxs: Option<&'a [usize]>,
}

impl<'a> TrainingData<'a> {
    /// Every stock, with the training and validation sessions of a split.
    pub fn of_split(panel: &'a FeaturePanel, labels: &'a Labels, split: &DateSplit) -> Self {
        Self {
            panel,
            labels,
            train: split.train.clone(),
            validation: Some(split.validation.clone()),
            stock_idxs: None,
        }
    }

    /// Whether windows of this stock are drawn.
    fn learns_from(&self, stock_idx: usize) -> bool {
        self.stock_idxs
            .is_none_or(|stock_idxs| stock_idxs.binary_search(&stock_idx).is_ok())
    }

    /// The returns of a window, `NaN` where void.
    fn returns(&self, session_idx: usize, stock_idx: usize) -> [f32; Horizon::COUNT] {
        Horizon::ALL.map(|horizon| {
            let label = self.labels.forward_return(session_idx, stock_idx, horizon);
            label.unwrap_or(f32::NAN)
        })
    }
}

/// The windows of one session that have at least one label.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SessionWindows {
    pub(crate) session_idx: usize,
    /// Ascending.
    pub(crate) stock_idxs: Vec<u32>,
    /// Their returns, in the same order; `NaN` where void.
    pub(crate) returns: Vec<[f32; Horizon::COUNT]>,
}

/// The usable windows of a range of sessions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WindowIndex {
    /// Sessions with enough windows, ascending.
    pub(crate) sessions: Vec<SessionWindows>,
}

impl WindowIndex {
    /// Collects every window that ends in `sessions` and has a label.
    ///
    /// # Errors
    /// [`ModelError::NotEnoughData`] if there is none; `part` says what they are for.
    pub(crate) fn collect(
        data: &TrainingData<'_>,
        sessions: Range<usize>,
        part: &str,
    ) -> Result<Self, ModelError> {
        let n_sessions = data.panel.sessions().len();
        if sessions.end > n_sessions {
            return Err(ModelError::NotEnoughData(format!(
                "the {part} sessions {sessions:?} reach behind the panel, which has {n_sessions}"
            )));
        }
        let index = Self {
            sessions: sessions
                .clone()
                .map(|session_idx| session_windows(data, session_idx))
                .filter(|session| session.stock_idxs.len() >= FEWEST_STOCKS)
                .collect(),
        };
        if index.sessions.is_empty() {
            return Err(ModelError::NotEnoughData(format!(
                "none of the {} {part} sessions has {FEWEST_STOCKS} complete windows with a label",
                sessions.len()
            )));
        }
        Ok(index)
    }

    /// How many windows there are.
    pub(crate) fn n_windows(&self) -> usize {
        self.sessions.iter().map(|s| s.stock_idxs.len()).sum()
    }

    /// Share of rises among the labels of each horizon; one half if there are none.
    pub(crate) fn base_rates(&self) -> [f64; Horizon::COUNT] {
        std::array::from_fn(|horizon_idx| {
            let (mut ups, mut n) = (0_usize, 0_usize);
            for value in self.labels(horizon_idx) {
                ups += usize::from(value > 0.0);
                n += 1;
            }
            if n == 0 { 0.5 } else { ups as f64 / n as f64 }
        })
    }

    /// Standard deviation of the returns of each horizon; 1 without any spread.
    pub(crate) fn return_scale(&self) -> [f64; Horizon::COUNT] {
        std::array::from_fn(|horizon_idx| {
            let n = self.labels(horizon_idx).count().max(1) as f64;
            let mean = self.labels(horizon_idx).sum::<f64>() / n;
            let squares = self.labels(horizon_idx).map(|value| (value - mean).powi(2));
            let std = (squares.sum::<f64>() / n).sqrt();
            if std > f64::from(f32::MIN_POSITIVE) {
                std
            } else {
                1.0
            }
        })
    }

    fn labels(&self, horizon_idx: usize) -> impl Iterator<Item = f64> {
        let returns = self.sessions.iter().flat_map(|session| &session.returns);
        returns
            .map(move |row| f64::from(row[horizon_idx]))
            .filter(|value| !value.is_nan())
    }
}

fn session_windows(data: &TrainingData<'_>, session_idx: usize) -> SessionWindows {
    let mut session = SessionWindows {
        session_idx,
        stock_idxs: Vec::new(),
        returns: Vec::new(),
    };
    for stock_idx in (0..data.panel.stocks().len()).filter(|&at| data.learns_from(at)) {
        let returns = data.returns(session_idx, stock_idx);
        let labelled = returns.iter().any(|value| !value.is_nan());
        if labelled && data.panel.window(session_idx, stock_idx).is_ok() {
            let narrow = u32::try_from(stock_idx).expect("a panel has fewer than 2^32 stocks");
            session.stock_idxs.push(narrow);
            session.returns.push(returns);
        }
    }
    session
}
