//! Stage 1: reads the bars of the whole market, lets the quality checks judge them and chooses the
//! universe; or takes all of this from an earlier snapshot.

mod calendar_rule;
mod from_snapshot;

use std::sync::Arc;

use naeil_domain::BarPanel;
use naeil_domain::ports::{BarRequest, DataState, StoreError};
use naeil_features::FeatureSpec;
use naeil_quality::CheckRequest;

use crate::context::StageContext;
use crate::error::StageError;
use crate::quality_file::{QUALITY_FILE, QualityFile};
use crate::snapshot::{BarSnapshot, data_digest};
use crate::split::{plan_split, window_of};
use crate::stage::Stage;
use crate::stage_folder::StageFolder;
use crate::universe::select_universe;

/// Reads the last sessions of the store, refuses what the quality checks call unfit, chooses the
/// universe and writes the snapshot.
///
/// # Errors
/// [`StageError::NoBars`], [`StageError::NoCalendar`], [`StageError::TooFewSessions`],
/// [`StageError::DataRefused`], [`StageError::BarsMoved`], [`StageError::EmptyUniverse`],
/// [`StageError::SnapshotUnusable`], or what the store or the disk say.
pub async fn run(context: &StageContext) -> Result<(), StageError> {
    if let Some(dir) = context.config.data.from_snapshot.clone() {
        return context
            .compute(move |context| from_snapshot::adopt(context, &dir))
            .await;
    }
    let history = Arc::clone(&context.ports.history);
    extract(context, async |request: &CheckRequest| {
        let report = naeil_quality::check(history.as_ref(), request).await?;
        Ok(QualityFile::new(report))
    })
    .await
}

/// The stage with any check of the data.
async fn extract(
    context: &StageContext,
    check: impl AsyncFn(&CheckRequest) -> Result<QualityFile, StoreError>,
) -> Result<(), StageError> {
    let folder = context.begin(Stage::Extract)?;
    let bars = &context.ports.bars;
    let data = &context.config.data;
    let state = bars.data_state().await?.ok_or(StageError::NoBars)?;
    // After the state: what is imported between the two moves the revision, and is refused below.
    let as_known_at = data
        .as_known_at
        .unwrap_or_else(|| context.ports.clock.now());
    let request = BarRequest {
        codes: None,
        last_sessions: context.config.last_sessions,
        until: data.until,
        as_known_at: data.as_known_at,
    };
    let panel = bars.bars(&request).await?;
    let panel = calendar_rule::apply(context, panel)?;
    if panel.sessions().is_empty() || panel.stocks().is_empty() {
        return Err(StageError::NoBars);
    }
    // Exactly the sessions that were read and are kept.
    let request = CheckRequest {
        exchange: data.exchange,
        bars: BarRequest {
            last_sessions: Some(panel.sessions().len()),
            until: panel.sessions().last().copied(),
            ..request
        },
        calendar: context.ports.calendar.clone(),
        now: context.ports.clock.now(),
    };
    let mut quality = check(&request).await?;
    quality.accept(&data.accept);
    refuse_if_moved(&state, bars.data_state().await?)?;
    context
        .compute(move |context| {
            pass(context, &folder, &quality)?;
            let universe = choose(context, &panel)?;
            let exchange = context.config.data.exchange;
            let snapshot = BarSnapshot {
                digest: data_digest(exchange, &panel),
                bars: panel,
                universe,
                exchange,
                origin: state.origin,
                revision: state.revision,
                as_known_at,
            };
            snapshot.write(&folder)?;
            folder.finish()?;
            tell(context, &snapshot);
            Ok(())
        })
        .await
}

/// Bars and report have to be of the same state of the store, and the revision theirs.
fn refuse_if_moved(before: &DataState, after: Option<DataState>) -> Result<(), StageError> {
    let now = after.map_or(0, |state| state.revision);
    if now == before.revision {
        return Ok(());
    }
    Err(StageError::BarsMoved {
        before: before.revision,
        now,
    })
}

/// Keeps the report in the run's folder, whatever it says, and refuses what failed.
fn pass(
    context: &StageContext,
    folder: &StageFolder,
    quality: &QualityFile,
) -> Result<(), StageError> {
    folder.write_json(QUALITY_FILE, quality)?;
    quality.refuse_failures(folder)?;
    for check in quality.accepted_failures() {
        context
            .progress
            .note(&format!("the data fail {check}, which was accepted"));
    }
    Ok(())
}

/// Who is learned from, as indices of the panel's stocks. The split is planned here too, because
/// only the training window may say who that is.
fn choose(context: &StageContext, panel: &BarPanel) -> Result<Vec<usize>, StageError> {
    let split = plan_split(panel.sessions(), &FeatureSpec::v2(), &context.config)?;
    let universe = select_universe(panel, split.train.clone(), &context.config.universe);
    for code in &universe.missing {
        context.progress.note(&format!(
            "{code} is asked for and has no bar, it is left out"
        ));
    }
    if universe.stock_idxs.is_empty() {
        let window = window_of(panel.sessions(), &split.train);
        return Err(StageError::EmptyUniverse(window.to_string()));
    }
    Ok(universe.stock_idxs)
}

fn tell(context: &StageContext, snapshot: &BarSnapshot) {
    let sessions = snapshot.bars.sessions();
    let window = window_of(sessions, &(0..sessions.len()));
    context.progress.note(&format!(
        "{} stocks of {}, {} sessions from {window}, {} bars at revision {}, data digest {}; {} \
         stocks are learned from",
        snapshot.bars.stocks().len(),
        snapshot.exchange,
        sessions.len(),
        snapshot.origin.as_str(),
        snapshot.revision,
        snapshot.digest.short(),
        snapshot.universe.len()
    ));
}

#[cfg(test)]
mod tests;
