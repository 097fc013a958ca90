//! What the bundle says of its model beside the evaluation.

use naeil_backtest::PlannedFold;
use naeil_backtest::leakage::{LeakageFinding, check_columns, check_folds, check_scaler};
use naeil_domain::ports::{Forecaster, WindowBatch};
use naeil_domain::{DecisionPolicy, Direction, Horizon};
use naeil_evaluation::metrics::reliability::{ReliabilityBin, calibration_error, reliability};
use naeil_evaluation::{ScoredRow, score};
use naeil_features::{Fold, Scaler};
use naeil_model::{
    CardSections, CoverageRow, DirectionShares, LeakageCheck, Reference, ReliabilityRow,
    ReliabilityTable,
};

use crate::calibrated::Calibrated;
use crate::dataset::Dataset;
use crate::error::StageError;
use crate::score::usable_windows;

/// Windows of the training that the reference distributions are measured on: enough for shares
/// within half a point, few enough to take seconds.
const REFERENCE_WINDOWS: usize = 20_000;

/// Windows forecast in one pass.
const BATCH: usize = 256;

/// How probabilities of the test window came true, how often each direction was said of it, and how
/// often intervals held, all as time went. (The thresholds alone are those that the bundle is
/// published with.)
pub(super) fn sections(
    calibrated: &Calibrated,
    policy: &DecisionPolicy,
    test_start: usize,
) -> CardSections {
    let scored = calibrated.since(test_start);
    let direction_shares = Horizon::ALL
        .into_iter()
        .filter(|horizon| !scored[horizon.index()].is_empty())
        .map(|horizon| {
            let rows = scored[horizon.index()];
            let share = |direction: Direction| {
                let said = rows
                    .iter()
                    .filter(|row| policy.decide(horizon, row.probability_up).0 == direction);
                said.count() as f64 / rows.len() as f64
            };
            DirectionShares {
                horizon,
                up: share(Direction::Up),
                down: share(Direction::Down),
                neutral: share(Direction::Neutral),
            }
        })
        .collect();
    let coverage = Horizon::ALL.into_iter().filter_map(|horizon| {
        let rows = scored[horizon.index()].len();
        let held = &calibrated.held[horizon.index()];
        let held: Option<Vec<bool>> = held[held.len() - rows..].iter().copied().collect();
        let held = held.filter(|held| !held.is_empty())?;
        let inside = held.iter().filter(|&&inside| inside).count();
        Some(CoverageRow {
            horizon,
            level: calibrated.level,
            coverage: inside as f64 / held.len() as f64,
            n_cases: held.len(),
        })
    });
    let reliability = Horizon::ALL
        .into_iter()
        .filter_map(|horizon| reliability_at(horizon, scored[horizon.index()]));
    CardSections {
        reliability: reliability.collect(),
        coverage: coverage.collect(),
        direction_shares,
        ..CardSections::default()
    }
}

/// How probabilities at one horizon came true; `None` without a row.
fn reliability_at(horizon: Horizon, rows: &[ScoredRow]) -> Option<ReliabilityTable> {
    let bins = reliability(rows);
    let row = |bin: &ReliabilityBin| ReliabilityRow {
        from: bin.lowest,
        to: bin.highest,
        n_cases: bin.n_rows,
        probability: bin.mean_probability,
        rises: bin.share_up,
    };
    Some(ReliabilityTable {
        horizon,
        n_cases: rows.len(),
        base_rate: rows.iter().filter(|row| row.is_up()).count() as f64 / rows.len() as f64,
        brier: score(horizon, rows).brier?,
        calibration_error: calibration_error(&bins)?,
        rows: bins.iter().map(row).collect(),
    })
}

/// The leakage checks that a run can afford: the split's arithmetic, the scaler fitted again, and
/// every column of the training rows against the next session's returns. (That features do not change
/// when their future is cut off takes computing them again; the evaluation does it.)
///
/// # Errors
/// What fitting the scaler says.
pub(super) fn leakage_checks(
    scaler: &Scaler,
    dataset: &Dataset,
) -> Result<Vec<LeakageCheck>, StageError> {
    let split = &dataset.split;
    let fold = PlannedFold {
        name: "the split".to_owned(),
        fold: Fold {
            train: split.train.clone(),
            validation: Some(split.validation.clone()),
            test: split.test.clone(),
        },
        scored: split.test.clone(),
    };
    let everything = [(
        "the whole history, the test window included",
        0..dataset.panel.sessions().len(),
    )];
    let scalers = [("the scaler", scaler, split.train.clone())];
    let findings = [
        check_folds(&[fold], Horizon::MAX_STEPS),
        check_scaler(&dataset.panel, scalers, &everything)?,
        check_columns(
            &dataset.panel,
            &dataset.labels,
            split.train.clone(),
            dataset.universe(),
        ),
    ];
    Ok(findings.iter().map(told).collect())
}

fn told(finding: &LeakageFinding) -> LeakageCheck {
    let mut detail = finding.summary.clone();
    for case in &finding.cases {
        detail.push_str("; ");
        detail.push_str(case);
    }
    LeakageCheck {
        name: finding.leak.as_str().to_owned(),
        passed: finding.passed,
        detail,
    }
}

/// How features and forecasts of the training rows are distributed, on a sample spread evenly over
/// them.
///
/// # Errors
/// [`StageError::Forecast`] if the model fails on a window, [`StageError::NoRows`] without one.
pub(super) fn reference(
    forecaster: &mut dyn Forecaster,
    dataset: &Dataset,
) -> Result<Reference, StageError> {
    let panel = &dataset.panel;
    let train = dataset.split.train.clone();
    let places: Vec<_> = usable_windows(panel, train, dataset.universe()).collect();
    let n_sampled = places.len().min(REFERENCE_WINDOWS);
    let sampled: Vec<_> = (0..n_sampled)
        .map(|i| places[i * places.len() / n_sampled])
        .collect();
    let shape = forecaster.shape().clone();
    let (mut rows, mut forecasts) = (Vec::new(), Vec::new());
    for places in sampled.chunks(BATCH) {
        let windows: WindowBatch =
            panel
                .gather(&shape, places.iter().copied())
                .map_err(|void| StageError::NoRows {
                    part: "training",
                    hint: format!("a window is void: {void}"),
                })?;
        let said = forecaster
            .forecast(&windows)
            .map_err(|source| StageError::Forecast {
                who: "candidate",
                part: "training",
                source,
            })?;
        rows.extend(windows.wide);
        forecasts.extend(said.rows);
    }
    Ok(Reference::measure(panel.spec().names(), &rows, &forecasts))
}
