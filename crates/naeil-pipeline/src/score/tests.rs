use naeil_domain::BarPanel;
use naeil_domain::ports::{Forecasts, WindowBatch, WindowShape};
use naeil_features::FeatureSpec;

use super::*;
use crate::testing::{N_SESSIONS, small_market};

/// Every stock of the small market.
const ALL: [usize; 6] = [0, 1, 2, 3, 4, 5];

/// Answers each window with numbers made from its wide part, and remembers the batches.
struct LastRow {
    shape: WindowShape,
    batches: Vec<usize>,
}

impl LastRow {
    fn answer(last_row: &[f32]) -> [HorizonForecast; Horizon::COUNT] {
        let sum = f64::from(last_row.iter().sum::<f32>());
        [1.0, 2.0, 4.0].map(|factor| HorizonForecast::of_direction(factor * sum))
    }
}

impl Forecaster for LastRow {
    fn shape(&self) -> &WindowShape {
        &self.shape
    }

    fn forecast(&mut self, windows: &WindowBatch) -> Result<Forecasts, ForecastError> {
        self.batches.push(windows.n_windows);
        let rows = windows.wide.chunks_exact(self.shape.n_columns);
        Ok(Forecasts {
            rows: rows.map(Self::answer).collect(),
        })
    }
}

fn features(bars: &BarPanel) -> (FeaturePanel, Labels) {
    let panel = FeaturePanel::compute(&FeatureSpec::v2(), bars).unwrap();
    (panel, Labels::compute(bars))
}

#[test]
fn every_row_has_its_own_forecast_outcome_and_last_return() {
    let bars = small_market(N_SESSIONS, 3);
    let (panel, labels) = features(&bars);
    let mut model = LastRow {
        shape: WindowShape {
            seq_length: 3,
            sequence_columns: vec![1, 4],
            n_columns: panel.spec().n_columns(),
        },
        batches: Vec::new(),
    };
    let sessions = 170..N_SESSIONS;
    let rows = score_rows(&mut model, &panel, &labels, sessions.clone(), &ALL).unwrap();
    // Six stocks without a gap; the last h sessions have no outcome. The windows of the last
    // session have none at any horizon and are never asked for.
    let n_windows = 6 * (sessions.len() - 1);
    assert_eq!(
        rows.each_ref().map(Vec::len),
        [1, 5, 20].map(|h| 6 * (sessions.len() - h))
    );
    assert_eq!(model.batches, [256, n_windows - 256]);

    for horizon in Horizon::ALL {
        for (i, row) in rows[horizon.index()].iter().enumerate() {
            let (session_idx, stock_idx) = (170 + i / 6, i % 6);
            assert_eq!(row.session_idx as usize, session_idx);
            let last_row = panel.row(session_idx, stock_idx).unwrap();
            let expected = LastRow::answer(last_row)[horizon.index()];
            assert_eq!(row.forecast, expected);
            assert_eq!(row.stock_idx as usize, stock_idx);
            let close = bars.stock_bars(stock_idx).close;
            let forward = close[session_idx + horizon.steps()] / close[session_idx] - 1.0;
            let last = close[session_idx] / close[session_idx - 1] - 1.0;
            assert!((row.forward_return - forward).abs() < 1e-6);
            assert!((row.last_return - last).abs() < 1e-6);
        }
    }
}

#[test]
fn rates_are_those_of_the_training_rows() {
    let bars = small_market(N_SESSIONS, 3);
    let (panel, labels) = features(&bars);
    let rates = training_rates(&panel, &labels, 0..200, &ALL)[0].unwrap();
    // Counted again from the closes, on sessions whose window is complete.
    let spec = FeatureSpec::v2();
    let first = spec.warm_up() + spec.lookback() - 1;
    let (mut ups, mut n, mut ups_after_rise, mut rises) = (0, 0, 0, 0);
    for stock_idx in 0..6 {
        let close = bars.stock_bars(stock_idx).close;
        for t in first..200 {
            let is_up = u32::from(close[t + 1] > close[t]);
            let rose = u32::from(close[t] > close[t - 1]);
            (ups, n) = (ups + is_up, n + 1);
            (ups_after_rise, rises) = (ups_after_rise + rose * is_up, rises + rose);
        }
    }
    assert_eq!(rates.base_rate, f64::from(ups) / f64::from(n));
    assert_eq!(
        rates.up_after_rise,
        f64::from(ups_after_rise) / f64::from(rises)
    );
    assert_eq!(training_rates(&panel, &labels, 0..first, &ALL), [None; 3]);
}
