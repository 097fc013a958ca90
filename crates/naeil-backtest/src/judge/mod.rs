//! Scores every forecaster on the same rows.

mod forecasts;
mod horizon;
mod rates;

use naeil_domain::Horizon;

use crate::config::EvaluationConfig;
use crate::error::BacktestError;
use crate::report::HorizonReport;
use crate::rows::Market;
use crate::score_table::ScoreTable;
use crate::task::{EvaluationProgress, FoldTasks, TaskNotes, Trained, load};
use crate::task_store::TaskStore;

/// Scores of one forecaster over every fold: one table a fold.
pub(crate) type FoldScores = Vec<ScoreTable>;

/// Everything that was trained, read back from the store.
pub(crate) struct Trainings {
    /// One entry a seed.
    pub(crate) seeds: Vec<(u64, FoldScores)>,
    /// The seeds' outputs averaged.
    pub(crate) average: Option<FoldScores>,
    /// Boosting and linear models.
    pub(crate) baselines: Vec<(&'static str, FoldScores)>,
    /// The first seed, its scores replaced by those of the quarter's own fit.
    pub(crate) refitted: Option<FoldScores>,
    /// Notes of every task, in the order of the tasks.
    pub(crate) notes: Vec<(String, TaskNotes, std::ops::Range<usize>)>,
}

/// Names of the rows of the tables.
pub(crate) const NETWORK: &str = "network";
pub(crate) const NETWORK_MEAN: &str = "network, mean of seeds";
pub(crate) const ONE_FIT: &str = "network, first seed, one fit";
pub(crate) const REFITTED: &str = "network, first seed, refitted each quarter";
pub(crate) const BOOSTING: &str = "gradient boosting";
pub(crate) const LINEAR: &str = "ridge / logistic";

impl Trainings {
    /// Reads the scores of finished tasks: `folds` are judged, `refits` those of their quarters.
    pub(crate) fn read(
        store: &TaskStore,
        config: &EvaluationConfig,
        folds: &[FoldTasks],
        refits: &[FoldTasks],
    ) -> Result<Self, BacktestError> {
        let mut notes = Vec::new();
        let mut of = |tasks: &FoldTasks, trained: Trained| {
            let key = tasks.key(trained);
            let (table, of_task) = load(store, &key, &tasks.rows)?.ok_or_else(|| {
                let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
                BacktestError::io("read", &store.path(&key))(missing)
            })?;
            notes.push((key.to_string(), of_task, tasks.fold.fold.train.clone()));
            Ok::<ScoreTable, BacktestError>(table)
        };
        let mut over_folds = |trained: Trained| -> Result<FoldScores, BacktestError> {
            folds.iter().map(|fold| of(fold, trained)).collect()
        };
        let mut seeds = Vec::new();
        for &seed in &config.seeds {
            seeds.push((seed, over_folds(Trained::Network(seed))?));
        }
        let mut baselines = Vec::new();
        if config.boosting.is_some() {
            baselines.push((BOOSTING, over_folds(Trained::Boosting)?));
        }
        if config.linear {
            baselines.push((LINEAR, over_folds(Trained::Linear)?));
        }
        let mut refitted = None;
        if let (false, Some((seed, first))) = (refits.is_empty(), seeds.first()) {
            let mut scores = first.clone();
            for refit in refits {
                let table = of(refit, Trained::Network(*seed))?;
                let fold_idx = folds.iter().position(|fold| {
                    let test = &fold.fold.fold.test;
                    test.contains(&refit.fold.fold.test.start)
                });
                // A refit is made from the quarters of a fold, so it has one.
                let Some(fold_idx) = fold_idx else { continue };
                let rows = folds[fold_idx].rows.of_sessions(&refit.fold.scored);
                scores[fold_idx].replace_rows(rows.start, &table);
            }
            refitted = Some(scores);
        }
        let average = (!seeds.is_empty()).then(|| {
            (0..folds.len())
                .map(|fold_idx| {
                    let of_fold: Vec<&ScoreTable> =
                        seeds.iter().map(|(_, scores)| &scores[fold_idx]).collect();
                    ScoreTable::mean(&of_fold)
                })
                .collect()
        });
        Ok(Self {
            seeds,
            average,
            baselines,
            refitted,
            notes,
        })
    }
}

/// The share of returns that an interval is meant to hold.
pub(crate) fn interval_level() -> f64 {
    naeil_evaluation::conformal::ConformalConfig::default().level
}

/// Judges every horizon.
pub(crate) fn judge(
    market: &Market,
    config: &EvaluationConfig,
    folds: &[FoldTasks],
    trainings: &Trainings,
    progress: &dyn EvaluationProgress,
) -> Result<Vec<HorizonReport>, BacktestError> {
    let of = |&horizon: &Horizon| {
        progress.note(&format!("judging {horizon}"));
        horizon::judge(market, config, folds, trainings, horizon)
    };
    Horizon::ALL.iter().map(of).collect()
}
