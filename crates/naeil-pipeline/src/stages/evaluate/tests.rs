use std::ops::Range;

use naeil_domain::ports::{ForecastError, Forecasts, WindowShape};
use naeil_domain::{Baseline, DataOrigin, Digest, HorizonForecast, Session, Thresholds};
use naeil_features::FeatureSpec;

use super::*;
use crate::config::CalibrationSettings;
use crate::snapshot::BarSnapshot;
use crate::split::plan_split;
use crate::testing::{N_SESSIONS, quick_config, small_market};

/// Says the last session's log return, the spec's first column, as its direction; and orders stocks
/// the other way round.
struct LastReturn(WindowShape);

impl LastReturn {
    fn new(dataset: &Dataset) -> Self {
        Self(WindowShape {
            seq_length: 2,
            sequence_columns: vec![0],
            n_columns: dataset.panel.spec().n_columns(),
        })
    }
}

impl Forecaster for LastReturn {
    fn shape(&self) -> &WindowShape {
        &self.0
    }

    fn forecast(&mut self, windows: &WindowBatch) -> Result<Forecasts, ForecastError> {
        let forecast = |wide: &[f32]| {
            let last_return = f64::from(wide[0]);
            [HorizonForecast {
                relative: -last_return,
                ..HorizonForecast::of_direction(last_return)
            }; Horizon::COUNT]
        };
        let rows = windows.wide.chunks_exact(self.0.n_columns);
        Ok(Forecasts {
            rows: rows.map(forecast).collect(),
        })
    }
}

/// Training is sessions 0 to 164, validation 185 to 204, test 225 to 249; six stocks always trade.
fn dataset() -> Dataset {
    let bars = small_market(N_SESSIONS, 5);
    let spec = FeatureSpec::v2();
    let split = plan_split(bars.sessions(), &spec, &quick_config()).unwrap();
    let snapshot = BarSnapshot {
        bars,
        universe: (0..6).collect(),
        exchange: naeil_domain::Exchange::Krx,
        origin: DataOrigin::Simulated,
        revision: 1,
        as_known_at: chrono::DateTime::UNIX_EPOCH,
        digest: Digest::of(b"bars"),
    };
    Dataset::compute(snapshot, &spec, split).unwrap()
}

#[test]
fn the_policy_is_fitted_on_the_validation_window_alone() {
    let dataset = dataset();
    let rows = unseen_rows(&mut LastReturn::new(&dataset), &dataset).unwrap();
    let part = naeil_domain::HorizonCalibration {
        intercept: 0.001,
        slope: 0.5,
        interval: None,
    };
    let through = Session::parse("2024-01-02").unwrap();
    let calibration = Calibration::new(through, 20, [part; Horizon::COUNT]).unwrap();
    let policy = fit_policy(PolicyMode::Fitted, &calibration, &rows, &dataset);
    // 20 sessions of six stocks are 120 answers, of which 48 may be directional: the limit is the
    // 48th greatest distance from one half.
    let mut distances: Vec<f64> = (185..205)
        .flat_map(|session_idx| (0..6).map(move |stock_idx| (session_idx, stock_idx)))
        .map(|(session_idx, stock_idx)| {
            let row = dataset.panel.row(session_idx, stock_idx).unwrap();
            let logit = 0.001 + 0.5 * f64::from(row[0]);
            (1.0 / (1.0 + (-logit).exp()) - 0.5).abs()
        })
        .collect();
    distances.sort_by(|a, b| b.total_cmp(a));
    for horizon in Horizon::ALL {
        let Thresholds { up, down } = policy.thresholds(horizon);
        assert!((up.unwrap() - (0.5 + distances[47])).abs() < 1e-12);
        assert!((down.unwrap() - (0.5 - distances[47])).abs() < 1e-12);
    }
    let fixed = fit_policy(PolicyMode::Fixed, &calibration, &rows, &dataset);
    assert_eq!(fixed, DecisionPolicy::fixed());
}

#[test]
fn the_test_window_is_scored_and_the_baselines_know_the_training_window() {
    let dataset = dataset();
    let rows = unseen_rows(&mut LastReturn::new(&dataset), &dataset).unwrap();
    let calibrated = Calibrated::as_time_goes(&rows, &CalibrationSettings::default());
    let report = report(&calibrated, &rows, &dataset).unwrap();
    let sessions = dataset.panel.sessions();
    assert_eq!(report.first_session, sessions[225]);
    assert_eq!(report.last_session, sessions[249]);
    // Of 25 sessions, 24, 20 and 5 have an outcome at 1, 5 and 20 sessions.
    let counts: Vec<_> = report
        .horizons
        .iter()
        .map(|h| (h.n_sessions, h.n_rows))
        .collect();
    assert_eq!(counts, [(24, 144), (20, 120), (5, 30)]);

    // Shares of rises by the closes: in training from the first complete window, session 118, on.
    let share_of_rises = |sessions: Range<usize>| {
        let mut rises = 0.0;
        let n = (sessions.len() * 6) as f64;
        for stock_idx in 0..6 {
            let close = dataset.snapshot.bars.stock_bars(stock_idx).close;
            rises += sessions
                .clone()
                .filter(|&t| close[t + 1] > close[t])
                .count() as f64;
        }
        rises / n
    };
    let (training, test) = (share_of_rises(118..165), share_of_rises(225..249));
    assert_ne!(training, test);
    let one_day = &report.horizons[0];
    assert!((one_day.base_rate.unwrap() - test).abs() < 1e-12);
    let is_base_rate = |entry: &&(Baseline, _)| entry.0 == Baseline::BaseRate;
    let (_, base_rate) = one_day.baselines.iter().find(is_base_rate).unwrap();
    let expected = test * (1.0 - training).powi(2) + (1.0 - test) * training.powi(2);
    assert!((base_rate.brier.unwrap() - expected).abs() < 1e-12);
}

#[test]
fn ranks_are_those_of_the_relative_output() {
    let returns = |i: u32| (f64::from(i) - 19.5) / 100.0;
    let of = |i: u32| ForecastRow {
        session_idx: i / 40,
        stock_idx: i % 40,
        forecast: HorizonForecast {
            relative: returns(i % 40),
            ..HorizonForecast::of_direction(-returns(i % 40))
        },
        forward_return: returns(i % 40),
        last_return: 0.0,
    };
    let forecasts: Vec<ForecastRow> = (0..120).map(of).collect();
    let rows: Vec<ScoredRow> = forecasts
        .iter()
        .map(|row| ScoredRow {
            session_idx: row.session_idx,
            probability_up: 1.0 / (1.0 + (-row.forecast.direction).exp()),
            forward_return: row.forward_return,
            last_return: row.last_return,
        })
        .collect();
    let rates = TrainingRates::fit([(0.0, true), (0.0, false)]).unwrap();
    let found = judge(Horizon::OneDay, &rows, &forecasts, &rates).model;
    let of_probability = score(Horizon::OneDay, &rows);
    assert!((found.rank_ic.unwrap() - 1.0).abs() < 1e-12);
    assert!((of_probability.rank_ic.unwrap() + 1.0).abs() < 1e-12);
    assert_eq!(found.log_loss, of_probability.log_loss);
    assert_eq!(found.accuracy, of_probability.accuracy);
}
