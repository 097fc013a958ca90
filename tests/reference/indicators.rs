//! Every public indicator and every column of the default feature spec, on recorded bars with their
//! halts, splits and short lives, against TA-Lib, numpy, pandas and SciPy.
//!
//! Seeds of recursions are TA-Lib's: an exponential average begins with the simple mean of its
//! first `period` values, Wilder's average with that of the first `period` changes or true ranges,
//! both averages of MACD in the session in which the slower one begins.

use std::collections::BTreeMap;
use std::path::Path;

use naeil_domain::BarPanel;
use naeil_features::indicators::{
    atr, bollinger, log_return, macd, moving_average, obv, rsi, stochastic, volatility,
    volume_ratio,
};
use naeil_features::{FeaturePanel, FeatureSpec, Form};
use serde_json::json;

use crate::{bars, python};

/// Of a column's greatest magnitude in one stock.
const TOLERANCE: f64 = 1e-9;

/// The panel keeps its values in single precision: half a unit in the last place.
const SINGLE_PRECISION: f64 = 5.97e-8;

/// What the script computed, by name; each `[stock, session]`.
struct Reference {
    n_sessions: usize,
    series: BTreeMap<String, Vec<f64>>,
}

impl Reference {
    fn of(bars: &BarPanel, spec: &FeatureSpec) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        };
        let (n_stocks, n_sessions) = (bars.stocks().len(), bars.sessions().len());
        let shape = json!({"stocks": n_stocks, "sessions": n_sessions});
        write("shape.json", shape.to_string().as_bytes());
        write("spec.json", spec.to_json().as_bytes());
        let mut columns: [Vec<u8>; 5] = Default::default();
        for stock_idx in 0..n_stocks {
            let stock = bars.stock_bars(stock_idx);
            let series = [stock.open, stock.high, stock.low, stock.close, stock.volume];
            for (column, series) in columns.iter_mut().zip(series) {
                column.extend(series.iter().flat_map(|value| value.to_le_bytes()));
            }
        }
        for (name, bytes) in ["open", "high", "low", "close", "volume"]
            .iter()
            .zip(&columns)
        {
            write(&format!("{name}.f64"), bytes);
        }
        python::run("indicators.py", [folder.path()]);
        Self {
            n_sessions,
            series: read_all(folder.path()),
        }
    }

    fn stock(&self, name: &str, stock_idx: usize) -> &[f64] {
        let series = self
            .series
            .get(name)
            .unwrap_or_else(|| panic!("no reference for {name}"));
        &series[stock_idx * self.n_sessions..][..self.n_sessions]
    }

    /// The sessions of a stock's life: from its first bar to its last.
    fn life(&self, stock_idx: usize) -> std::ops::Range<usize> {
        let close = self.stock("carried.close", stock_idx);
        let first = close.iter().position(|value| !value.is_nan()).unwrap();
        let last = close.iter().rposition(|value| !value.is_nan()).unwrap();
        first..last + 1
    }
}

fn read_all(folder: &Path) -> BTreeMap<String, Vec<f64>> {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "f64"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let bytes = std::fs::read(&path).unwrap();
            let values = bytes.chunks_exact(8);
            let values = values.map(|value| f64::from_le_bytes(value.try_into().unwrap()));
            (name, values.collect())
        })
        .collect()
}

fn magnitude(values: &[f64]) -> f64 {
    let known = values.iter().filter(|value| !value.is_nan());
    known.fold(0.0_f64, |greatest, value| greatest.max(value.abs()))
}

/// Equal in every session, `NaN` included; gives the greatest distance as a share of the magnitude.
fn distance(what: &str, found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len(), "{what}");
    let magnitude = magnitude(expected).max(f64::MIN_POSITIVE);
    let mut greatest = 0.0_f64;
    for (t, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(
            found.is_nan(),
            expected.is_nan(),
            "{what} in session {t} of the stock's life: {found}, expected {expected}"
        );
        if !found.is_nan() {
            let distance = (found - expected).abs() / magnitude;
            assert!(
                distance <= TOLERANCE,
                "{what} in session {t} of the stock's life: {found}, expected {expected}"
            );
            greatest = greatest.max(distance);
        }
    }
    greatest
}

/// The raw indicators, by the script's names.
fn raw_indicators(bars: &Carried<'_>) -> Vec<(String, Vec<f64>)> {
    let &Carried {
        high,
        low,
        close,
        volume,
    } = bars;
    let mut found = vec![
        ("obv".to_owned(), obv::obv(close, volume)),
        (
            "volume_ratio_20".to_owned(),
            volume_ratio::volume_ratio(volume, 20),
        ),
        ("atr_14".to_owned(), atr::atr(high, low, close, 14)),
    ];
    let mut add = |name: &str, series: Vec<f64>| found.push((name.to_owned(), series));
    for period in [1, 2, 3, 5, 10, 20, 60] {
        add(
            &format!("log_return_{period}"),
            log_return::log_return(close, period),
        );
    }
    for period in [5, 10, 20, 60] {
        add(&format!("sma_{period}"), moving_average::sma(close, period));
    }
    for period in [12, 26] {
        add(&format!("ema_{period}"), moving_average::ema(close, period));
    }
    for period in [5, 14] {
        add(&format!("rsi_{period}"), rsi::rsi(close, period));
    }
    for period in [5, 20, 60] {
        add(
            &format!("volatility_{period}"),
            volatility::volatility(close, period),
        );
    }
    let macd = macd::macd(close, 12, 26, 9);
    add("macd_line", macd.line);
    add("macd_signal", macd.signal);
    add("macd_histogram", macd.histogram);
    let bands = bollinger::bollinger(close, 20, 2.0);
    add("bollinger_upper", bands.upper);
    add("bollinger_middle", bands.middle);
    add("bollinger_lower", bands.lower);
    let stochastic = stochastic::stochastic(high, low, close, 14, 3);
    add("stochastic_k", stochastic.k);
    add("stochastic_d", stochastic.d);
    found
}

struct Carried<'a> {
    high: &'a [f64],
    low: &'a [f64],
    close: &'a [f64],
    volume: &'a [f64],
}

#[test]
fn indicators_and_columns_equal_their_references() {
    let bars = bars::panel();
    let spec = FeatureSpec::v2();
    let reference = Reference::of(&bars, &spec);
    let panel = FeaturePanel::compute(&spec, &bars).unwrap();
    let mut greatest: BTreeMap<String, f64> = BTreeMap::new();
    let mut n_rows = 0;
    for (stock_idx, stock) in bars.stocks().iter().enumerate() {
        let life = reference.life(stock_idx);
        let carried = |name: &str| &reference.stock(name, stock_idx)[life.clone()];
        let found = raw_indicators(&Carried {
            high: carried("carried.high"),
            low: carried("carried.low"),
            close: carried("carried.close"),
            volume: carried("carried.volume"),
        });
        for (name, series) in found {
            let expected = carried(&format!("raw.{name}"));
            let distance = distance(&format!("{name} of {}", stock.code), &series, expected);
            let seen = greatest.entry(name).or_default();
            *seen = seen.max(distance);
        }
        n_rows += compare_columns(&panel, &reference, stock_idx);
    }
    eprintln!("{n_rows} rows of {} columns agree", spec.n_columns());
    for (name, distance) in greatest {
        eprintln!("{name}: {distance:.1e} of its magnitude at most");
    }
    assert!(n_rows > 10_000, "{n_rows} rows");
}

/// Compares the panel's raw columns; gives the number of rows.
fn compare_columns(panel: &FeaturePanel, reference: &Reference, stock_idx: usize) -> usize {
    let code = &panel.stocks()[stock_idx].code;
    let raw: Vec<(usize, &str, &[f64])> = panel
        .spec()
        .columns()
        .iter()
        .enumerate()
        .filter(|(_, column)| column.form == Form::Raw)
        .map(|(idx, column)| {
            let expected = reference.stock(&format!("column.{idx}"), stock_idx);
            (idx, column.name.as_str(), expected)
        })
        .collect();
    let magnitudes: Vec<f64> = raw
        .iter()
        .map(|(.., expected)| magnitude(expected))
        .collect();
    let mut n_rows = 0;
    for session_idx in 0..panel.sessions().len() {
        let Some(row) = panel.row(session_idx, stock_idx) else {
            continue;
        };
        n_rows += 1;
        for ((idx, name, expected), magnitude) in raw.iter().zip(&magnitudes) {
            let (found, expected) = (f64::from(row[*idx]), expected[session_idx]);
            let allowed = TOLERANCE * magnitude + SINGLE_PRECISION * expected.abs();
            assert!(
                (found - expected).abs() <= allowed,
                "{name} of {code} on {}: {found}, expected {expected}",
                panel.sessions()[session_idx]
            );
        }
    }
    n_rows
}
