//! Features of a whole market.

use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use naeil_domain::{BarPanel, Session, TradingCalendar};
use naeil_features::indicators::{RawBars, RawIndicator, RawTable};
use naeil_features::{FeaturePanel, FeatureSpec, FeatureStream, Form, SERVING_SESSIONS};
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_tests::figures::{Times, head, row};

use crate::peers::Peers;

const N_STOCKS: usize = 2_500;
const N_SESSIONS: usize = 730;
const ROUNDS: usize = 7;

/// The race, then what the product itself computes.
pub(super) fn bench() -> anyhow::Result<()> {
    let market = Market::simulated()?;
    race(&market)?;
    profile(&market)?;
    panels(&market.panel)
}

/// Gapless series of the simulated market, as vendors' files hold them, and the panel they make.
struct Market {
    panel: BarPanel,
    /// open, high, low, close, volume; each `[stock, session]`.
    series: [Vec<f64>; 5],
}

impl Market {
    fn simulated() -> anyhow::Result<Self> {
        let config = MarketConfig {
            n_stocks: N_STOCKS,
            n_sessions: N_SESSIONS,
            until: Session::parse("2026-11-20")?,
            ..MarketConfig::default()
        };
        let panel = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?.panel();
        let series = gapless(&panel);
        Ok(Self { panel, series })
    }

    fn bars(&self) -> RawBars<'_> {
        let [open, high, low, close, volume] = &self.series;
        RawBars {
            open,
            high,
            low,
            close,
            volume,
        }
    }

    /// The first so many stocks alone.
    fn bars_of(&self, n_stocks: usize) -> RawBars<'_> {
        let [open, high, low, close, volume] =
            std::array::from_fn(|i| &self.series[i][..n_stocks * N_SESSIONS]);
        RawBars {
            open,
            high,
            low,
            close,
            volume,
        }
    }

    fn n_stocks(&self) -> usize {
        self.series[0].len() / N_SESSIONS
    }
}

/// The stocks with a bar in every session, repeated until there are [`N_STOCKS`]: peers take series
/// without gaps, and a halt would be one.
fn gapless(panel: &BarPanel) -> [Vec<f64>; 5] {
    let whole: Vec<_> = (0..panel.stocks().len())
        .map(|stock_idx| panel.stock_bars(stock_idx))
        .filter(|bars| bars.volume.iter().all(|&volume| volume > 0.0))
        .collect();
    let column = |pick: fn(&naeil_domain::bar_panel::StockBars<'_>) -> Vec<f64>| -> Vec<f64> {
        whole.iter().cycle().take(N_STOCKS).flat_map(pick).collect()
    };
    [
        column(|bars| bars.open.to_vec()),
        column(|bars| bars.high.to_vec()),
        column(|bars| bars.low.to_vec()),
        column(|bars| bars.close.to_vec()),
        column(|bars| bars.volume.to_vec()),
    ]
}

/// The columns of the race, in the order of the peers' script.
fn columns() -> Vec<RawIndicator> {
    use RawIndicator::*;
    let (fast, slow, signal) = (12, 26, 9);
    let (period, deviations) = (20, 2.0);
    vec![
        Sma { period: 5 },
        Sma { period: 20 },
        Sma { period: 60 },
        Ema { period: 12 },
        Ema { period: 26 },
        Rsi { period: 14 },
        MacdLine { fast, slow, signal },
        MacdSignal { fast, slow, signal },
        MacdHistogram { fast, slow, signal },
        BollingerUpper { period, deviations },
        BollingerLower { period, deviations },
        Atr { period: 14 },
        StochasticK {
            period: 14,
            smoothing: 3,
        },
        StochasticD {
            period: 14,
            smoothing: 3,
        },
        Obv,
        LogReturn { period: 1 },
        LogReturn { period: 5 },
        LogReturn { period: 20 },
        Volatility { period: 20 },
        VolumeRatio { period: 20 },
    ]
}

fn race(market: &Market) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    for (name, series) in ["open", "high", "low", "close", "volume"]
        .iter()
        .zip(&market.series)
    {
        let bytes: Vec<u8> = series.iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(folder.path().join(format!("{name}.f64")), bytes)?;
    }
    let mut peers = Peers::start(folder.path(), market.n_stocks())?;
    let table = RawTable::new(&columns());
    let mut out = vec![0.0; table.n_columns() * market.series[0].len()];
    let (mut ours, mut talib, mut polars) = (Vec::new(), Vec::new(), Vec::new());
    // The first round warms all of them up.
    for round in 0..=ROUNDS {
        let started = Instant::now();
        table.compute(&market.bars(), N_SESSIONS, &mut out);
        let taken = [
            started.elapsed().as_secs_f64(),
            peers.seconds("talib")?,
            peers.seconds("polars")?,
        ];
        if round > 0 {
            ours.push(taken[0]);
            talib.push(taken[1]);
            polars.push(taken[2]);
        }
    }
    peers.save()?;
    let difference = greatest_difference(&out, &folder.path().join("talib.f64"), market)?;
    ensure!(
        difference < 1e-9,
        "the columns are not TA-Lib's: {difference:e} of a column's magnitude apart"
    );

    head(
        &format!("Features: 20 columns of {N_STOCKS} stocks x {N_SESSIONS} sessions"),
        &["who", "median ms (min to max)", "ours is faster by"],
    );
    let (ours, talib, polars) = (Times::new(ours), Times::new(talib), Times::new(polars));
    let ratio = |peer: &Times| format!("{:.1}x", peer.median() / ours.median());
    row(&["naeil, `RawTable`", &ours.milliseconds(), ""]);
    row(&[
        "TA-Lib 0.8.2, a loop over tickers",
        &talib.milliseconds(),
        &ratio(&talib),
    ]);
    row(&["polars 2.1.0", &polars.milliseconds(), &ratio(&polars)]);
    row(&[
        "greatest difference from TA-Lib, of a column's magnitude",
        &format!("{difference:.1e}"),
        "",
    ]);
    Ok(())
}

/// Stocks whose bars and columns stay in the second-level cache.
const N_CACHED: usize = 4;

/// Where the time of the race goes: one thread, families of columns apart, and memory alone.
fn profile(market: &Market) -> anyhow::Result<()> {
    use RawIndicator::*;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    head(
        "Features: where the time of the 20 columns goes, on one thread",
        &[
            "what",
            "stocks",
            "microseconds a stock, median (min to max)",
        ],
    );
    let is_recursive = |column: &RawIndicator| {
        matches!(
            column,
            Ema { .. }
                | Rsi { .. }
                | MacdLine { .. }
                | MacdSignal { .. }
                | MacdHistogram { .. }
                | Atr { .. }
        )
    };
    let (recursive, others): (Vec<_>, Vec<_>) = columns().into_iter().partition(is_recursive);
    let families = [
        ("all 20", columns(), N_CACHED),
        (
            "the 7 that recur (EMA, RSI, MACD, ATR)",
            recursive,
            N_CACHED,
        ),
        ("the other 13", others, N_CACHED),
        ("all 20", columns(), market.n_stocks()),
    ];
    for (what, columns, n_stocks) in families {
        let table = RawTable::new(&columns);
        let bars = market.bars_of(n_stocks);
        let mut out = vec![0.0; columns.len() * n_stocks * N_SESSIONS];
        // Short work is repeated until a clock can see it.
        let repeats = (market.n_stocks() / n_stocks).min(100);
        let times = pool.install(|| {
            Times::of(ROUNDS, || {
                for _ in 0..repeats {
                    table.compute(&bars, N_SESSIONS, &mut out);
                }
            })
        });
        let cell = times.microseconds_each(repeats * n_stocks);
        row(&[what, &n_stocks.to_string(), &cell]);
    }
    let mut out = vec![0.0; columns().len() * market.series[0].len()];
    let mut value = 0.0;
    let times = Times::of(ROUNDS, || {
        value += 1.0;
        out.fill(value);
        out[0]
    });
    let cell = times.microseconds_each(market.n_stocks());
    let what = "nothing computed, as many values written";
    row(&[what, &market.n_stocks().to_string(), &cell]);
    Ok(())
}

/// How far our columns lie from TA-Lib's, as a share of the greatest value of each.
fn greatest_difference(ours: &[f64], theirs: &Path, market: &Market) -> anyhow::Result<f64> {
    let bytes = std::fs::read(theirs)?;
    let (numbers, _) = bytes.as_chunks::<8>();
    ensure!(numbers.len() == ours.len(), "TA-Lib wrote another shape");
    let theirs: Vec<f64> = numbers
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect();
    let n = market.series[0].len();
    let mut greatest = 0.0_f64;
    for ((indicator, ours), theirs) in columns()
        .iter()
        .zip(ours.chunks_exact(n))
        .zip(theirs.chunks_exact(n))
    {
        let magnitude = theirs
            .iter()
            .filter(|x| !x.is_nan())
            .fold(0.0, |m: f64, x| m.max(x.abs()));
        for (i, (x, y)) in ours.iter().zip(theirs).enumerate() {
            // TA-Lib's balance begins with the first volume, ours with 0.
            let first = match indicator {
                RawIndicator::Obv => market.series[4][i / N_SESSIONS * N_SESSIONS],
                _ => 0.0,
            };
            ensure!(
                x.is_nan() == y.is_nan(),
                "{indicator:?} begins elsewhere than TA-Lib's: {x}, {y}"
            );
            if !x.is_nan() {
                greatest = greatest.max((x - (y - first)).abs() / magnitude);
            }
        }
    }
    Ok(greatest)
}

/// What training, serving and a new session cost.
fn panels(bars: &BarPanel) -> anyhow::Result<()> {
    let spec = FeatureSpec::v2();
    let n_columns = spec.n_columns();
    head(
        &format!("Features: the default spec, {n_columns} columns, ranks included"),
        &["what", "size", "median ms (min to max)"],
    );
    let size = |sessions: usize| format!("{} stocks x {sessions} sessions", bars.stocks().len());
    let whole = Times::of(5, || {
        FeaturePanel::compute(&spec, bars).map(|panel| panel.stocks().len())
    });
    row(&["whole panel", &size(N_SESSIONS), &whole.milliseconds()]);
    let read = bars.last_sessions(SERVING_SESSIONS);
    let kept = Times::of(5, || {
        FeaturePanel::compute_last(&spec, &read, spec.lookback()).map(|panel| panel.stocks().len())
    });
    row(&[
        &format!(
            "a server's panel: reads {SERVING_SESSIONS} sessions, keeps {}",
            spec.lookback()
        ),
        &size(SERVING_SESSIONS),
        &kept.milliseconds(),
    ]);

    let raw = spec
        .columns()
        .iter()
        .filter(|column| column.form == Form::Raw);
    let raw = FeatureSpec::new(spec.lookback(), spec.max_untraded(), raw.cloned().collect())?;
    for (what, spec) in [
        ("the newest session, incrementally", &spec),
        ("the same without ranks", &raw),
    ] {
        row(&[what, &size(1), &newest(spec, bars)?.milliseconds()]);
    }
    Ok(())
}

/// What the last sessions cost, each pushed onto the history before it.
fn newest(spec: &FeatureSpec, bars: &BarPanel) -> anyhow::Result<Times> {
    const N_NEW: usize = 25;
    let sessions = bars.sessions();
    let first_new = sessions.len() - N_NEW;
    let mut stream = FeatureStream::new(spec, &bars.truncated_after(sessions[first_new - 1]))?;
    let mut seconds = Vec::new();
    for &session in &sessions[first_new..] {
        let newest = bars.truncated_after(session).last_sessions(1);
        let started = Instant::now();
        stream.push(&newest)?;
        seconds.push(started.elapsed().as_secs_f64());
    }
    Ok(Times::new(seconds))
}
