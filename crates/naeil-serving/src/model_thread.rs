//! The OS thread that owns a model.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Instant;

use naeil_domain::ports::{ForecastError, Forecaster, Forecasts, WindowBatch, WindowShape};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use crate::batcher::{Batcher, Job, deal_out, merged};
use crate::config::ServiceConfig;
use crate::error::InferenceError;
use crate::metrics::ServingMetrics;

/// A handle to the thread; the thread ends when its work is done and the last handle is gone.
#[derive(Debug)]
pub(crate) struct ModelThread {
    queue: mpsc::Sender<Job>,
    shape: WindowShape,
    metrics: ServingMetrics,
}

impl ModelThread {
    /// Starts a thread that owns `forecaster`.
    pub(crate) fn spawn(
        forecaster: Box<dyn Forecaster>,
        config: &ServiceConfig,
        metrics: &ServingMetrics,
    ) -> io::Result<Self> {
        let shape = forecaster.shape().clone();
        let (queue, jobs) = mpsc::channel(config.queue_capacity);
        let depth = metrics.inference_queue_depth.clone();
        let mut batcher = Batcher::new(jobs, depth, config.max_batch);
        let mut model = Model {
            forecaster,
            metrics: metrics.clone(),
        };
        thread::Builder::new()
            .name("naeil-model".to_owned())
            .spawn(move || {
                while let Some(batch) = batcher.next_batch() {
                    model.answer(batch);
                }
            })?;
        Ok(Self {
            queue,
            shape,
            metrics: metrics.clone(),
        })
    }

    /// The windows that the model takes.
    pub(crate) fn shape(&self) -> &WindowShape {
        &self.shape
    }

    /// Forecasts a request's windows, or refuses at once if too many requests wait already.
    ///
    /// If the caller goes away before its turn, the work is never done.
    pub(crate) async fn forecast(&self, windows: WindowBatch) -> Result<Forecasts, InferenceError> {
        let permit = self.queue.try_reserve().map_err(|error| match error {
            TrySendError::Full(()) => InferenceError::QueueFull,
            TrySendError::Closed(()) => InferenceError::ThreadEnded,
        })?;
        self.submit(permit, windows).await
    }

    /// Forecasts in the background: waits for room in the queue instead of refusing.
    pub(crate) async fn forecast_when_free(
        &self,
        windows: WindowBatch,
    ) -> Result<Forecasts, InferenceError> {
        let permit = self
            .queue
            .reserve()
            .await
            .map_err(|_| InferenceError::ThreadEnded)?;
        self.submit(permit, windows).await
    }

    async fn submit(
        &self,
        permit: mpsc::Permit<'_, Job>,
        windows: WindowBatch,
    ) -> Result<Forecasts, InferenceError> {
        let (reply, answer) = oneshot::channel();
        self.metrics.inference_queue_depth.inc();
        permit.send(Job {
            windows,
            reply,
            span: Span::current(),
        });
        answer.await.map_err(|_| InferenceError::ThreadEnded)?
    }
}

/// What the thread owns.
struct Model {
    forecaster: Box<dyn Forecaster>,
    metrics: ServingMetrics,
}

impl Model {
    /// Answers a batch in one pass. If that fails, each job gets a pass of its own, so that one
    /// bad window does not spoil the answers of others.
    fn answer(&mut self, mut jobs: Vec<Job>) {
        let span = match jobs.as_slice() {
            [only] => only.span.clone(),
            several => {
                let span = tracing::debug_span!("forward_pass", n_jobs = several.len());
                for job in several {
                    span.follows_from(&job.span);
                }
                span
            }
        };
        let _entered = span.enter();
        let is_shared = jobs.len() > 1;
        let windows = if is_shared {
            merged(&jobs)
        } else {
            std::mem::replace(&mut jobs[0].windows, nothing())
        };
        match self.pass(&windows) {
            Ok(forecasts) if is_shared => deal_out(jobs, forecasts),
            Err(_) if is_shared => jobs.into_iter().for_each(|job| self.answer(vec![job])),
            result => {
                for job in jobs {
                    // A caller that has gone meanwhile needs no answer.
                    let _ = job.reply.send(result.clone());
                }
            }
        }
    }

    fn pass(&mut self, windows: &WindowBatch) -> Result<Forecasts, InferenceError> {
        let started = Instant::now();
        // The forecaster is used again after a panic. Its weights are only read in a pass, and
        // whatever it left half-written is buffers that the next pass fills anew.
        let result = catch_unwind(AssertUnwindSafe(|| self.forecaster.forecast(windows)));
        self.metrics
            .inference_seconds
            .observe(started.elapsed().as_secs_f64());
        self.metrics
            .inference_windows
            .inc_by(windows.n_windows as u64);
        let result = match result {
            Ok(result) => result.map_err(InferenceError::from),
            Err(panic) => Err(InferenceError::Panicked(panic_text(panic.as_ref()))),
        };
        let result = result.and_then(|forecasts| checked(forecasts, windows.n_windows));
        if let Err(error) = &result {
            tracing::error!(%error, n_windows = windows.n_windows, "a forward pass failed");
        }
        result
    }
}

/// A forecaster is another crate's code: a wrong number of answers must not shift them.
fn checked(forecasts: Forecasts, n_windows: usize) -> Result<Forecasts, InferenceError> {
    let found = forecasts.rows.len();
    if found == n_windows {
        Ok(forecasts)
    } else {
        Err(InferenceError::Failed(ForecastError::Shape {
            expected: format!("{n_windows} answers"),
            found: format!("{found} answers"),
        }))
    }
}

fn nothing() -> WindowBatch {
    WindowBatch {
        n_windows: 0,
        sequence: Vec::new(),
        wide: Vec::new(),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a message".to_owned())
}

#[cfg(test)]
mod tests;
