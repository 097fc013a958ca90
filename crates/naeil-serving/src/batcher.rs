//! Merging requests that wait into one forward pass.

use naeil_domain::ports::{Forecasts, WindowBatch};
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use crate::error::InferenceError;

/// Windows to forecast, and who waits for the answer.
pub(crate) struct Job {
    pub(crate) windows: WindowBatch,
    pub(crate) reply: oneshot::Sender<Result<Forecasts, InferenceError>>,
    /// The span of the request, so that the work shows under it.
    pub(crate) span: Span,
}

/// Takes jobs from the queue, as many at a time as wait there already.
///
/// It never waits for company: a lone request goes through at once, and requests that arrive
/// during a pass share the next one.
pub(crate) struct Batcher {
    queue: mpsc::Receiver<Job>,
    queue_depth: Gauge,
    max_batch: usize,
    /// A job that no longer fitted into the batch before.
    held_over: Option<Job>,
}

impl Batcher {
    pub(crate) fn new(queue: mpsc::Receiver<Job>, queue_depth: Gauge, max_batch: usize) -> Self {
        Self {
            queue,
            queue_depth,
            max_batch,
            held_over: None,
        }
    }

    /// Waits for the next batch of at most `max_batch` windows (more if one job alone has more);
    /// `None` when no one can ask any more. Jobs whose caller has gone are left out.
    pub(crate) fn next_batch(&mut self) -> Option<Vec<Job>> {
        let first = loop {
            let job = match self.held_over.take() {
                Some(job) => job,
                None => self.taken(|queue| queue.blocking_recv())?,
            };
            if !job.reply.is_closed() {
                break job;
            }
        };
        let mut n_windows = first.windows.n_windows;
        let mut batch = vec![first];
        while let Some(job) = self.taken(|queue| queue.try_recv().ok()) {
            if job.reply.is_closed() {
                continue;
            }
            n_windows += job.windows.n_windows;
            if n_windows > self.max_batch {
                self.held_over = Some(job);
                break;
            }
            batch.push(job);
        }
        Some(batch)
    }

    fn taken(&mut self, take: impl FnOnce(&mut mpsc::Receiver<Job>) -> Option<Job>) -> Option<Job> {
        let job = take(&mut self.queue)?;
        self.queue_depth.dec();
        Some(job)
    }
}

/// The windows of several jobs as one batch, in order.
pub(crate) fn merged(jobs: &[Job]) -> WindowBatch {
    WindowBatch {
        n_windows: jobs.iter().map(|job| job.windows.n_windows).sum(),
        sequence: joined(jobs, |windows| &windows.sequence),
        wide: joined(jobs, |windows| &windows.wide),
    }
}

fn joined(jobs: &[Job], part: impl Fn(&WindowBatch) -> &Vec<f32>) -> Vec<f32> {
    let parts: Vec<&[f32]> = jobs
        .iter()
        .map(|job| part(&job.windows).as_slice())
        .collect();
    parts.concat()
}

/// Hands each job its part of the answers to [`merged`].
pub(crate) fn deal_out(jobs: Vec<Job>, forecasts: Forecasts) {
    let mut rest = forecasts.rows.into_iter();
    for job in jobs {
        let rows = rest.by_ref().take(job.windows.n_windows).collect();
        // A caller that has gone meanwhile needs no answer.
        let _ = job.reply.send(Ok(Forecasts { rows }));
    }
}

#[cfg(test)]
mod tests {
    use naeil_domain::HorizonForecast;

    use super::*;

    type Reply = oneshot::Receiver<Result<Forecasts, InferenceError>>;

    fn job(values: &[f32]) -> (Job, Reply) {
        let (reply, answer) = oneshot::channel();
        let windows = WindowBatch {
            n_windows: values.len(),
            sequence: values.to_vec(),
            wide: values.iter().map(|value| 10.0 * value).collect(),
        };
        let span = Span::none();
        let job = Job {
            windows,
            reply,
            span,
        };
        (job, answer)
    }

    fn batcher(jobs: Vec<Job>, max_batch: usize) -> (Batcher, Gauge) {
        let depth = Gauge::default();
        let (sender, queue) = mpsc::channel(16);
        for job in jobs {
            depth.inc();
            assert!(sender.try_send(job).is_ok());
        }
        (Batcher::new(queue, depth.clone(), max_batch), depth)
    }

    fn sizes(batcher: &mut Batcher) -> Vec<Vec<usize>> {
        std::iter::from_fn(|| batcher.next_batch())
            .map(|batch| batch.iter().map(|job| job.windows.n_windows).collect())
            .collect()
    }

    #[test]
    fn waiting_jobs_share_a_batch_up_to_the_limit() {
        let (jobs, _replies): (Vec<_>, Vec<_>) =
            [1, 2, 1, 5, 1].iter().map(|&n| job(&vec![0.0; n])).unzip();
        let (mut batcher, depth) = batcher(jobs, 4);
        // 1 + 2 + 1 fill the limit of 4; 5 alone is over it and goes alone; 1 is left.
        assert_eq!(sizes(&mut batcher), [vec![1, 2, 1], vec![5], vec![1]]);
        assert_eq!(depth.get(), 0);
    }

    #[test]
    fn a_job_whose_caller_has_gone_is_left_out() {
        let (first, gone_first) = job(&[0.0]);
        let (second, _waits) = job(&[0.0, 0.0]);
        let (third, gone_third) = job(&[0.0]);
        drop((gone_first, gone_third));
        let (mut batcher, depth) = batcher(vec![first, second, third], 4);
        assert_eq!(sizes(&mut batcher), [vec![2]]);
        assert_eq!(depth.get(), 0);
    }

    #[test]
    fn each_job_gets_its_own_answers() {
        let (first, mut first_answer) = job(&[1.0, 2.0]);
        let (second, mut second_answer) = job(&[3.0]);
        let jobs = vec![first, second];
        let batch = merged(&jobs);
        assert_eq!(batch.sequence, [1.0, 2.0, 3.0]);
        assert_eq!(batch.wide, [10.0, 20.0, 30.0]);
        assert_eq!(batch.n_windows, 3);
        let row = |logit| [HorizonForecast::of_direction(logit); 3];
        let rows = vec![row(0.1), row(0.2), row(0.3)];
        deal_out(jobs, Forecasts { rows });
        let got = first_answer.try_recv().unwrap().unwrap();
        assert_eq!(got.rows, [row(0.1), row(0.2)]);
        let got = second_answer.try_recv().unwrap().unwrap();
        assert_eq!(got.rows, [row(0.3)]);
    }
}
