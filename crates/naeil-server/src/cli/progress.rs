//! Progress on standard error: bars on a terminal, nothing moving elsewhere.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use naeil_backtest::EvaluationProgress;
use naeil_model::{EpochReport, Progress as TrainingProgress};
use naeil_pipeline::{Progress, Stage};
use naeil_store::{ImportPhase, ImportProgress};

/// A spinner with a message; hidden where standard error is no terminal.
pub(crate) fn spinner(message: impl Into<String>) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(message.into());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// The bar of an import; hidden where standard error is no terminal.
pub(crate) struct ImportBar(ProgressBar);

impl ImportBar {
    pub(crate) fn new(name: &str) -> Self {
        let style = ProgressStyle::with_template("{msg} {bar:30} {percent:>3} % {eta} left")
            .expect("a valid template");
        Self(
            ProgressBar::new(0)
                .with_style(style)
                .with_message(format!("importing {name}")),
        )
    }

    pub(crate) fn at(&self, progress: &ImportProgress) {
        let total = progress.total_bytes.or(progress.total_rows);
        let done = progress.bytes_read.unwrap_or(progress.rows_read);
        self.0.set_length(total.unwrap_or(done));
        self.0.set_position(done);
        if progress.phase == ImportPhase::Storing {
            self.0.set_message("storing");
        }
    }
}

impl Drop for ImportBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Tells what a retrain does: lines that stay on standard error, wherever it goes.
pub(crate) struct TrainingTalk {
    started: Instant,
    spinner: Mutex<Option<ProgressBar>>,
}

impl TrainingTalk {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            spinner: Mutex::new(None),
        }
    }

    fn say(&self, line: &str) {
        let line = format!("[{:6.1} s] {line}", self.started.elapsed().as_secs_f64());
        match self.spinner().as_ref() {
            Some(spinner) => spinner.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    /// A panic elsewhere cannot leave a spinner half-made, so a poisoned lock is as good as new.
    fn spinner(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.spinner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for TrainingTalk {
    fn stage_started(&self, stage: Stage) {
        *self.spinner() = Some(spinner(stage.as_str()));
    }

    fn training(&self, progress: &TrainingProgress<'_>) {
        if let Some(spinner) = self.spinner().as_ref() {
            let left = progress.left.as_secs();
            spinner.set_message(format!(
                "train: network {} of {}, epoch {} of {}, {}:{:02} left",
                progress.member,
                progress.n_members,
                progress.epoch,
                progress.n_epochs,
                left / 60,
                left % 60
            ));
        }
    }

    fn epoch(&self, epoch: &EpochReport) {
        let validation = epoch.validation.map_or_else(String::new, |validation| {
            format!(", validation loss {:.4}", validation.loss)
        });
        self.say(&format!(
            "  epoch {:>2}: training loss {:.4}{validation}, {} windows{}",
            epoch.epoch,
            epoch.train_loss,
            epoch.windows,
            if epoch.best { ", best so far" } else { "" },
        ));
    }

    fn note(&self, text: &str) {
        self.say(&format!("  {text}"));
    }

    fn stage_finished(&self, stage: Stage, elapsed: Duration) {
        if let Some(spinner) = self.spinner().take() {
            spinner.finish_and_clear();
        }
        self.say(&format!(
            "{} took {:.1} s",
            stage.as_str(),
            elapsed.as_secs_f64()
        ));
    }
}

/// Tells what an evaluation does: lines that stay on standard error, wherever it goes.
pub(crate) struct EvaluationTalk {
    started: Instant,
}

impl EvaluationTalk {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    fn say(&self, line: &str) {
        eprintln!("[{:6.1} s] {line}", self.started.elapsed().as_secs_f64());
    }
}

impl EvaluationProgress for EvaluationTalk {
    fn task_started(&self, task: &str, done: usize, total: usize, left_seconds: Option<f64>) {
        let left = left_seconds.map_or_else(String::new, |seconds| {
            format!(", about {:.0} minutes left", (seconds / 60.0).ceil())
        });
        self.say(&format!("task {} of {total}: {task}{left}", done + 1));
    }

    fn note(&self, text: &str) {
        self.say(&format!("  {text}"));
    }

    fn task_finished(&self, task: &str, seconds: f64, was_stored: bool) {
        if was_stored {
            self.say(&format!("{task} is stored"));
        } else {
            self.say(&format!("{task} took {seconds:.1} s"));
        }
    }
}
