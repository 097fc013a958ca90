//! What the tests of this crate share: a small market and ports that live in memory.

mod ports;

use chrono::NaiveDate;
use naeil_domain::{
    Bar, BarPanel, BarPanelBuilder, Market, PriceBasis, Session, Stock, StockCode, TradingCalendar,
};

use crate::config::{NetworkSize, PipelineConfig};

pub(crate) use ports::{Fault, TestPorts};

/// Sessions of [`small_market`]: 30 more than [`quick_config`] needs.
pub(crate) const N_SESSIONS: usize = 250;

/// So many sessions of XKRX from 2 January 2023 on, so that the quality checks find nothing amiss.
pub(crate) fn krx_sessions(n: usize) -> Vec<Session> {
    let calendar = TradingCalendar::xkrx();
    let first = NaiveDate::from_ymd_opt(2023, 1, 2).unwrap();
    let sessions = first
        .iter_days()
        .filter(|&date| calendar.is_session(date) == Ok(true));
    sessions.take(n).map(Session::new).collect()
}

/// Six stocks whose closes walk at random by at most 3 % a session, the same for the same seed.
pub(crate) fn small_market(n_sessions: usize, seed: u64) -> BarPanel {
    let sessions = krx_sessions(n_sessions);
    let codes = ["000020", "000660", "005930", "035420", "051910", "068270"];
    let stocks: Vec<Stock> = codes
        .iter()
        .map(|code| Stock {
            code: StockCode::parse(code).unwrap(),
            name: format!("stock {code}"),
            market: Market::Kospi,
            first_session: sessions[0],
            last_session: sessions[n_sessions - 1],
        })
        .collect();
    let mut builder = BarPanelBuilder::new(sessions, stocks);
    let mut noise = Noise(seed);
    for stock_idx in 0..codes.len() {
        let mut close = 10_000.0;
        for session_idx in 0..n_sessions {
            let open = close * (1.0 + 0.01 * noise.next());
            close *= 1.0 + 0.03 * noise.next();
            let bar = Bar {
                open,
                high: open.max(close) * (1.0 + 0.005 * noise.next().abs()),
                low: open.min(close) * (1.0 - 0.005 * noise.next().abs()),
                close,
                volume: (1_000.0 * (stock_idx + 1) as f64 * (1.5 + noise.next())).round(),
                adjustment_factor: 1.0,
                basis: PriceBasis::AsTraded,
            };
            builder.set(stock_idx, session_idx, &bar);
        }
    }
    builder.build()
}

/// Numbers between -1 and 1 (splitmix64: Steele, Lea and Flood, 2014).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// The smallest settings that make a model: one epoch of 200 windows, eight hidden units.
pub(crate) fn quick_config() -> PipelineConfig {
    let mut config = PipelineConfig {
        validation_sessions: 20,
        test_sessions: 25,
        network: NetworkSize {
            hidden_size: 8,
            seq_length: 5,
            dropout: 0.0,
            ..NetworkSize::default()
        },
        ..PipelineConfig::default()
    };
    config.training.epochs = 1;
    config.training.seeds = 1;
    config.training.windows_per_epoch = Some(200);
    config.training.validation_windows = Some(100);
    config
}
