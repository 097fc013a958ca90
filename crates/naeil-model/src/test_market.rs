//! A tiny market with a planted rule, for tests.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use naeil_domain::ports::WindowBatch;
use naeil_domain::stock::Market;
use naeil_domain::{Bar, BarPanel, BarPanelBuilder, PriceBasis, Session, Stock, StockCode};
use naeil_features::{DateSplit, FeaturePanel, FeatureSpec, Labels};

use crate::config::TrainingConfig;
use crate::data::TrainingData;
use crate::error::ModelError;
use crate::network_config::NetworkConfig;
use crate::trained_model::TrainedModel;
use crate::training::train;

const N_STOCKS: usize = 20;
const N_SESSIONS: usize = 260;

/// Two columns over five sessions, a raw one and a rank: enough to see yesterday's return, quick to
/// train.
const SPEC: &str = r#"{"version":2,"lookback":5,"max_untraded":1,"columns":[
    {"name":"log_return_1","indicator":{"kind":"log_return","period":1},"form":"raw"},
    {"name":"gap_rank","indicator":{"kind":"gap"},"form":"rank"}]}"#;

/// Features, labels and split of the market.
pub(crate) struct TinyMarket {
    pub(crate) panel: FeaturePanel,
    pub(crate) labels: Labels,
    pub(crate) split: DateSplit,
}

impl TinyMarket {
    /// A market in which a stock tends to give back a part of yesterday's return.
    pub(crate) fn new() -> Self {
        let spec = FeatureSpec::from_json(SPEC).unwrap();
        let bars = reverting_bars();
        let panel = FeaturePanel::compute(&spec, &bars).unwrap();
        Self {
            labels: Labels::compute(&bars),
            split: DateSplit::by_date(panel.sessions(), 40, 40, 20).unwrap(),
            panel,
        }
    }

    pub(crate) fn data(&self) -> TrainingData<'_> {
        TrainingData::of_split(&self.panel, &self.labels, &self.split)
    }

    /// A small network for this market's windows.
    pub(crate) fn network(&self) -> NetworkConfig {
        NetworkConfig {
            hidden_size: 6,
            wide_size: 3,
            quantile_size: 2,
            ..NetworkConfig::for_spec(self.panel.spec())
        }
    }

    /// Unscaled windows that end in the test sessions, at most `n`, with their places.
    pub(crate) fn test_windows(&self, n: usize) -> (WindowBatch, Vec<(usize, usize)>) {
        let places: Vec<(usize, usize)> = self
            .split
            .test
            .clone()
            .flat_map(|session_idx| (0..N_STOCKS).map(move |stock_idx| (session_idx, stock_idx)))
            .filter(|&(session_idx, stock_idx)| self.panel.window(session_idx, stock_idx).is_ok())
            .take(n)
            .collect();
        let shape = self.network().window_shape();
        let batch = self.panel.gather(&shape, places.iter().copied()).unwrap();
        (batch, places)
    }
}

/// A short training of one member.
pub(crate) fn quick() -> TrainingConfig {
    TrainingConfig {
        epochs: 2,
        codes_per_step: 0.5,
        windows_per_epoch: Some(200),
        validation_windows: Some(100),
        seeds: 1,
        ..TrainingConfig::default()
    }
}

/// Trains without checkpoints or an audience.
pub(crate) fn trained(
    data: &TrainingData<'_>,
    network: &NetworkConfig,
    config: &TrainingConfig,
) -> Result<TrainedModel, ModelError> {
    train(data, network, config, None, &mut |_| {
        ControlFlow::Continue(())
    })
}

/// A model of two members trained for two short epochs, the same for every test that only needs some
/// model.
pub(crate) fn some_model() -> &'static (TinyMarket, TrainedModel) {
    static MODEL: OnceLock<(TinyMarket, TrainedModel)> = OnceLock::new();
    MODEL.get_or_init(|| {
        let market = TinyMarket::new();
        let config = TrainingConfig {
            seeds: 2,
            ..quick()
        };
        let model = trained(&market.data(), &market.network(), &config).unwrap();
        (market, model)
    })
}

/// Bars whose return is -0.6 times the stock's own return of the day before, plus noise of the
/// stock and of the market.
fn reverting_bars() -> BarPanel {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut builder = BarPanelBuilder::new(sessions(), stocks());
    let mut noise = |width: f64| rng.random_range(-width..width);
    let mut last_return = [0.0; N_STOCKS];
    let mut close = [10_000.0; N_STOCKS];
    for session_idx in 0..N_SESSIONS {
        let market = noise(0.01);
        for stock_idx in 0..N_STOCKS {
            let own = -0.6 * last_return[stock_idx] + noise(0.02);
            let open = close[stock_idx];
            close[stock_idx] *= 1.0 + own + market;
            last_return[stock_idx] = own;
            let close = close[stock_idx];
            let bar = Bar {
                open,
                high: open.max(close),
                low: open.min(close),
                close,
                volume: 1_000.0,
                adjustment_factor: 1.0,
                basis: PriceBasis::AsTraded,
            };
            builder.set(stock_idx, session_idx, &bar);
        }
    }
    builder.build()
}

fn sessions() -> Vec<Session> {
    let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    (0..)
        .map(|days| first + Days::new(days))
        .filter(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun))
        .take(N_SESSIONS)
        .map(Session::new)
        .collect()
}

fn stocks() -> Vec<Stock> {
    let sessions = sessions();
    (0..N_STOCKS)
        .map(|i| Stock {
            code: StockCode::parse(&format!("{:06}", i * 10)).unwrap(),
            name: format!("Stock {i}"),
            market: Market::Kospi,
            first_session: sessions[0],
            last_session: sessions[N_SESSIONS - 1],
        })
        .collect()
}
