//! The network: one seed, trained on a fold.

use std::ops::ControlFlow;

use naeil_domain::ports::Forecaster;
use naeil_model::{Progress, TrainedModel, TrainingConfig, TrainingData};

use super::Task;
use crate::error::BacktestError;
use crate::score_table::{Columns, ScoreTable};
use crate::task::TaskNotes;

/// Windows that are asked for at a time: enough for both cores, little memory.
const BATCH: usize = 2_048;

/// Trains one seed and scores the fold's rows. A training that was killed goes on from its
/// checkpoint.
pub(super) fn run(task: &Task<'_>, seed: u64) -> Result<(ScoreTable, TaskNotes), BacktestError> {
    let failed = |source| BacktestError::Model {
        task: task.name.to_owned(),
        source,
    };
    let fold = &task.fold.fold;
    let data = TrainingData {
        panel: &task.market.panel,
        labels: &task.market.labels,
        train: fold.train.clone(),
        validation: fold.validation.clone(),
        stock_idxs: Some(&task.market.universe),
    };
    let config = TrainingConfig {
        seed,
        seeds: 1,
        ..task.config.training.clone()
    };
    let mut talk = |progress: &Progress<'_>| {
        if let Some(report) = progress.epoch_report {
            let validation = report.validation.map_or_else(String::new, |validation| {
                format!(", validation loss {:.4}", validation.loss)
            });
            task.progress.note(&format!(
                "epoch {} of {}: training loss {:.4}{validation}, {:.0} s left",
                progress.epoch,
                progress.n_epochs,
                report.train_loss,
                progress.left.as_secs_f64()
            ));
        }
        ControlFlow::Continue(())
    };
    let network = &task.config.network;
    let model = naeil_model::train(&data, network, &config, Some(task.checkpoint), &mut talk)
        .map_err(failed)?;
    let table = score(task, &model)?;
    let curve = model
        .summary()
        .members
        .iter()
        .flat_map(|member| &member.curve);
    let notes = TaskNotes {
        train_loss: curve.clone().map(|epoch| epoch.train_loss).collect(),
        validation_loss: curve
            .filter_map(|epoch| Some(epoch.validation?.loss))
            .collect(),
        scaler: Some(model.scaler().clone()),
        ..TaskNotes::default()
    };
    Ok((table, notes))
}

fn score(task: &Task<'_>, model: &TrainedModel) -> Result<ScoreTable, BacktestError> {
    let failed = |problem: String| BacktestError::Forecast {
        task: task.name.to_owned(),
        problem,
    };
    let mut forecaster = model.forecaster();
    let shape = forecaster.shape().clone();
    let mut table: Option<ScoreTable> = None;
    for places in task.rows.places().chunks(BATCH) {
        let places = (places.iter()).map(|&(session, stock)| (session as usize, stock as usize));
        let windows = (task.market.panel)
            .gather(&shape, places)
            .map_err(|void| failed(void.to_string()))?;
        let forecasts = forecaster
            .forecast(&windows)
            .map_err(|error| failed(error.to_string()))?;
        for row in &forecasts.rows {
            let table = table.get_or_insert_with(|| {
                let with_quantiles = row.iter().all(|forecast| forecast.quantiles.is_some());
                ScoreTable::new(match with_quantiles {
                    true => Columns::ScoresAndQuantiles,
                    false => Columns::Scores,
                })
            });
            if row.iter().any(|forecast| !forecast.is_sound()) {
                return Err(failed("the network gave an unsound forecast".to_owned()));
            }
            table.push(row);
        }
    }
    Ok(table.unwrap_or_else(|| ScoreTable::new(Columns::Scores)))
}
