//! Stage 5: scores the champion on the candidate's rows and asks the gate.

use std::ops::Range;
use std::path::{Path, PathBuf};

use naeil_domain::ports::{LoadError, LoadedForecaster};
use naeil_domain::{Alias, Exchange, Horizon, ModelVersion, Session};
use naeil_evaluation::{ScoredRow, score};

use crate::calibrated::Calibrated;
use crate::compare_file::{AccuracyEntry, COMPARE_FILE, ChampionEntry, Comparison, SessionsEntry};
use crate::context::StageContext;
use crate::dataset::Dataset;
use crate::error::StageError;
use crate::gate::{self, AccuracyPair, MIN_SESSIONS, Standing};
use crate::quality_file::QualityFile;
use crate::score::score_rows;
use crate::snapshot::SnapshotSource;
use crate::split::window_of;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;
use crate::stages::evaluate::BUNDLE_DIR;

/// Loads candidate and champion as a server would, scores both on the same rows of the test window
/// and writes the verdict.
///
/// Rows that the champion may have learned from are dropped: as-of sessions up to the end of its
/// training and validation windows, and those after whose labels overlap with these.
///
/// # Errors
/// [`StageError::Load`] or [`StageError::ChampionNotAdmitted`] if a bundle is not admitted, or what registry, features or disk say.
pub async fn run(context: &StageContext) -> Result<Comparison, StageError> {
    let folder = context.begin(Stage::Compare)?;
    let registry = &context.ports.registry;
    let champion = match registry.by_alias(Alias::Champion).await? {
        Some(version) => {
            let bundle = registry.fetch(&version.version).await?;
            Some((version, bundle))
        }
        None => None,
    };
    context
        .compute(move |context| compare(context, folder, champion))
        .await
}

fn compare(
    context: &StageContext,
    mut folder: StageFolder,
    champion: Option<(ModelVersion, PathBuf)>,
) -> Result<Comparison, StageError> {
    let bundle = folder.read_dir(Stage::Evaluate, BUNDLE_DIR)?;
    let candidate = load_candidate(context, &bundle)?;
    let candidate_digest = candidate.description.digest;
    let exchange = SnapshotSource::read(&mut folder)?.exchange;
    let (standing, sessions) = match &champion {
        _ if exchange != Exchange::default() => (Standing::OtherExchange { exchange }, None),
        None => (Standing::FirstModel, None),
        Some((version, _)) if version.digest == candidate_digest => (Standing::Unchanged, None),
        Some((version, bundle)) => {
            folder.note_input("registry:champion", version.digest);
            let champion = load_champion(context, version, bundle)?;
            measure(context, candidate, champion, &Dataset::load(&mut folder)?)?
        }
    };
    let min_gain = context.config.promotion.min_gain;
    let decision = gate::judge(&standing, min_gain);
    let digest = candidate_digest.to_string();
    let mut comparison = Comparison::new(decision, folder.now(), min_gain, digest);
    comparison.accept(QualityFile::read(&mut folder)?.accepted_failures());
    comparison.champion = champion
        .as_ref()
        .map(|(version, _)| ChampionEntry::from(version));
    comparison.sessions = sessions;
    if let Standing::Compared { accuracies, .. } = &standing {
        comparison.horizons = accuracies.iter().map(AccuracyEntry::from).collect();
    }
    folder.write_json(COMPARE_FILE, &comparison)?;
    folder.finish()?;
    context
        .progress
        .note(&format!("{}: {}", comparison.verdict, comparison.reason));
    Ok(comparison)
}

fn load_candidate(context: &StageContext, bundle: &Path) -> Result<LoadedForecaster, StageError> {
    let load = context.ports.loader.load(bundle);
    load.map_err(|source| StageError::Load {
        who: "candidate",
        source,
    })
}

/// A champion of another spec version, or one that is damaged, is not admitted: then a person has to
/// decide, because nothing can be said about whether the candidate is better.
fn load_champion(
    context: &StageContext,
    version: &ModelVersion,
    bundle: &Path,
) -> Result<LoadedForecaster, StageError> {
    let refused = |source| StageError::ChampionNotAdmitted {
        version: version.version.clone(),
        source,
    };
    let champion = context.ports.loader.load(bundle).map_err(refused)?;
    let found = champion.description.digest;
    if found == version.digest {
        return Ok(champion);
    }
    let reason = format!(
        "the registry names {}, the bundle is {found}",
        version.digest
    );
    Err(refused(LoadError::Refused(reason)))
}

fn measure(
    context: &StageContext,
    mut candidate: LoadedForecaster,
    mut champion: LoadedForecaster,
    dataset: &Dataset,
) -> Result<(Standing, Option<SessionsEntry>), StageError> {
    let learned = &champion.description;
    if learned.feature_spec_hash != dataset.panel.spec().hash() {
        return Ok((Standing::OtherFeatures, None));
    }
    let sessions = dataset.panel.sessions();
    let learned_until = learned
        .train_window
        .last
        .max(learned.validation_window.last);
    let fair = unseen_sessions(sessions, &dataset.split.test, learned_until);
    if fair.len() < MIN_SESSIONS {
        let found = fair.len();
        return Ok((Standing::TooFewSessions { found }, None));
    }
    // Both learn their calibration from the same sessions, which neither was trained on.
    let calibrated_from = unseen_sessions(
        sessions,
        &(dataset.split.validation.start..fair.end),
        learned.train_window.last,
    )
    .start
    .min(fair.start);
    let calibrated = |who: &'static str, model: &mut LoadedForecaster| {
        let forecaster = model.forecaster.as_mut();
        let (panel, labels) = (&dataset.panel, &dataset.labels);
        let sessions = calibrated_from..fair.end;
        score_rows(forecaster, panel, labels, sessions, dataset.universe())
            .map(|rows| Calibrated::as_time_goes(&rows, &context.config.calibration))
            .map_err(|source| StageError::Forecast {
                who,
                part: "test",
                source,
            })
    };
    let champion_rows = calibrated("champion", &mut champion)?;
    let candidate_rows = calibrated("candidate", &mut candidate)?;
    let standing = Standing::Compared {
        n_sessions: fair.len(),
        accuracies: pair_accuracies(
            champion_rows.since(fair.start),
            candidate_rows.since(fair.start),
        ),
    };
    let entry = SessionsEntry::new(window_of(sessions, &fair), fair.len());
    Ok((standing, Some(entry)))
}

fn pair_accuracies(
    champion: [&[ScoredRow]; Horizon::COUNT],
    candidate: [&[ScoredRow]; Horizon::COUNT],
) -> Vec<AccuracyPair> {
    Horizon::ALL
        .into_iter()
        .zip(champion.iter().zip(candidate))
        .map(|(horizon, (champion, candidate))| AccuracyPair {
            horizon,
            n_rows: candidate.len(),
            // Rows stand session by session.
            n_sessions: candidate
                .chunk_by(|a, b| a.session_idx == b.session_idx)
                .count(),
            champion: score(horizon, champion).accuracy,
            candidate: score(horizon, candidate).accuracy,
        })
        .collect()
}

/// The part of the test window that shares no label with what a model learned from until this
/// session.
fn unseen_sessions(
    sessions: &[Session],
    test: &Range<usize>,
    learned_until: Session,
) -> Range<usize> {
    let after = sessions.partition_point(|&session| session <= learned_until);
    let first = (after + Horizon::MAX_STEPS).clamp(test.start, test.end);
    first..test.end
}

#[cfg(test)]
mod tests;
