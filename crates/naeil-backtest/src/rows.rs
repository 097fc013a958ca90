//! The rows that every forecaster is judged on.

use std::ops::Range;

use naeil_domain::{BarPanel, DataOrigin, Digest, Exchange, Horizon, Session};
use naeil_evaluation::Outcomes;
use naeil_features::{FeaturePanel, FeatureSpec, Labels};
use sha2::{Digest as _, Sha256};

use crate::error::BacktestError;
use crate::plan::PlannedFold;

/// The bars of a market and everything computed from them.
#[derive(Debug)]
pub struct Market {
    /// The bars, every stock of the exchange: ranks need them all.
    pub bars: BarPanel,
    /// Stocks that are learned from and judged, as ascending indices.
    pub universe: Vec<usize>,
    /// Names the bars.
    pub data_digest: Digest,
    /// Whose sessions they are.
    pub exchange: Exchange,
    /// Recorded or simulated.
    pub origin: DataOrigin,
    /// Every column of every row.
    pub panel: FeaturePanel,
    /// What happened afterwards.
    pub labels: Labels,
}

impl Market {
    /// Computes features and labels of these bars.
    ///
    /// # Errors
    /// [`BacktestError::Features`] if there is not one bar.
    pub fn prepare(
        bars: BarPanel,
        universe: Vec<usize>,
        data_digest: Digest,
        exchange: Exchange,
        origin: DataOrigin,
        spec: &FeatureSpec,
    ) -> Result<Self, BacktestError> {
        let panel = FeaturePanel::compute(spec, &bars)?;
        let labels = Labels::compute(&bars);
        Ok(Self {
            bars,
            universe,
            data_digest,
            exchange,
            origin,
            panel,
            labels,
        })
    }

    /// The sessions, ascending.
    pub fn sessions(&self) -> &[Session] {
        self.bars.sessions()
    }

    /// Sessions at the beginning in which no window ends.
    pub fn unusable(&self) -> usize {
        self.panel.spec().warm_up() + self.panel.spec().lookback()
    }
}

/// The rows of one fold: every stock of the universe with a complete window, session by session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldRows {
    places: Vec<(u32, u32)>,
    digest: Digest,
}

impl FoldRows {
    /// The rows in the scored sessions of a fold.
    ///
    /// # Errors
    /// [`BacktestError::NoRows`] if there is none with a known outcome in the test part.
    pub fn collect(market: &Market, fold: &PlannedFold) -> Result<Self, BacktestError> {
        let places = places(market, fold.scored.clone());
        let is_judged = |&(session_idx, stock_idx): &(u32, u32)| {
            fold.fold.test.contains(&(session_idx as usize))
                && Horizon::ALL.iter().any(|&horizon| {
                    let (session_idx, stock_idx) = (session_idx as usize, stock_idx as usize);
                    (market.labels)
                        .forward_return(session_idx, stock_idx, horizon)
                        .is_some()
                })
        };
        if !places.iter().any(is_judged) {
            return Err(BacktestError::NoRows {
                fold: fold.name.clone(),
            });
        }
        let mut hasher = Sha256::new();
        for &(session_idx, stock_idx) in &places {
            hasher.update(session_idx.to_le_bytes());
            hasher.update(stock_idx.to_le_bytes());
        }
        let digest = Digest::from_bytes(hasher.finalize().into());
        Ok(Self { places, digest })
    }

    /// (session, stock) of each row, ascending.
    pub fn places(&self) -> &[(u32, u32)] {
        &self.places
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Names the rows: scores of other rows are not taken for scores of these.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The rows of some sessions.
    pub fn of_sessions(&self, sessions: &Range<usize>) -> Range<usize> {
        let at = |session_idx: usize| {
            self.places
                .partition_point(|&(session, _)| (session as usize) < session_idx)
        };
        at(sessions.start)..at(sessions.end)
    }

    /// Appends the outcomes of the rows in `rows` that have one, and says which they are.
    pub fn outcomes(
        &self,
        labels: &Labels,
        horizon: Horizon,
        rows: Range<usize>,
        into: &mut Outcomes,
    ) -> Vec<usize> {
        let known = rows.filter(|&row| {
            let (session_idx, stock_idx) = self.places[row];
            let outcome = labels.forward_return(session_idx as usize, stock_idx as usize, horizon);
            if let Some(forward_return) = outcome {
                into.push(session_idx, stock_idx, f64::from(forward_return));
            }
            outcome.is_some()
        });
        known.collect()
    }
}

fn places(market: &Market, sessions: Range<usize>) -> Vec<(u32, u32)> {
    let narrow = |idx: usize| u32::try_from(idx).expect("a panel has fewer than 2^32 rows");
    let of_session = |session_idx: usize| {
        let stocks = market.universe.iter();
        stocks
            .filter(move |&&stock_idx| market.panel.window(session_idx, stock_idx).is_ok())
            .map(move |&stock_idx| (narrow(session_idx), narrow(stock_idx)))
    };
    sessions.flat_map(of_session).collect()
}
