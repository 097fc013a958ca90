//! How long an evaluation will take, before it begins.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::time::Instant;

use naeil_domain::Horizon;
use naeil_model::{TrainingConfig, TrainingData};

use crate::config::EvaluationConfig;
use crate::error::BacktestError;
use crate::evaluate::planned_trainings;
use crate::rows::Market;

/// Windows of the probe: long enough to be past the first steps, short enough to wait for.
const PROBE_WINDOWS: usize = 12_000;

/// What the trainings of an evaluation will cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Trainings of the network, those that are stored already included.
    pub trainings: usize,
    /// Windows that they see, over all epochs.
    pub windows: f64,
    /// Windows trained on in a second, measured just now.
    pub windows_per_second: f64,
}

impl Estimate {
    /// Time for the network's trainings; baselines and judging come on top.
    ///
    /// # Units
    /// Seconds.
    pub fn seconds(&self) -> f64 {
        self.windows / self.windows_per_second
    }
}

/// Trains a few steps on the first fold and multiplies.
///
/// # Errors
/// As [`evaluate`](crate::evaluate), for a plan that cannot be, or [`BacktestError::Model`].
pub fn estimate(market: &Market, config: &EvaluationConfig) -> Result<Estimate, BacktestError> {
    let trainings = planned_trainings(market, config)?;
    let training = &config.training;
    let mut counted: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut windows = 0.0;
    for train in &trainings {
        let n = *counted
            .entry((train.start, train.end))
            .or_insert_with(|| n_windows(market, train.clone()));
        let of_epoch = n as f64 * training.codes_per_step;
        let most = training
            .windows_per_epoch
            .map_or(f64::INFINITY, |n| n as f64);
        windows += of_epoch.min(most) * training.epochs as f64;
    }
    let train = trainings.first().cloned().unwrap_or_default();
    Ok(Estimate {
        trainings: trainings.len(),
        windows,
        windows_per_second: probe(market, config, train)?,
    })
}

fn n_windows(market: &Market, sessions: Range<usize>) -> usize {
    let of_session = |session_idx: usize| {
        let has_window = |&&stock_idx: &&usize| {
            market.panel.window(session_idx, stock_idx).is_ok()
                && Horizon::ALL.iter().any(|&horizon| {
                    let label = market
                        .labels
                        .forward_return(session_idx, stock_idx, horizon);
                    label.is_some()
                })
        };
        market.universe.iter().filter(has_window).count()
    };
    sessions.map(of_session).sum()
}

fn probe(
    market: &Market,
    config: &EvaluationConfig,
    train: Range<usize>,
) -> Result<f64, BacktestError> {
    let data = TrainingData {
        panel: &market.panel,
        labels: &market.labels,
        train,
        validation: None,
        stock_idxs: Some(&market.universe),
    };
    let probe = TrainingConfig {
        seeds: 1,
        epochs: 1,
        windows_per_epoch: Some(PROBE_WINDOWS),
        ..config.training.clone()
    };
    let mut started = None;
    let mut steps = 0;
    let mut elapsed = 0.0;
    let mut on_progress = |_: &naeil_model::Progress<'_>| {
        // The first step warms up and is not counted.
        let since: &Instant = started.get_or_insert_with(Instant::now);
        elapsed = since.elapsed().as_secs_f64();
        steps += 1;
        ControlFlow::Continue(())
    };
    let model = naeil_model::train(&data, &config.network, &probe, None, &mut on_progress)
        .map_err(|source| BacktestError::Model {
            task: "probe".to_owned(),
            source,
        })?;
    let seen = model.summary().windows_seen() as f64;
    let counted = seen * (steps as f64 - 1.0) / f64::from(steps.max(1));
    if counted > 0.0 && elapsed > 0.0 {
        return Ok(counted / elapsed);
    }
    // One step is all there was: the whole training's time is all that is known.
    Ok(seen / model.summary().seconds().max(1e-6))
}
