//! Every column against its definition, written out window by window with the standard library.

use super::{Indicator, compute, indicators, is_close, magnitude, test_bars};
use crate::carried::CarriedBars;

fn mean(window: &[f64]) -> f64 {
    window.iter().sum::<f64>() / window.len() as f64
}

/// Mean of the distances from the mean, to a power.
fn central(window: &[f64], power: i32) -> f64 {
    let mean = mean(window);
    let powers: Vec<f64> = window.iter().map(|x| (x - mean).powi(power)).collect();
    self::mean(&powers)
}

fn sample_deviation(window: &[f64]) -> f64 {
    let n = window.len() as f64;
    (central(window, 2) * n / (n - 1.0)).sqrt()
}

fn highest(window: &[f64]) -> f64 {
    window.iter().copied().fold(f64::MIN, f64::max)
}

fn lowest(window: &[f64]) -> f64 {
    window.iter().copied().fold(f64::MAX, f64::min)
}

/// Exponential average of `x`, the mean of the first `count` values standing in session
/// `count - 1`.
fn average(x: &[f64], weight: f64, count: usize) -> Vec<f64> {
    let mut series = vec![f64::NAN; x.len()];
    let mut value = mean(&x[..count]);
    series[count - 1] = value;
    for t in count..x.len() {
        value = weight * x[t] + (1.0 - weight) * value;
        series[t] = value;
    }
    series
}

fn place(x: f64, low: f64, high: f64) -> f64 {
    if high > low {
        (x - low) / (high - low) - 0.5
    } else {
        0.0
    }
}

/// The column's value in session `t`, from the whole life before it.
fn defined(indicator: Indicator, bars: &CarriedBars, t: usize) -> f64 {
    let (close, volume) = (&bars.close[..=t], &bars.volume[..=t]);
    let last = |series: &[f64], period: usize| series[series.len() - period..].to_vec();
    let now = close[t];
    let returns: Vec<f64> = close.windows(2).map(|w| (w[1] / w[0]).ln()).collect();
    let ema = |period: usize, skipped: usize| {
        average(&close[skipped..], 2.0 / (period as f64 + 1.0), period)
    };
    let line = |fast: usize, slow: usize| -> Vec<f64> {
        let (fast, slow) = (ema(fast, slow - fast), ema(slow, 0));
        // The fast one is shorter by the closes that it skipped.
        let skipped = slow.len() - fast.len();
        let lines = fast.iter().zip(&slow[skipped..]).map(|(f, s)| f - s);
        lines.filter(|x| !x.is_nan()).collect()
    };
    let changes: Vec<f64> = close.windows(2).map(|w| w[1] - w[0]).collect();
    let wilder =
        |x: Vec<f64>, period: usize| *average(&x, 1.0 / period as f64, period).last().unwrap();
    match indicator {
        Indicator::LogReturn { period } => (now / close[t - period]).ln(),
        Indicator::SmaRatio { period } => now / mean(&last(close, period)) - 1.0,
        Indicator::EmaRatio { period } => now / ema(period, 0)[t] - 1.0,
        Indicator::Rsi { period } => {
            // What lies 200 or more sessions back is left out.
            let known = |moves: Vec<f64>| {
                let series = average(&moves, 1.0 / period as f64, period);
                let before = (series.len() > 200).then(|| series[series.len() - 201]);
                let before = before.filter(|mean| !mean.is_nan()).unwrap_or(0.0);
                series[series.len() - 1] - (1.0 - 1.0 / period as f64).powi(200) * before
            };
            let gain = known(changes.iter().map(|x| x.max(0.0)).collect());
            let loss = known(changes.iter().map(|x| (-x).max(0.0)).collect());
            let at_rest = changes.iter().rev().take_while(|x| **x == 0.0).count();
            if gain + loss == 0.0 || at_rest >= 5 * period {
                0.0
            } else {
                gain / (gain + loss) - 0.5
            }
        }
        Indicator::MacdLine { fast, slow } => line(fast, slow).last().unwrap() / now,
        Indicator::MacdHistogram { fast, slow, signal } => {
            let line = line(fast, slow);
            let signal = average(&line, 2.0 / (signal as f64 + 1.0), signal);
            (line.last().unwrap() - signal.last().unwrap()) / now
        }
        Indicator::BollingerPosition { period } => {
            let window = last(close, period);
            let deviation = central(&window, 2).sqrt();
            if highest(&window) == lowest(&window) {
                0.0
            } else {
                ((now - mean(&window)) / deviation).clamp(-3.0, 3.0)
            }
        }
        Indicator::BollingerWidth { period, deviations } => {
            let window = last(close, period);
            2.0 * deviations * central(&window, 2).sqrt() / mean(&window)
        }
        Indicator::AtrRatio { period } => {
            let range = |i: usize| {
                let before = close[i - 1];
                let (high, low) = (bars.high[i], bars.low[i]);
                (high - low)
                    .max((high - before).abs())
                    .max((low - before).abs())
            };
            wilder((1..=t).map(range).collect(), period) / now
        }
        Indicator::StochasticK { period } => {
            let low = lowest(&last(&bars.low[..=t], period));
            place(now, low, highest(&last(&bars.high[..=t], period)))
        }
        Indicator::StochasticD { period, smoothing } => {
            let k = |t: usize| defined(Indicator::StochasticK { period }, bars, t);
            mean(&(t + 1 - smoothing..=t).map(k).collect::<Vec<f64>>())
        }
        Indicator::ObvSlope { period } => {
            let days = t + 1 - period..=t;
            let total: f64 = volume[days.clone()].iter().sum();
            let signed =
                |i: usize| volume[i] * changes[i - 1].partial_cmp(&0.0).unwrap() as i8 as f64;
            if total == 0.0 {
                0.0
            } else {
                days.map(signed).sum::<f64>() / total
            }
        }
        Indicator::Volatility { period } => sample_deviation(&last(&returns, period)),
        Indicator::VolatilityRatio { short, long } => {
            let [short, long] = [short, long].map(|period| last(&returns, period));
            if highest(&long) == lowest(&long) {
                0.0
            } else {
                (sample_deviation(&short) / sample_deviation(&long))
                    .ln()
                    .clamp(-5.0, 5.0)
            }
        }
        Indicator::LogVolumeRatio { short, long } => {
            let [short, long] = [short, long].map(|period| mean(&last(volume, period)));
            if long == 0.0 {
                0.0
            } else {
                (short / long).ln().clamp(-5.0, 5.0)
            }
        }
        Indicator::Gap {} => (bars.open[t] / close[t - 1]).ln(),
        Indicator::Range {} => (bars.high[t] / bars.low[t]).ln(),
        Indicator::BarPosition {} => place(now, bars.low[t], bars.high[t]),
        Indicator::HighToClose {} => (bars.high[t] / now).ln(),
        Indicator::LowToClose {} => (bars.low[t] / now).ln(),
        Indicator::LargestReturn { period } => highest(&last(&returns, period)),
        Indicator::SmallestReturn { period } => lowest(&last(&returns, period)),
        Indicator::ZeroShare { period } => {
            let zeros = last(&changes, period).iter().filter(|x| **x == 0.0).count();
            zeros as f64 / period as f64
        }
        Indicator::Skew { period } => {
            let window = last(&returns, period);
            if highest(&window) == lowest(&window) {
                0.0
            } else {
                central(&window, 3) / central(&window, 2).powf(1.5)
            }
        }
    }
}

#[test]
fn every_column_is_what_its_definition_says() {
    for seed in 0..4 {
        let bars = test_bars::life(seed, 240);
        let columns = compute(&bars);
        for ((name, indicator), column) in indicators().into_iter().zip(columns) {
            let magnitude = magnitude(&column);
            for (t, &found) in column.iter().enumerate() {
                if t < indicator.warm_up() {
                    assert!(found.is_nan(), "{name} at {t} is in its warm-up");
                    continue;
                }
                let expected = defined(indicator, &bars, t);
                assert!(
                    is_close(found, expected, 1e-9, magnitude),
                    "{name} at {t} of life {seed}: {found}, expected {expected}"
                );
            }
        }
    }
}
