//! Training labels permuted within their sessions: what a model still finds, it did not learn.

use std::ops::Range;

use naeil_domain::{BarPanel, Horizon, Session, TradingCalendar};
use naeil_features::Labels;
use naeil_simulator::{MarketConfig, SimulatedMarket};

use super::{short_training, small_network};
use crate::judged::Market;
use crate::lookahead::recorded;
use crate::random::Rng;

const RECORDED: &str = "krx_daily_2019_2024.parquet";

/// Nothing of the year from here on is looked at: it is the last one that models are judged by.
const KEPT_FROM: &str = "2024-01-01";

/// A market, and the parts of it that a model is trained on and judged by.
#[derive(Debug)]
pub struct Permuted {
    market: Market,
    train: Range<usize>,
    test: Range<usize>,
    /// Which bars, in words.
    pub description: String,
}

impl Permuted {
    /// The recorded set of the development data folder up to the end of 2023, every so many of its
    /// stocks and the last `test_sessions` of it as the test part; or a simulated market with a
    /// signal, which is printed.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn recorded_or_simulated(
        stocks_every: usize,
        test_sessions: usize,
    ) -> anyhow::Result<Self> {
        match recorded(RECORDED)? {
            Some(bars) => {
                let kept_from = Session::parse(KEPT_FROM)?;
                let n_before = bars.sessions().partition_point(|&s| s < kept_from);
                let bars = bars.truncated_after(bars.sessions()[n_before - 1]);
                let bars = bars.retain_stocks(|idx, _| idx % stocks_every == 0);
                Self::new(bars, RECORDED, test_sessions)
            }
            None => {
                eprintln!("a simulated market is taken instead");
                Self::simulated(200, 600, test_sessions)
            }
        }
    }

    /// A simulated market with a signal.
    ///
    /// # Errors
    /// Whatever the simulator refuses.
    pub fn simulated(
        n_stocks: usize,
        n_sessions: usize,
        test_sessions: usize,
    ) -> anyhow::Result<Self> {
        let config = MarketConfig {
            n_stocks,
            n_sessions,
            ..MarketConfig::default()
        };
        let market = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?;
        Self::new(market.panel(), "a simulated market", test_sessions)
    }

    fn new(bars: BarPanel, source: &str, test_sessions: usize) -> anyhow::Result<Self> {
        let (n_stocks, n_sessions) = (bars.stocks().len(), bars.sessions().len());
        let test = n_sessions - test_sessions..n_sessions;
        let train = 0..test.start - Horizon::MAX_STEPS;
        Ok(Self {
            description: format!(
                "{source}, {n_stocks} stocks x {n_sessions} sessions up to {}",
                bars.sessions()[n_sessions - 1]
            ),
            market: Market::new(bars)?,
            train,
            test,
        })
    }

    /// Trains a small model, on labels that are permuted unless `permutation` is none, and gives its
    /// rank IC at each horizon on the test part, whose labels are as they are.
    ///
    /// The permutation's seed is the training's too, and that puts the expectation at zero: a
    /// permutation that mirrors every session's ranks is as likely as the one drawn, so are initial
    /// weights that mirror the relative output, and the two together mirror what is learned. (Of the
    /// directions, which share the trunk, this holds for the half of them that rose.) A score of the
    /// features that nothing taught has a rank IC all the same, far from zero in one year; only its
    /// sign is even, so trainings are what the standard error counts.
    ///
    /// # Errors
    /// Whatever the training or the scoring refuse.
    pub fn rank_ics(&self, permutation: Option<u64>) -> anyhow::Result<[f64; Horizon::COUNT]> {
        let Market { panel, labels, .. } = &self.market;
        let n_stocks = panel.stocks().len();
        let permuted = permutation.map(|seed| {
            let size = (panel.sessions().len(), n_stocks);
            permuted_within_sessions(labels, size, self.train.clone(), seed)
        });
        let training = short_training(permutation.unwrap_or(0));
        let labels = permuted.as_ref().unwrap_or(labels);
        let model = (self.market).train_on_labels(
            labels,
            self.train.clone(),
            &small_network(),
            &training,
        )?;
        let judged = (self.market).judge(&mut model.forecaster(), self.test.clone())?;
        let mut rank_ics = [0.0; Horizon::COUNT];
        for horizon in Horizon::ALL {
            rank_ics[horizon.index()] = judged[horizon.index()].rank_ic(horizon)?;
        }
        Ok(rank_ics)
    }
}

/// The same labels, but within each of `sessions` dealt anew among the stocks that have any.
///
/// A stock's returns over all horizons move as one: a session keeps its distribution at every
/// horizon, which of them are void together, and how they hang together, so nothing but the tie to
/// the stock's features is cut.
///
/// # Shapes
/// - `size`: sessions and stocks of the labels
pub fn permuted_within_sessions(
    labels: &Labels,
    size: (usize, usize),
    sessions: Range<usize>,
    seed: u64,
) -> Labels {
    let (n_sessions, n_stocks) = size;
    let mut rng = Rng::new(seed);
    let mut returns = Vec::with_capacity(n_sessions * n_stocks * Horizon::COUNT);
    for session_idx in 0..n_sessions {
        let mut rows: Vec<[f32; Horizon::COUNT]> = (0..n_stocks)
            .map(|stock_idx| {
                Horizon::ALL.map(|horizon| {
                    let label = labels.forward_return(session_idx, stock_idx, horizon);
                    label.unwrap_or(f32::NAN)
                })
            })
            .collect();
        if sessions.contains(&session_idx) {
            let is_labelled = |row: &[f32; Horizon::COUNT]| row.iter().any(|x| !x.is_nan());
            let places: Vec<usize> = (0..n_stocks).filter(|&i| is_labelled(&rows[i])).collect();
            let mut dealt: Vec<_> = places.iter().map(|&place| rows[place]).collect();
            rng.shuffle(&mut dealt);
            for (place, row) in places.into_iter().zip(dealt) {
                rows[place] = row;
            }
        }
        returns.extend(rows.into_iter().flatten());
    }
    Labels::from_returns(n_sessions, n_stocks, returns)
}
