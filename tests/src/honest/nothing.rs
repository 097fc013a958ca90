//! Markets without any signal: what is found in them was leaked.

use naeil_domain::{Horizon, TradingCalendar};
use naeil_simulator::{MarketConfig, SimulatedMarket};

use super::{short_training, small_network};
use crate::judged::Market;

/// A market without any signal, a small model that is trained on it, and the sessions after.
#[derive(Debug, Clone)]
pub struct NothingToFind {
    /// The market.
    pub market: MarketConfig,
    /// As-of sessions that are scored.
    pub test_sessions: usize,
}

impl NothingToFind {
    /// The market of a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            market: MarketConfig {
                seed,
                n_stocks: 80,
                n_sessions: 460,
                signal_strength: 0.0,
                ..MarketConfig::default()
            },
            test_sessions: 120,
        }
    }

    /// Simulates the market, trains the model, and gives its rank IC at each horizon.
    ///
    /// # Errors
    /// Whatever the simulator, the features, the training or the scoring refuse.
    pub fn rank_ics(&self) -> anyhow::Result<[f64; Horizon::COUNT]> {
        let simulated = SimulatedMarket::generate(&self.market, &TradingCalendar::xkrx())?;
        let market = Market::new(simulated.panel())?;
        let n_sessions = market.bars.sessions().len();
        let test = n_sessions - self.test_sessions..n_sessions;
        let training = short_training(self.market.seed);
        let known = 0..test.start - Horizon::MAX_STEPS;
        let model = market.train(known, &small_network(), &training)?;
        let judged = market.judge(&mut model.forecaster(), test)?;
        let mut rank_ics = [0.0; Horizon::COUNT];
        for horizon in Horizon::ALL {
            rank_ics[horizon.index()] = judged[horizon.index()].rank_ic(horizon)?;
        }
        Ok(rank_ics)
    }
}
