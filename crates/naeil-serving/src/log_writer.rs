//! Writing the prediction log without making anyone wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use naeil_domain::LoggedPrediction;
use naeil_domain::ports::PredictionLog;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::{Mutex, Notify, mpsc};
use tokio::task::JoinHandle;

use crate::config::ServiceConfig;
use crate::metrics::ServingMetrics;

/// How often a batch is offered to the log before it is given up.
const APPEND_ATTEMPTS: u32 = 3;

/// Takes answers at once and appends them in the background.
#[derive(Debug)]
pub(crate) struct LogWriter {
    queue: mpsc::Sender<LoggedPrediction>,
    stop: Arc<Notify>,
    task: Mutex<Option<JoinHandle<()>>>,
    dropped: Counter,
    /// Whether the answer before was dropped: one burst of drops is one line in the log.
    in_burst: AtomicBool,
}

impl LogWriter {
    /// Starts the background task.
    pub(crate) fn spawn(
        log: Arc<dyn PredictionLog>,
        config: &ServiceConfig,
        metrics: &ServingMetrics,
    ) -> Self {
        let (queue, answers) = mpsc::channel(config.log_capacity);
        let stop = Arc::new(Notify::new());
        let appender = Appender {
            log,
            dropped: metrics.log_dropped.clone(),
            batch: config.log_batch,
            retry_delay: config.log_retry_delay,
        };
        let task = tokio::spawn(appender.run(answers, Arc::clone(&stop)));
        Self {
            queue,
            stop,
            task: Mutex::new(Some(task)),
            dropped: metrics.log_dropped.clone(),
            in_burst: AtomicBool::new(false),
        }
    }

    /// Hands an answer over; if too many wait, it is dropped and counted.
    pub(crate) fn write(&self, answer: LoggedPrediction) {
        if self.queue.try_send(answer).is_ok() {
            self.in_burst.store(false, Ordering::Relaxed);
            return;
        }
        self.dropped.inc();
        if !self.in_burst.swap(true, Ordering::Relaxed) {
            tracing::error!("the prediction log does not keep up, answers go unlogged");
        }
    }

    /// Appends what waits and ends. Answers after it are dropped and counted.
    pub(crate) async fn shutdown(&self) {
        self.stop.notify_one();
        if let Some(task) = self.task.lock().await.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the task that writes the prediction log failed");
        }
    }
}

/// The background task's half.
struct Appender {
    log: Arc<dyn PredictionLog>,
    dropped: Counter,
    batch: usize,
    retry_delay: Duration,
}

impl Appender {
    async fn run(self, mut answers: mpsc::Receiver<LoggedPrediction>, stop: Arc<Notify>) {
        let mut batch = Vec::with_capacity(self.batch);
        loop {
            tokio::select! {
                n = answers.recv_many(&mut batch, self.batch) => {
                    if n == 0 {
                        return;
                    }
                    self.append(&batch).await;
                    batch.clear();
                }
                // Closing lets `recv_many` hand out what waits and then nothing more.
                () = stop.notified() => answers.close(),
            }
        }
    }

    async fn append(&self, answers: &[LoggedPrediction]) {
        for attempt in 1..=APPEND_ATTEMPTS {
            let Err(error) = self.log.append(answers).await else {
                return;
            };
            if attempt == APPEND_ATTEMPTS {
                self.dropped.inc_by(answers.len() as u64);
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    n_answers = answers.len(),
                    "answers could not be logged and are lost to the log"
                );
            } else {
                tokio::time::sleep(self.retry_delay * attempt).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
