//! Baselines that take rows as tables.

use naeil_baselines::{Baseline, BaselineError, TabularData};
use naeil_features::Scaler;

use super::Task;
use crate::error::BacktestError;
use crate::score_table::ScoreTable;
use crate::task::TaskNotes;

/// The rows of one fold as tables, made when the first baseline asks.
#[derive(Default)]
pub(crate) struct FoldTables(Option<Tables>);

struct Tables {
    scaler: Scaler,
    train: TabularData,
    validation: TabularData,
    scored: TabularData,
}

impl FoldTables {
    /// Fits a baseline on the fold and scores its rows.
    pub(crate) fn run(
        &mut self,
        task: &Task<'_>,
        baseline: &dyn Baseline,
    ) -> Result<(ScoreTable, TaskNotes), BacktestError> {
        let failed = |source: BaselineError| BacktestError::Baseline {
            task: task.name.to_owned(),
            source,
        };
        let tables = match &mut self.0 {
            Some(tables) => tables,
            none => none.insert(Tables::collect(task)?),
        };
        let fitted = baseline
            .fit(&tables.train, &tables.validation)
            .map_err(failed)?;
        let scores = fitted.score(&tables.scored).map_err(failed)?;
        let narrow = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<f32>>();
        let relative = std::array::from_fn(|h| narrow(&scores.relative[h]));
        // What only ranks says nothing of the direction: its scores stand for both.
        let direction = std::array::from_fn(|h| {
            narrow(scores.direction[h].as_ref().unwrap_or(&scores.relative[h]))
        });
        let table = ScoreTable::from_scores(&relative, &direction);
        if !table.is_finite() {
            return Err(BacktestError::Forecast {
                task: task.name.to_owned(),
                problem: format!("{} gave a score that is not finite", baseline.name()),
            });
        }
        let notes = TaskNotes {
            settings: fitted.settings(),
            scaler: Some(tables.scaler.clone()),
            ..TaskNotes::default()
        };
        Ok((table, notes))
    }
}

impl Tables {
    fn collect(task: &Task<'_>) -> Result<Self, BacktestError> {
        let (market, split) = (task.market, task.split());
        let scaler = Scaler::fit(&market.panel, split.train.clone())?;
        let collect = |sessions| {
            TabularData::collect(
                &market.panel,
                &market.labels,
                &scaler,
                sessions,
                Some(&market.universe),
            )
            .map_err(|source| BacktestError::Baseline {
                task: task.name.to_owned(),
                source,
            })
        };
        let (train, validation) = (collect(split.train)?, collect(split.validation)?);
        let scored = collect(task.fold.scored.clone())?;
        assert_eq!(
            scored.len(),
            task.rows.len(),
            "both take every usable window"
        );
        Ok(Self {
            train,
            validation,
            scored,
            scaler,
        })
    }
}
