//! A small simulated market.

use std::sync::OnceLock;

use naeil_backtest::{EvaluationConfig, EvaluationPlan, Market};
use naeil_domain::{DataOrigin, Digest, Exchange, TradingCalendar};
use naeil_features::FeatureSpec;
use naeil_model::{NetworkConfig, TrainingConfig};
use naeil_simulator::{MarketConfig, SimulatedMarket};

/// The market, with a planted signal, and its features over a short lookback.
pub(crate) fn market() -> &'static Market {
    static MARKET: OnceLock<Market> = OnceLock::new();
    MARKET.get_or_init(|| {
        let config = MarketConfig {
            n_stocks: 40,
            n_sessions: 360,
            ..MarketConfig::default()
        };
        let simulated = SimulatedMarket::generate(&config, &TradingCalendar::xkrx()).unwrap();
        let bars = simulated.panel();
        let universe = (0..bars.stocks().len()).collect();
        let v2 = FeatureSpec::v2();
        let spec = FeatureSpec::new(10, 2, v2.columns().to_vec()).unwrap();
        Market::prepare(
            bars,
            universe,
            Digest::of(b"a simulated market"),
            Exchange::default(),
            DataOrigin::Simulated,
            &spec,
        )
        .unwrap()
    })
}

/// Two folds of 30 sessions and two seeds of a tiny network, beside both baselines.
pub(crate) fn config() -> EvaluationConfig {
    let spec = market().panel.spec();
    let network = NetworkConfig {
        seq_length: 3,
        hidden_size: 4,
        wide_size: 4,
        quantile_size: 4,
        ..NetworkConfig::for_spec(spec)
    };
    let training = TrainingConfig {
        epochs: 2,
        windows_per_epoch: Some(600),
        validation_windows: Some(200),
        ..TrainingConfig::default()
    };
    EvaluationConfig {
        plan: EvaluationPlan::WalkForward {
            folds: 2,
            test_sessions: Some(30),
        },
        seeds: vec![1, 2],
        n_draws: 200,
        ..EvaluationConfig::new(network, training, "test")
    }
}
