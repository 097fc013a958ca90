//! Stage 1: reads the bars and chooses the universe.

use naeil_domain::BarPanel;
use naeil_domain::ports::{BarRequest, DataState};
use naeil_features::FeatureSpec;

use crate::context::StageContext;
use crate::error::StageError;
use crate::snapshot::BarSnapshot;
use crate::split::{plan_split, window_of};
use crate::stage::Stage;
use crate::universe::select_universe;

/// Reads the last sessions of the store, keeps the universe and writes the snapshot.
///
/// # Errors
/// [`StageError::NoBars`], [`StageError::TooFewSessions`], [`StageError::EmptyUniverse`], or what
/// the store or the disk say.
pub async fn run(context: &StageContext) -> Result<(), StageError> {
    let folder = context.begin(Stage::Extract)?;
    // The state is read before the bars: a correction between the two is then in the bars but not
    // in the revision, which may only lag behind.
    let bars = &context.ports.bars;
    let state = bars.data_state().await?.ok_or(StageError::NoBars)?;
    let request = BarRequest {
        last_sessions: context.config.last_sessions,
        ..BarRequest::default()
    };
    let panel = bars.bars(&request).await?;
    context
        .compute(move |context| {
            let universe = choose(context, &panel)?;
            let DataState {
                origin, revision, ..
            } = state;
            let snapshot = BarSnapshot::write(&folder, universe, origin, revision)?;
            folder.finish()?;
            tell(context, &snapshot);
            Ok(())
        })
        .await
}

/// Cuts the panel down to the universe. The split is planned here too, because only the training
/// window may say who is learned from.
fn choose(context: &StageContext, panel: &BarPanel) -> Result<BarPanel, StageError> {
    if panel.sessions().is_empty() || panel.stocks().is_empty() {
        return Err(StageError::NoBars);
    }
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
    Ok(panel.retain_stocks(|stock_idx, _| universe.stock_idxs.binary_search(&stock_idx).is_ok()))
}

fn tell(context: &StageContext, snapshot: &BarSnapshot) {
    let window = window_of(
        snapshot.bars.sessions(),
        &(0..snapshot.bars.sessions().len()),
    );
    context.progress.note(&format!(
        "{} stocks, {} sessions from {window}, {} bars at revision {}, data digest {}",
        snapshot.bars.stocks().len(),
        snapshot.bars.sessions().len(),
        snapshot.origin.as_str(),
        snapshot.revision,
        snapshot.digest.short()
    ));
}

#[cfg(test)]
mod tests;
