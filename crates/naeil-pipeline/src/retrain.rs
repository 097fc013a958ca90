//! The seven stages in order.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use naeil_domain::Exchange;

use crate::calibrate::{CalibrateOutcome, calibrate};
use crate::config::PipelineConfig;
use crate::context::StageContext;
use crate::error::{PipelineError, StageError};
use crate::outcome::{RetrainOutcome, StageTiming};
use crate::ports::PipelinePorts;
use crate::progress::Progress;
use crate::run_dir::{RunDir, RunId};
use crate::stage::Stage;
use crate::stages;

/// Retrains: from the bars in the store to a registered candidate and a verdict on it.
///
/// Everything is written into a new directory below `runs_dir`. It needs a tokio runtime; the
/// heavy computing runs on its blocking threads.
///
/// # Errors
/// [`PipelineError::Config`], [`PipelineError::RunExists`] and [`PipelineError::RunDir`] before
/// anything is started; [`PipelineError::Stage`] for what a stage met: nothing is promoted then.
/// [`PipelineError::Calibrate`] if the run is done but the champion's calibration could not be refitted.
pub async fn retrain(
    ports: &PipelinePorts,
    config: &PipelineConfig,
    runs_dir: &Path,
    progress: Arc<dyn Progress>,
) -> Result<RetrainOutcome, PipelineError> {
    config.validate()?;
    let id = RunId::new(ports.clock.now(), config.training.seed);
    let run = RunDir::create(runs_dir, id, config)?;
    let context = StageContext {
        run,
        ports: ports.clone(),
        config: Arc::new(config.clone()),
        progress,
    };
    run_stages(&context).await
}

async fn run_stages(context: &StageContext) -> Result<RetrainOutcome, PipelineError> {
    let mut stages = StageRunner {
        context,
        timings: Vec::with_capacity(Stage::ALL.len()),
    };
    stages
        .run(Stage::Extract, stages::extract::run(context))
        .await?;
    stages
        .run(Stage::Features, stages::features::run(context))
        .await?;
    let training = stages
        .run(Stage::Train, stages::train::run(context))
        .await?;
    let evaluation = stages
        .run(Stage::Evaluate, stages::evaluate::run(context))
        .await?;
    let comparison = stages
        .run(Stage::Compare, stages::compare::run(context))
        .await?;
    let candidate = stages
        .run(Stage::Register, stages::register::run(context))
        .await?;
    let promotion = stages
        .run(Stage::Promote, stages::promote::run(context))
        .await?;
    let calibration = calibrate_champion(context, promotion.champion.is_some()).await?;
    Ok(RetrainOutcome {
        run_id: context.run.id().clone(),
        run_dir: context.run.path().to_owned(),
        candidate,
        training,
        evaluation,
        comparison,
        promotion,
        calibration,
        timings: stages.timings,
    })
}

/// Refits the champion's calibration, whether the run promoted it or left it standing. A run that
/// looked at the past, at a snapshot or at another exchange says nothing about today's champion.
async fn calibrate_champion(
    context: &StageContext,
    has_champion: bool,
) -> Result<Option<CalibrateOutcome>, PipelineError> {
    let data = &context.config.data;
    let looks_elsewhere = data.until.is_some()
        || data.as_known_at.is_some()
        || data.from_snapshot.is_some()
        || data.exchange != Exchange::default();
    if looks_elsewhere || !has_champion {
        return Ok(None);
    }
    let outcome = calibrate(&context.ports, &context.config)
        .await
        .map_err(|source| PipelineError::Calibrate {
            run_dir: context.run.path().to_owned(),
            source: Box::new(source),
        })?;
    let after = &outcome.after;
    context.progress.note(&format!(
        "version {} is calibrated through {} on {} sessions",
        outcome.version, after.fitted_through, after.n_sessions
    ));
    Ok(Some(outcome))
}

/// Runs stages one after the other, telling and timing each.
struct StageRunner<'a> {
    context: &'a StageContext,
    timings: Vec<StageTiming>,
}

impl StageRunner<'_> {
    async fn run<T>(
        &mut self,
        stage: Stage,
        work: impl Future<Output = Result<T, StageError>>,
    ) -> Result<T, PipelineError> {
        let StageContext { run, progress, .. } = self.context;
        let started = Instant::now();
        progress.stage_started(stage);
        let result = work.await.map_err(|source| PipelineError::Stage {
            stage,
            run_dir: run.path().to_owned(),
            source,
        })?;
        let elapsed = started.elapsed();
        tracing::info!(run.id = %run.id(), %stage, seconds = elapsed.as_secs_f64(), "stage done");
        self.timings.push(StageTiming { stage, elapsed });
        progress.stage_finished(stage, elapsed);
        Ok(result)
    }
}

#[cfg(test)]
mod tests;
