//! How much of what can be known a model finds, on simulated markets.

use anyhow::Context as _;
use naeil_domain::{Horizon, TradingCalendar};
use naeil_features::{DateSplit, FeaturePanel, FeatureSpec, Labels};
use naeil_model::{NetworkConfig, TrainingConfig, TrainingData, train};
use naeil_pipeline::score_rows;
use naeil_simulator::{MarketConfig, SimulatedMarket};

/// A market and the small model that is trained on it.
#[derive(Debug, Clone)]
pub struct SkillConfig {
    /// The market.
    pub market: MarketConfig,
    /// Size of the LSTM's state.
    pub hidden_size: usize,
    /// How it is trained.
    pub training: TrainingConfig,
    /// As-of sessions that choose the epoch.
    pub validation_sessions: usize,
    /// As-of sessions that are scored.
    pub test_sessions: usize,
}

impl SkillConfig {
    /// A small market without any signal, and a model that takes seconds to train on it.
    pub fn nothing_to_find(seed: u64) -> Self {
        Self {
            market: MarketConfig {
                seed,
                n_stocks: 80,
                n_sessions: 460,
                signal_strength: 0.0,
                ..MarketConfig::default()
            },
            hidden_size: 8,
            training: TrainingConfig {
                max_epochs: 3,
                windows_per_epoch: Some(4_096),
                validation_windows: Some(2_048),
                seed,
                ..TrainingConfig::default()
            },
            validation_sessions: 60,
            test_sessions: 120,
        }
    }
}

/// What was found at one horizon on the test sessions.
#[derive(Debug, Clone, Copy)]
pub struct HorizonSkill {
    /// The horizon.
    pub horizon: Horizon,
    /// The model's mean daily rank IC.
    pub rank_ic: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The all-knowing forecaster's, on the same sessions; `None` without a signal.
    pub oracle_rank_ic: Option<f64>,
}

/// Simulates the market, trains the model, and scores both on the sessions after training.
///
/// # Errors
/// Whatever the simulator, the features, the training or the scoring refuse.
pub fn measure(config: &SkillConfig) -> anyhow::Result<Vec<HorizonSkill>> {
    let market = SimulatedMarket::generate(&config.market, &TradingCalendar::xkrx())?;
    let bars = market.panel();
    let spec = FeatureSpec::v2();
    let panel = FeaturePanel::compute(&spec, &bars)?;
    let labels = Labels::compute(&bars);
    let split = DateSplit::by_date(
        bars.sessions(),
        config.validation_sessions,
        config.test_sessions,
        Horizon::MAX_STEPS,
    )?;
    let network = NetworkConfig {
        hidden_size: config.hidden_size,
        ..NetworkConfig::for_spec(&spec)
    };
    let data = TrainingData {
        panel: &panel,
        labels: &labels,
        split: &split,
        stock_idxs: None,
    };
    let model = train(&data, &network, &config.training, &mut |_| ())?;
    let every_stock: Vec<usize> = (0..panel.stocks().len()).collect();
    let rows = score_rows(
        &mut model.forecaster(),
        &panel,
        &labels,
        split.test.clone(),
        &every_stock,
    )?;
    Horizon::ALL
        .into_iter()
        .map(|horizon| {
            let ic = naeil_evaluation::rank_ic(&rows[horizon.index()], horizon)
                .with_context(|| format!("no rank IC at {horizon}"))?;
            Ok(HorizonSkill {
                horizon,
                rank_ic: ic.mean,
                standard_error: ic.standard_error.unwrap_or(f64::NAN),
                oracle_rank_ic: market.oracle_rank_ic(split.test.clone(), horizon),
            })
        })
        .collect()
}

/// Mean and standard error over independent markets.
///
/// # Units
/// Both in rank IC; the error is the sample deviation over the root of the count.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}
