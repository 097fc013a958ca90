//! The whole evaluation: trainings, judging, leakage checks, files.

use std::ops::Range;
use std::path::{Path, PathBuf};

use naeil_domain::{Horizon, Session};
use naeil_features::Scaler;

use crate::config::EvaluationConfig;
use crate::error::BacktestError;
use crate::html::render_html;
use crate::judge::{self, Trainings};
use crate::leakage::{
    LeakageFinding, check_columns, check_folds, check_recomputed, check_scaler, panel_of,
};
use crate::plan::PlannedFold;
use crate::report::{
    DataFacts, FoldFacts, LearningCurve, Report, SCHEMA_VERSION, TaskTiming, Window,
};
use crate::rows::{FoldRows, Market};
use crate::task::{EvaluationProgress, FoldTasks, Trained, run_tasks};
use crate::task_store::{TaskStore, write_whole};
use crate::text::render_text;

/// Sessions of the test parts whose feature rows are computed again without their future.
const RECOMPUTED_SESSIONS: usize = 8;

/// An evaluation that came to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// What it says.
    pub report: Report,
    /// Its folder: `report.json`, `report.html`, `report.txt` and the stored tasks.
    pub folder: PathBuf,
}

/// Trains what is not stored yet, judges everything on the same rows, looks for leaks and writes the
/// report, into a folder of `root` that is named after the data and the settings.
///
/// The same market and settings give the same report, but for `made_at` and the timings, however
/// often it was interrupted.
///
/// # Errors
/// [`BacktestError`]. Tasks that were finished stay stored.
pub fn evaluate(
    market: &Market,
    config: &EvaluationConfig,
    root: &Path,
    made_at: &str,
    progress: &dyn EvaluationProgress,
) -> Result<Evaluated, BacktestError> {
    config.validate()?;
    let folds = plan_folds(market, config)?;
    let refits = plan_refits(market, config, &folds)?;
    let store = TaskStore::open(root, market.data_digest, config.task_digest(market))?;
    let _lock = store.lock()?;
    // What fails at once should not fail after hours.
    let plans: Vec<PlannedFold> = (folds.iter().chain(&refits))
        .map(|tasks| tasks.fold.clone())
        .collect();
    let splits = check_folds(&plans, Horizon::MAX_STEPS);

    let refit_from = folds.len();
    let tasks: Vec<FoldTasks> = folds.into_iter().chain(refits).collect();
    run_tasks(market, config, &store, &tasks, progress)?;

    let (folds, refits) = tasks.split_at(refit_from);
    let trainings = Trainings::read(&store, config, folds, refits)?;
    let horizons = judge::judge(market, config, folds, &trainings, progress)?;
    progress.note("looking for leaks");
    let mut leakage = check_features(market, folds)?;
    leakage.push(check_scalers(market, &trainings)?);
    leakage.push(splits);
    let report = Report {
        schema_version: SCHEMA_VERSION,
        made_at: made_at.to_owned(),
        code_version: config.code_version.clone(),
        data: data_facts(market),
        settings: config.to_json(),
        settings_digest: config.task_digest(market).to_string(),
        seeds: config.seeds.clone(),
        folds: folds
            .iter()
            .map(|tasks| fold_facts(market, tasks))
            .collect(),
        horizons,
        curves: curves(&trainings),
        leakage,
        notes: notes(config, refits.len()),
        timings: timings(&trainings),
    };
    write_report(store.folder(), &report)?;
    Ok(Evaluated {
        report,
        folder: store.folder().to_owned(),
    })
}

/// How many windows the trainings of an evaluation see at most, for an estimate of its duration:
/// one entry a training of the network, the sessions it is trained on.
///
/// # Errors
/// As [`evaluate`], for a plan that cannot be.
pub fn planned_trainings(
    market: &Market,
    config: &EvaluationConfig,
) -> Result<Vec<Range<usize>>, BacktestError> {
    config.validate()?;
    let folds = plan_folds(market, config)?;
    let refits = plan_refits(market, config, &folds)?;
    let networks = folds.iter().chain(&refits).flat_map(|tasks| {
        let networks = tasks.trained.iter();
        networks
            .filter(|trained| matches!(trained, Trained::Network(_)))
            .map(|_| tasks.fold.fold.train.clone())
    });
    Ok(networks.collect())
}

fn plan_folds(market: &Market, config: &EvaluationConfig) -> Result<Vec<FoldTasks>, BacktestError> {
    let plans = config.plan.folds(market.sessions(), market.unusable())?;
    let mut trained: Vec<Trained> = Vec::new();
    // The quick ones first: a mistake in the data shows in minutes.
    trained.extend(config.linear.then_some(Trained::Linear));
    trained.extend(config.boosting.is_some().then_some(Trained::Boosting));
    trained.extend(config.seeds.iter().map(|&seed| Trained::Network(seed)));
    let tasks = plans.into_iter().map(|fold| {
        Ok(FoldTasks {
            rows: FoldRows::collect(market, &fold)?,
            fold,
            trained: trained.clone(),
        })
    });
    tasks.collect()
}

fn plan_refits(
    market: &Market,
    config: &EvaluationConfig,
    folds: &[FoldTasks],
) -> Result<Vec<FoldTasks>, BacktestError> {
    let Some(&seed) = config.seeds.first().filter(|_| config.refit_quarterly) else {
        return Ok(Vec::new());
    };
    let refits = folds
        .iter()
        .flat_map(|tasks| tasks.fold.refits(market.sessions()));
    let mut found = Vec::new();
    for fold in refits {
        match FoldRows::collect(market, &fold) {
            Ok(rows) => found.push(FoldTasks {
                rows,
                fold,
                trained: vec![Trained::Network(seed)],
            }),
            // A quarter at the very end may have no outcome yet; there is nothing to refit for.
            Err(BacktestError::NoRows { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn check_features(
    market: &Market,
    folds: &[FoldTasks],
) -> Result<Vec<LeakageFinding>, BacktestError> {
    let (Some(first), Some(last)) = (folds.first(), folds.last()) else {
        return Ok(Vec::new());
    };
    let (from, to) = (first.fold.fold.test.start, last.fold.fold.test.end);
    let n = RECOMPUTED_SESSIONS.min(to - from);
    let sample: Vec<usize> = (0..n)
        .map(|i| from + i * (to - 1 - from) / n.max(2))
        .collect();
    let compute = panel_of(market.panel.spec());
    let recomputed = check_recomputed(&market.bars, &market.panel, &sample, compute)?;
    // The training sessions show a leak as well as any, and are many.
    let sessions = first.fold.fold.train.clone();
    let columns = check_columns(&market.panel, &market.labels, sessions, &market.universe);
    Ok(vec![recomputed, columns])
}

fn check_scalers(market: &Market, trainings: &Trainings) -> Result<LeakageFinding, BacktestError> {
    let scalers = trainings.notes.iter().filter_map(|(task, notes, train)| {
        let scaler: &Scaler = notes.scaler.as_ref()?;
        Some((task.as_str(), scaler, train.clone()))
    });
    let everything = 0..market.sessions().len();
    let known = [("the whole history, the test part included", everything)];
    Ok(check_scaler(&market.panel, scalers, &known)?)
}

fn data_facts(market: &Market) -> DataFacts {
    let sessions = market.sessions();
    let text = |session: Option<&Session>| session.map_or_else(String::new, Session::to_string);
    DataFacts {
        digest: market.data_digest.to_string(),
        exchange: market.exchange.to_string(),
        origin: market.origin.as_str().to_owned(),
        spec_hash: market.panel.spec().hash().to_string(),
        n_stocks: market.bars.stocks().len(),
        n_universe: market.universe.len(),
        n_sessions: sessions.len(),
        first_session: text(sessions.first()),
        last_session: text(sessions.last()),
    }
}

fn fold_facts(market: &Market, tasks: &FoldTasks) -> FoldFacts {
    let window = |part: &Range<usize>| Window {
        first: market.sessions()[part.start].to_string(),
        last: market.sessions()[part.end - 1].to_string(),
        n_sessions: part.len(),
    };
    let fold = &tasks.fold.fold;
    FoldFacts {
        name: tasks.fold.name.clone(),
        train: window(&fold.train),
        validation: fold.validation.as_ref().map(window),
        test: window(&fold.test),
        n_rows: tasks.rows.of_sessions(&fold.test).len(),
    }
}

fn curves(trainings: &Trainings) -> Vec<LearningCurve> {
    let with_curve = trainings.notes.iter();
    with_curve
        .filter(|(_, notes, _)| !notes.train_loss.is_empty())
        .map(|(task, notes, _)| LearningCurve {
            task: task.clone(),
            train: notes.train_loss.clone(),
            validation: notes.validation_loss.clone(),
        })
        .collect()
}

fn timings(trainings: &Trainings) -> Vec<TaskTiming> {
    let timing = |(task, notes, _): &(String, crate::task::TaskNotes, Range<usize>)| TaskTiming {
        task: task.clone(),
        seconds: notes.seconds,
    };
    trainings.notes.iter().map(timing).collect()
}

fn notes(config: &EvaluationConfig, n_refits: usize) -> Vec<String> {
    let mut notes = vec![
        "Probabilities, directions and intervals are calibrated as time goes: those of a session \
         rest on outcomes that were known at its close."
            .to_owned(),
        format!(
            "Trading costs are {} basis points for each purchase and each sale; fills, taxes on \
             gains and the cost of borrowing shares are not modelled.",
            config.one_way_cost_bps
        ),
        "Accuracy says little where most stocks fall on most days: compare it with the majority."
            .to_owned(),
    ];
    if !config.accepted_checks.is_empty() {
        notes.push(format!(
            "The data fail these checks, which was accepted: {}.",
            config.accepted_checks.join(", ")
        ));
    }
    if n_refits > 0 {
        notes.push(format!(
            "Refitting each quarter is done at reduced cost: {n_refits} trainings of one seed, set \
             beside the same seed fitted once a fold."
        ));
    }
    notes
}

/// Writes the report in its three forms.
fn write_report(folder: &Path, report: &Report) -> Result<(), BacktestError> {
    write_whole(&folder.join("report.json"), report.to_json()?.as_bytes())?;
    write_whole(&folder.join("report.html"), render_html(report).as_bytes())?;
    write_whole(&folder.join("report.txt"), render_text(report).as_bytes())
}
