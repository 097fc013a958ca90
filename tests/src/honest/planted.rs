//! A planted signal: how much of it the default network recovers.

use std::ops::Range;

use anyhow::{Context as _, ensure};
use naeil_domain::{Horizon, TradingCalendar};
use naeil_evaluation::Outcomes;
use naeil_features::FeatureSpec;
use naeil_model::{NetworkConfig, TrainingConfig};
use naeil_simulator::{MarketConfig, SimulatedMarket};

use crate::judged::{Judged, Market, rank_ic};

/// Rank IC at one session that knowing the signal gives on the test sessions.
const ORACLE: f64 = 0.10;
/// How far from it a market may be.
const TOLERANCE: f64 = 0.001;
/// Markets that are made to find one.
const ATTEMPTS: usize = 8;

/// A market with a planted signal, with as much to be known on the test sessions as wanted.
#[derive(Debug)]
pub struct Planted {
    simulated: SimulatedMarket,
    market: Market,
    test: Range<usize>,
    /// Rank IC at one session of the signal itself, on every row of the test sessions.
    pub oracle: f64,
}

/// What one model recovered.
#[derive(Debug, Clone, Copy)]
pub struct PlantedSkill {
    /// Its rank IC at one session.
    pub rank_ic: f64,
    /// That of the signal itself on the same rows.
    pub oracle: f64,
}

impl Planted {
    /// Makes markets of more or less signal until knowing it gives a rank IC of 0.10 on the last
    /// `test_sessions`: what the simulator aims at is the mean over all sessions.
    ///
    /// # Errors
    /// Whatever the simulator or the features refuse, or if no such market is found.
    pub fn new(n_stocks: usize, n_sessions: usize, test_sessions: usize) -> anyhow::Result<Self> {
        // The last session's outcome is not known.
        let test = n_sessions - test_sessions - 1..n_sessions - 1;
        let mut config = MarketConfig {
            n_stocks,
            n_sessions,
            ..MarketConfig::default()
        };
        for _ in 0..ATTEMPTS {
            let simulated = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?;
            let oracle = simulated
                .oracle_rank_ic(test.clone(), Horizon::OneDay)
                .context("the test sessions have no oracle")?;
            if (oracle - ORACLE).abs() <= TOLERANCE {
                return Ok(Self {
                    market: Market::new(simulated.panel())?,
                    simulated,
                    test,
                    oracle,
                });
            }
            ensure!(oracle > 0.0, "the oracle's rank IC is {oracle}");
            config.signal_strength *= (ORACLE / oracle).clamp(0.5, 2.0);
        }
        anyhow::bail!("no market has an oracle of {ORACLE} on the test sessions")
    }

    /// The default training of one member.
    pub fn training(seed: u64) -> TrainingConfig {
        TrainingConfig {
            seeds: 1,
            seed,
            ..TrainingConfig::default()
        }
    }

    /// Trains the default network with one seed, and scores it and the signal on the test sessions.
    ///
    /// # Errors
    /// Whatever the training or the scoring refuse.
    pub fn skill(&self, training: &TrainingConfig) -> anyhow::Result<PlantedSkill> {
        let known = 0..self.test.start - Horizon::MAX_STEPS;
        let network = NetworkConfig::for_spec(&FeatureSpec::v2());
        let model = self.market.train(known, &network, training)?;
        let judged = (self.market).judge(&mut model.forecaster(), self.test.clone())?;
        let horizon = Horizon::OneDay;
        let Judged {
            outcomes,
            forecasts,
        } = &judged[horizon.index()];
        // Only rows that the signal speaks of.
        let (mut common, mut said, mut true_scores) = (Outcomes::default(), Vec::new(), Vec::new());
        for (row, forecast) in forecasts.iter().enumerate() {
            let (session_idx, stock_idx) = (outcomes.session_idx()[row], outcomes.stock_idx()[row]);
            let score = (self.simulated).oracle_score(session_idx as usize, stock_idx as usize);
            if let Some(score) = score {
                common.push(session_idx, stock_idx, outcomes.forward_return()[row]);
                said.push(forecast.relative);
                true_scores.push(score);
            }
        }
        Ok(PlantedSkill {
            rank_ic: rank_ic(&common, &said, horizon)?,
            oracle: rank_ic(&common, &true_scores, horizon)?,
        })
    }
}
