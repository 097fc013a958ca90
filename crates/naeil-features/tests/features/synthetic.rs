//! Seeded synthetic bars with everything that happens to a stock: listings, delistings, gaps,
//! halts and splits.

use chrono::{Days, NaiveDate};
use naeil_domain::{Bar, BarPanel, BarPanelBuilder, Market, PriceBasis, Session, Stock, StockCode};
use naeil_features::{FeatureColumn, FeatureSpec, Form};

/// Knuth's 64-bit linear congruential generator: enough for test data, the same everywhere.
pub(crate) struct Lcg(u64);

impl Lcg {
    pub(crate) fn new(seed: u64) -> Self {
        let mut lcg = Self(seed);
        lcg.uniform();
        lcg
    }

    /// The next number in `0..1`.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of mean 0 and deviation 1: twelve uniforms, less their mean.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }
}

/// The default spec's raw columns, each of them as a rank too.
pub(crate) fn both_forms() -> FeatureSpec {
    raw_columns().with_ranks().expect("names are free")
}

/// The default spec's raw columns.
pub(crate) fn raw_columns() -> FeatureSpec {
    let spec = FeatureSpec::v2();
    let raw = |column: &&FeatureColumn| column.form == Form::Raw;
    let columns = spec.columns().iter().filter(raw).cloned().collect();
    FeatureSpec::new(spec.lookback(), spec.max_untraded(), columns).expect("a part of a valid spec")
}

pub(crate) fn sessions(n: usize) -> Vec<Session> {
    let first = NaiveDate::from_ymd_opt(2021, 1, 4).expect("a date");
    (0..n as u64)
        .map(|i| Session::new(first + Days::new(i)))
        .collect()
}

pub(crate) fn stock(idx: usize, sessions: &[Session]) -> Stock {
    Stock {
        code: StockCode::parse(&format!("{idx:06}")).expect("six digits"),
        name: format!("synthetic {idx}"),
        market: Market::Kospi,
        first_session: sessions[0],
        last_session: sessions[sessions.len() - 1],
    }
}

pub(crate) fn traded(close: f64, volume: f64) -> Bar {
    Bar {
        open: close,
        high: close,
        low: close,
        close,
        volume,
        adjustment_factor: 1.0,
        basis: PriceBasis::AsTraded,
    }
}

/// One stock's bars by session; `None` where there is none.
pub(crate) type Series = Vec<Option<Bar>>;

pub(crate) fn panel(series: &[Series]) -> BarPanel {
    let sessions = sessions(series[0].len());
    let stocks = (0..series.len()).map(|i| stock(i, &sessions)).collect();
    let mut builder = BarPanelBuilder::new(sessions, stocks);
    for (stock_idx, bars) in series.iter().enumerate() {
        for (session_idx, bar) in bars.iter().enumerate() {
            if let Some(bar) = bar {
                builder.set(stock_idx, session_idx, bar);
            }
        }
    }
    builder.build()
}

/// A random walk with a late listing, a delisting, halts of both spellings, gaps and a 5:1 split,
/// each in some of the stocks.
pub(crate) fn eventful_market(seed: u64, n_stocks: usize, n_sessions: usize) -> Vec<Series> {
    let mut lcg = Lcg::new(seed);
    (0..n_stocks)
        .map(|_| eventful_stock(&mut lcg, n_sessions))
        .collect()
}

fn eventful_stock(lcg: &mut Lcg, n_sessions: usize) -> Series {
    let listed = if lcg.uniform() < 0.3 {
        lcg.below(n_sessions / 3)
    } else {
        0
    };
    let delisted = if lcg.uniform() < 0.2 {
        n_sessions - lcg.below(n_sessions / 3)
    } else {
        n_sessions
    };
    let split = lcg.below(2 * n_sessions);
    let mut adjusted = 1_000.0 * (1.0 + 50.0 * lcg.uniform());
    let mut untraded_left = 0;
    (0..n_sessions)
        .map(|t| {
            if t < listed || t >= delisted {
                return None;
            }
            let factor = if t < split { 1.0 } else { 5.0 };
            if untraded_left == 0 && lcg.uniform() < 0.01 {
                untraded_left = 1 + lcg.below(8);
            }
            if untraded_left > 0 && t > listed {
                untraded_left -= 1;
                return match lcg.below(3) {
                    0 => None,
                    1 => Some(halted(0.0, adjusted / factor, factor)),
                    _ => Some(halted(adjusted / factor, adjusted / factor, factor)),
                };
            }
            let before = adjusted;
            adjusted *= if lcg.uniform() < 0.002 {
                // A corporate action that nobody recorded.
                [0.5, 1.5][lcg.below(2)]
            } else {
                1.0 + (0.02 * lcg.normal()).clamp(-0.25, 0.25)
            };
            let open = before * (1.0 + 0.005 * lcg.normal());
            let high = open.max(adjusted) * (1.0 + 0.01 * lcg.uniform());
            let low = open.min(adjusted) * (1.0 - 0.01 * lcg.uniform());
            Some(Bar {
                open: open / factor,
                high: high / factor,
                low: low / factor,
                close: adjusted / factor,
                volume: (1_000.0 + 100_000.0 * lcg.uniform()).round() * factor,
                adjustment_factor: factor,
                basis: PriceBasis::AsTraded,
            })
        })
        .collect()
}

fn halted(stated: f64, close: f64, adjustment_factor: f64) -> Bar {
    Bar {
        open: stated,
        high: stated,
        low: stated,
        adjustment_factor,
        ..traded(close, 0.0)
    }
}

/// A quiet walk that trades in every session.
pub(crate) fn quiet_series(seed: u64, n_sessions: usize) -> Series {
    let mut lcg = Lcg::new(seed);
    let mut close = 10_000.0;
    (0..n_sessions)
        .map(|_| {
            close *= 1.0 + 0.01 * lcg.normal();
            Some(traded(close, 1_000.0 + lcg.below(1_000) as f64))
        })
        .collect()
}
