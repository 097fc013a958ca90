//! What every stage is given.

use std::sync::Arc;

use crate::config::PipelineConfig;
use crate::error::StageError;
use crate::ports::PipelinePorts;
use crate::progress::Progress;
use crate::run_dir::RunDir;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

/// The run that a stage works for. Cheap to clone.
#[derive(Clone)]
pub struct StageContext {
    /// The run's directory: all that stages share.
    pub run: RunDir,
    /// The outside parts.
    pub ports: PipelinePorts,
    /// The settings.
    pub config: Arc<PipelineConfig>,
    /// Whoever watches.
    pub progress: Arc<dyn Progress>,
}

impl StageContext {
    /// Opens the folder of a stage that begins now.
    pub(crate) fn begin(&self, stage: Stage) -> Result<StageFolder, StageError> {
        StageFolder::begin(&self.run, stage, &self.ports.clock)
    }

    /// Opens the folder of a stage that begins now, or goes on where a killed attempt at it stopped.
    pub(crate) fn begin_or_resume(&self, stage: Stage) -> Result<StageFolder, StageError> {
        StageFolder::begin_or_resume(&self.run, stage, &self.ports.clock)
    }

    /// Runs `work` on the runtime's blocking threads, where computing and disk work belong.
    ///
    /// # Errors
    /// What `work` returns, or [`StageError::Interrupted`] if it panicked or the runtime is
    /// stopping.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StageError> + Send + 'static,
    ) -> Result<T, StageError> {
        let context = self.clone();
        tokio::task::spawn_blocking(move || work(&context))
            .await
            .unwrap_or_else(|source| Err(StageError::Interrupted(source)))
    }
}
