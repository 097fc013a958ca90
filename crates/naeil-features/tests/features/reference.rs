//! Raw indicators against TA-Lib's own values, and the columns against ratios of those.

use std::path::PathBuf;

use naeil_domain::{Bar, BarPanel};
use naeil_features::indicators::{
    atr, bollinger, log_return, macd, moving_average, obv, rsi, stochastic, volatility,
    volume_ratio,
};
use naeil_features::{FeaturePanel, FeatureSpec};
use safetensors::SafeTensors;

use crate::synthetic::{panel, traded};

const N_STOCKS: usize = 4;
const N_SESSIONS: usize = 730;

/// The reference arrays of the development data folder, each `[4, 730]`.
struct Reference(Vec<u8>);

impl Reference {
    /// Reads the file, or says why there is nothing to compare with.
    fn read() -> Option<Self> {
        let default = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        let folder = std::env::var_os("NAEIL_DEV_DATA").map_or_else(default, PathBuf::from);
        let path = folder.join("peer-features/features.safetensors");
        match std::fs::read(&path) {
            Ok(bytes) => Some(Self(bytes)),
            Err(error) => {
                eprintln!(
                    "skipped: no reference values at {}: {error}",
                    path.display()
                );
                None
            }
        }
    }

    fn series(&self, name: &str, stock_idx: usize) -> Vec<f64> {
        let tensors = SafeTensors::deserialize(&self.0).expect("a safetensors file");
        let tensor = tensors.tensor(name).expect("an array of that name");
        assert_eq!(tensor.shape(), [N_STOCKS, N_SESSIONS], "{name}");
        let values = tensor.data().chunks_exact(8);
        values
            .skip(stock_idx * N_SESSIONS)
            .take(N_SESSIONS)
            .map(|bytes| f64::from_le_bytes(bytes.try_into().expect("eight bytes")))
            .collect()
    }

    fn talib(&self, name: &str, stock_idx: usize) -> Vec<f64> {
        self.series(&format!("talib.{name}"), stock_idx)
    }

    fn bars(&self) -> BarPanel {
        let stocks: Vec<_> = (0..N_STOCKS)
            .map(|stock_idx| {
                let [open, high, low, close, volume] = ["open", "high", "low", "close", "volume"]
                    .map(|name| self.series(name, stock_idx));
                let bar = |t: usize| Bar {
                    open: open[t],
                    high: high[t],
                    low: low[t],
                    ..traded(close[t], volume[t])
                };
                (0..N_SESSIONS).map(|t| Some(bar(t))).collect()
            })
            .collect();
        panel(&stocks)
    }
}

/// Equal on every row, `NaN` included, to 1e-9 of the column's greatest magnitude.
fn check(name: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    let known = expected.iter().filter(|x| !x.is_nan());
    let magnitude = known.fold(0.0_f64, |greatest, x| greatest.max(x.abs()));
    assert!(magnitude > 0.0, "{name} has no values to compare");
    for (t, (found, expected)) in found.iter().zip(expected).enumerate() {
        let same = if expected.is_nan() {
            found.is_nan()
        } else {
            (found - expected).abs() <= 1e-9 * magnitude
        };
        assert!(same, "{name} at {t}: {found}, expected {expected}");
    }
}

#[test]
fn raw_indicators_equal_the_reference_on_every_row() {
    let Some(reference) = Reference::read() else {
        return;
    };
    for stock_idx in 0..N_STOCKS {
        let [high, low, close, volume] =
            ["high", "low", "close", "volume"].map(|name| reference.series(name, stock_idx));
        let check = |name: &str, found: &[f64]| {
            check(name, found, &reference.talib(name, stock_idx));
        };
        for period in [5, 20, 60] {
            check(
                &format!("sma{period}"),
                &moving_average::sma(&close, period),
            );
        }
        for period in [12, 26] {
            check(
                &format!("ema{period}"),
                &moving_average::ema(&close, period),
            );
        }
        for period in [1, 5, 20] {
            check(
                &format!("ret{period}"),
                &log_return::log_return(&close, period),
            );
        }
        check("rsi14", &rsi::rsi(&close, 14));
        let macd = macd::macd(&close, 12, 26, 9);
        check("macd", &macd.line);
        check("macd_signal", &macd.signal);
        check("macd_hist", &macd.histogram);
        let bands = bollinger::bollinger(&close, 20, 2.0);
        check("bb_up", &bands.upper);
        check("bb_lo", &bands.lower);
        check("atr14", &atr::atr(&high, &low, &close, 14));
        let stochastic = stochastic::stochastic(&high, &low, &close, 14, 3);
        check("stoch_k", &stochastic.k);
        check("stoch_d", &stochastic.d);
        check("obv", &obv::obv(&close, &volume));
        check("vol20", &volatility::volatility(&close, 20));
        check("vol_ratio", &volume_ratio::volume_ratio(&volume, 20));
    }
}

#[test]
fn columns_equal_hand_worked_ratios_of_the_reference() {
    let Some(reference) = Reference::read() else {
        return;
    };
    let panel = FeaturePanel::compute(&FeatureSpec::v2(), &reference.bars()).unwrap();
    for stock_idx in 0..N_STOCKS {
        let [close, volume] = ["close", "volume"].map(|name| reference.series(name, stock_idx));
        let expected = expected_columns(&|name| reference.talib(name, stock_idx), &close, &volume);
        for t in 0..N_SESSIONS {
            let Some(row) = panel.row(t, stock_idx) else {
                assert!(t < panel.spec().warm_up(), "row {t} is void");
                continue;
            };
            for (name, series) in &expected {
                let names = panel.spec().names();
                let idx = names.iter().position(|n| n == name).unwrap();
                let (found, value) = (f64::from(row[idx]), series[t]);
                // Single precision: half a step of 2^-23 relative, and of the least magnitudes.
                // The column leaves out what lies 200 or more sessions back: 3.6e-7 of the weight.
                let is_cut = *name == "rsi_14" && t >= 214;
                let tolerance = 6e-8 * value.abs() + if is_cut { 4e-7 } else { 1e-9 };
                assert!(
                    (found - value).abs() <= tolerance,
                    "{name} at {t}: {found}, {value}"
                );
            }
        }
    }
}

/// The columns that the reference's series are enough for, and no more than they.
fn expected_columns(
    talib: &dyn Fn(&str) -> Vec<f64>,
    close: &[f64],
    volume: &[f64],
) -> Vec<(&'static str, Vec<f64>)> {
    let map = |name: &str, f: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        let series = talib(name);
        let pairs = series.iter().zip(close);
        pairs.map(|(&x, &close)| f(x, close)).collect()
    };
    let above = |average: f64, close: f64| close / average - 1.0;
    let of_close = |x: f64, close: f64| x / close;
    let centred = |x: f64, _: f64| x / 100.0 - 0.5;
    let same = |x: f64, _: f64| x;
    let (upper, lower) = (talib("bb_up"), talib("bb_lo"));
    let bands: Vec<(f64, f64)> = upper.into_iter().zip(lower).collect();
    // The middle band is the mean of the two others, which stand four deviations apart.
    let middle = |(up, lo): (f64, f64)| (up + lo) / 2.0;
    let deviation = |(up, lo): (f64, f64)| (up - lo) / 4.0;
    let position = bands.iter().zip(close);
    let position =
        position.map(|(&b, close)| ((close - middle(b)) / deviation(b)).clamp(-3.0, 3.0));
    let width = bands.iter().map(|&b| (b.0 - b.1) / middle(b));
    let obv = talib("obv");
    let slope = |t: usize| match t.checked_sub(20) {
        Some(before) => (obv[t] - obv[before]) / volume[before + 1..=t].iter().sum::<f64>(),
        None => f64::NAN,
    };
    vec![
        ("log_return_1", map("ret1", &same)),
        ("log_return_5", map("ret5", &same)),
        ("log_return_20", map("ret20", &same)),
        ("sma_ratio_5", map("sma5", &above)),
        ("sma_ratio_20", map("sma20", &above)),
        ("sma_ratio_60", map("sma60", &above)),
        ("ema_ratio_12", map("ema12", &above)),
        ("ema_ratio_26", map("ema26", &above)),
        ("rsi_14", map("rsi14", &centred)),
        ("macd_line", map("macd", &of_close)),
        ("macd_histogram", map("macd_hist", &of_close)),
        ("bollinger_position", position.collect()),
        ("bollinger_width", width.collect()),
        ("atr_ratio_14", map("atr14", &of_close)),
        ("stochastic_k_14", map("stoch_k", &centred)),
        ("stochastic_d_3", map("stoch_d", &centred)),
        ("volatility_20", map("vol20", &same)),
        (
            "volume_ratio_1_20",
            map("vol_ratio", &|x, _| x.ln().clamp(-5.0, 5.0)),
        ),
        ("obv_slope_20", (0..close.len()).map(slope).collect()),
    ]
}
