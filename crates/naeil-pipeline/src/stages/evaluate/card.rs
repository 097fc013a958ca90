//! What the bundle says of its model beside the evaluation.

use naeil_domain::ports::{Forecaster, WindowBatch};
use naeil_domain::{DecisionPolicy, Direction, Horizon};
use naeil_model::{CardSections, CoverageRow, DirectionShares, Reference};

use crate::calibrated::Calibrated;
use crate::dataset::Dataset;
use crate::error::StageError;
use crate::score::usable_windows;

/// Windows of the training that the reference distributions are measured on: enough for shares
/// within half a point, few enough to take seconds.
const REFERENCE_WINDOWS: usize = 20_000;

/// Windows forecast in one pass.
const BATCH: usize = 256;

/// How often each direction was said of the test window, and how often intervals held, both as time
/// went.
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
    CardSections {
        coverage: coverage.collect(),
        direction_shares,
        ..CardSections::default()
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
