//! Probabilities and intervals on a long simulated market, calibrated as time goes.

use naeil_domain::{Horizon, TradingCalendar};
use naeil_evaluation::calibration::{
    CalibrationConfig, calibrate_as_time_goes, trailing_base_rate,
};
use naeil_evaluation::conformal::{ConformalConfig, intervals_as_time_goes};
use naeil_evaluation::{
    ForecastColumns, ForecastScores, IntervalColumns, Metric, ScoringSettings, Ties,
};
use naeil_simulator::{MarketConfig, SimulatedMarket};

use crate::honest::{short_training, small_network};
use crate::judged::{Judged, Market};

/// A market, a small network trained on its first part, and calibration as time goes over the rest.
#[derive(Debug, Clone)]
pub struct LongMarket {
    /// Stocks.
    pub n_stocks: usize,
    /// Sessions in all.
    pub n_sessions: usize,
    /// The first so many are trained on.
    pub train_sessions: usize,
    /// Seed of the market and of the training.
    pub seed: u64,
}

/// What was measured at one horizon on every session after training.
#[derive(Debug, Clone, Copy)]
pub struct CalibrationFigures {
    /// The horizon.
    pub horizon: Horizon,
    /// Sessions scored.
    pub n_sessions: usize,
    /// Rows scored.
    pub n_rows: usize,
    /// Share of rises.
    pub base_rate: f64,
    /// Expected calibration error of the probability given each session's base rate: the model's.
    pub error_given_base_rate: f64,
    /// Expected calibration error of the probability: the market's too.
    pub error: f64,
    /// Log loss of the probability, in nats a row.
    pub log_loss: f64,
    /// That of the base rate of all sessions known.
    pub base_rate_log_loss: f64,
    /// Share of returns that their interval held.
    pub interval_coverage: f64,
    /// Share that it was meant to hold.
    pub interval_level: f64,
    /// Share that the network's own 5 % and 95 % quantiles held.
    pub raw_coverage: f64,
}

impl LongMarket {
    /// Simulates, trains and calibrates.
    ///
    /// # Errors
    /// Whatever the simulator, the features, the training or the scoring refuse.
    pub fn measure(&self) -> anyhow::Result<Vec<CalibrationFigures>> {
        let config = MarketConfig {
            seed: self.seed,
            n_stocks: self.n_stocks,
            n_sessions: self.n_sessions,
            ..MarketConfig::default()
        };
        let market = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?;
        let market = Market::new(market.panel())?;
        let training = short_training(self.seed);
        let model = market.train(0..self.train_sessions, &small_network(), &training)?;
        let first = self.train_sessions + Horizon::MAX_STEPS;
        let judged = market.judge(&mut model.forecaster(), first..self.n_sessions)?;
        Horizon::ALL
            .into_iter()
            .map(|horizon| figures(&judged[horizon.index()], horizon))
            .collect()
    }
}

fn figures(judged: &Judged, horizon: Horizon) -> anyhow::Result<CalibrationFigures> {
    let Judged {
        outcomes,
        forecasts,
    } = judged;
    let column = |of: fn(&naeil_domain::forecast::HorizonForecast) -> f64| -> Vec<f64> {
        forecasts.iter().map(of).collect()
    };
    let (relative, direction) = (column(|row| row.relative), column(|row| row.direction));
    let quantiles: Option<Vec<_>> = forecasts.iter().map(|row| row.quantiles).collect();
    let quantiles = anyhow::Context::context(quantiles, "the model has no quantiles")?;

    let config = CalibrationConfig::default();
    let probability_up = calibrate_as_time_goes(outcomes, &direction, horizon, &config);
    let conformal = ConformalConfig::default();
    let intervals = intervals_as_time_goes(outcomes, &quantiles, horizon, conformal);
    let ends =
        |end: usize| -> Vec<f64> { intervals.iter().map(|interval| interval[end]).collect() };
    let (lower, upper) = (ends(0), ends(1));
    let base_rate = trailing_base_rate(outcomes, horizon, None);
    let (lowest, highest): (Vec<f64>, Vec<f64>) = quantiles.iter().map(|q| (q[0], q[4])).unzip();

    let settings = ScoringSettings {
        horizon,
        one_way_cost_bps: 0.0,
        quarters: &[],
    };
    let model = ForecastColumns {
        relative: &relative,
        probability_up: Some(&probability_up),
        interval: Some(IntervalColumns {
            lower: &lower,
            upper: &upper,
        }),
        ..ForecastColumns::default()
    };
    let model = ForecastScores::of(outcomes, &model, &settings)?;
    let uncalibrated = ForecastColumns {
        relative: &relative,
        probability_up: Some(&base_rate),
        interval: Some(IntervalColumns {
            lower: &lowest,
            upper: &highest,
        }),
        ..ForecastColumns::default()
    };
    let uncalibrated = ForecastScores::of(outcomes, &uncalibrated, &settings)?;
    let value = |scores: &ForecastScores, metric: Metric| {
        let statistic = scores.statistic(metric, Ties::Counted);
        (statistic.and_then(naeil_evaluation::Statistic::value))
            .ok_or_else(|| anyhow::anyhow!("no {} at {horizon}", metric.as_str()))
    };
    let ups = (0..outcomes.len())
        .filter(|&row| outcomes.is_up(row))
        .count();
    Ok(CalibrationFigures {
        horizon,
        n_sessions: outcomes.sessions().len(),
        n_rows: outcomes.len(),
        base_rate: ups as f64 / outcomes.len() as f64,
        error_given_base_rate: value(&model, Metric::CalibrationErrorGivenBaseRate)?,
        error: value(&model, Metric::CalibrationError)?,
        log_loss: value(&model, Metric::LogLoss)?,
        base_rate_log_loss: value(&uncalibrated, Metric::LogLoss)?,
        interval_coverage: value(&model, Metric::IntervalCoverage)?,
        interval_level: conformal.level,
        raw_coverage: value(&uncalibrated, Metric::IntervalCoverage)?,
    })
}
