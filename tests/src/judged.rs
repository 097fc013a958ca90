//! What a model says of some sessions, beside what happened.

use std::ops::{ControlFlow, Range};

use anyhow::{Context as _, anyhow};
use naeil_domain::forecast::HorizonForecast;
use naeil_domain::ports::Forecaster;
use naeil_domain::{BarPanel, Horizon};
use naeil_evaluation::{ForecastColumns, ForecastScores, Metric, Outcomes, ScoringSettings, Ties};
use naeil_features::{FeatureError, FeaturePanel, FeatureSpec, Labels};
use naeil_model::{ModelError, NetworkConfig, TrainedModel, TrainingConfig, TrainingData, train};

/// Bars with the features and labels that a model learns from.
#[derive(Debug)]
pub struct Market {
    /// The bars.
    pub bars: BarPanel,
    /// The default features of every session.
    pub panel: FeaturePanel,
    /// What happened afterwards.
    pub labels: Labels,
}

impl Market {
    /// Computes features and labels.
    ///
    /// # Errors
    /// If there is not one bar.
    pub fn new(bars: BarPanel) -> Result<Self, FeatureError> {
        Ok(Self {
            panel: FeaturePanel::compute(&FeatureSpec::v2(), &bars)?,
            labels: Labels::compute(&bars),
            bars,
        })
    }

    /// Trains a model on the windows that end in these sessions; nothing judges its epochs.
    ///
    /// # Errors
    /// What the training refuses.
    pub fn train(
        &self,
        sessions: Range<usize>,
        network: &NetworkConfig,
        training: &TrainingConfig,
    ) -> Result<TrainedModel, ModelError> {
        self.train_on_labels(&self.labels, sessions, network, training)
    }

    /// The same, with other labels than what happened.
    ///
    /// # Errors
    /// What the training refuses.
    pub fn train_on_labels(
        &self,
        labels: &Labels,
        sessions: Range<usize>,
        network: &NetworkConfig,
        training: &TrainingConfig,
    ) -> Result<TrainedModel, ModelError> {
        let data = TrainingData {
            panel: &self.panel,
            labels,
            train: sessions,
            validation: None,
            stock_idxs: None,
        };
        train(&data, network, training, None, &mut |_| {
            ControlFlow::Continue(())
        })
    }

    /// What the model says of every usable window that ends in these sessions, and of each horizon
    /// the rows whose outcome is known.
    ///
    /// # Errors
    /// What the model refuses.
    pub fn judge(
        &self,
        forecaster: &mut dyn Forecaster,
        sessions: Range<usize>,
    ) -> anyhow::Result<[Judged; Horizon::COUNT]> {
        let shape = forecaster.shape().clone();
        let mut judged: [Judged; Horizon::COUNT] = Default::default();
        for session_idx in sessions {
            let stocks: Vec<usize> = (0..self.panel.stocks().len())
                .filter(|&stock_idx| self.panel.window(session_idx, stock_idx).is_ok())
                .collect();
            let places = stocks.iter().map(|&stock_idx| (session_idx, stock_idx));
            let windows = (self.panel.gather(&shape, places))
                .map_err(|void| anyhow!("a usable window is void: {void:?}"))?;
            let forecasts = forecaster.forecast(&windows)?;
            for (&stock_idx, forecasts) in stocks.iter().zip(&forecasts.rows) {
                for horizon in Horizon::ALL {
                    let outcome = self.labels.forward_return(session_idx, stock_idx, horizon);
                    if let Some(forward_return) = outcome {
                        let forecast = forecasts[horizon.index()];
                        judged[horizon.index()].push(
                            session_idx,
                            stock_idx,
                            forward_return,
                            forecast,
                        )?;
                    }
                }
            }
        }
        Ok(judged)
    }
}

/// Rows of one horizon.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// What happened.
    pub outcomes: Outcomes,
    /// What the model said, one entry a row.
    pub forecasts: Vec<HorizonForecast>,
}

impl Judged {
    fn push(
        &mut self,
        session_idx: usize,
        stock_idx: usize,
        forward_return: f32,
        forecast: HorizonForecast,
    ) -> anyhow::Result<()> {
        let (session_idx, stock_idx) = (u32::try_from(session_idx)?, u32::try_from(stock_idx)?);
        self.outcomes
            .push(session_idx, stock_idx, f64::from(forward_return));
        self.forecasts.push(forecast);
        Ok(())
    }

    /// Mean over the sessions of the rank correlation of the relative output with the return.
    ///
    /// # Errors
    /// If no session has enough rows.
    pub fn rank_ic(&self, horizon: Horizon) -> anyhow::Result<f64> {
        let relative: Vec<f64> = self.forecasts.iter().map(|row| row.relative).collect();
        rank_ic(&self.outcomes, &relative, horizon)
    }
}

/// Mean over the sessions of the rank correlation of a score, one value a row, with the return.
///
/// # Errors
/// If a score is not finite, or no session has enough rows.
pub fn rank_ic(outcomes: &Outcomes, scores: &[f64], horizon: Horizon) -> anyhow::Result<f64> {
    let columns = ForecastColumns {
        relative: scores,
        ..ForecastColumns::default()
    };
    let settings = ScoringSettings {
        horizon,
        one_way_cost_bps: 0.0,
        quarters: &[],
    };
    let scores = ForecastScores::of(outcomes, &columns, &settings)?;
    (scores.statistic(Metric::RankIc, Ties::Counted))
        .and_then(naeil_evaluation::Statistic::value)
        .with_context(|| format!("no session has a rank IC at {horizon}"))
}

/// Mean and standard error over independent repetitions.
///
/// # Units
/// Both those of the values; the error is the sample deviation over the root of the count.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}
