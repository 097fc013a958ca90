//! The training of one member.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::checkpoint::{Checkpoint, CheckpointFile, MemberState, Position};
use crate::config::Selection;
use crate::data::SessionWindows;
use crate::error::ModelError;
use crate::learner::{DropoutFactors, Learner, LearnerState};
use crate::progress::Progress;
use crate::sampling::{Draw, dropout_factors, generator};
use crate::schedule::one_cycle;
use crate::summary::{EpochReport, MemberSummary, StopReason};
use crate::weights::Weights;

use super::plan::Plan;

/// Who hears of every step.
pub(super) type OnProgress<'f> = &'f mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>;

/// The training of the next member, which is put among the finished ones when it is done.
pub(super) struct MemberRun<'a> {
    plan: &'a Plan<'a>,
    file: Option<&'a CheckpointFile<'a>>,
    done: &'a mut Checkpoint,
    seed: u64,
    learner: Learner<'a>,
    position: Position,
    best: Option<Weights>,
    clock: Clock,
}

/// The time of a training that may have been interrupted.
struct Clock {
    started: Instant,
    /// Seconds spent on the member before.
    seconds_before: f64,
    /// Seconds spent on the members before.
    seconds_of_others: f64,
    /// Steps taken on the member before.
    steps_before: usize,
    checkpointed: Instant,
}

impl<'a> MemberRun<'a> {
    /// Begins with the next member, or goes on with the one that was interrupted.
    pub(super) fn new(
        plan: &'a Plan<'a>,
        file: Option<&'a CheckpointFile<'a>>,
        done: &'a mut Checkpoint,
    ) -> Self {
        let seed = plan.config.member_seed(done.finished.len());
        let MemberState {
            learner,
            position,
            best,
        } = done.current.take().unwrap_or_else(|| MemberState {
            learner: LearnerState::new(Weights::initial(
                plan.network,
                plan.assembler.return_scale,
                seed,
            )),
            position: Position::default(),
            best: None,
        });
        let now = Instant::now();
        Self {
            clock: Clock {
                started: now,
                seconds_before: position.seconds,
                seconds_of_others: done.finished.iter().map(|(s, _)| s.seconds).sum(),
                steps_before: learner.n_steps,
                checkpointed: now,
            },
            learner: Learner::new(plan.network, plan.config.weight_decay, learner),
            plan,
            file,
            done,
            seed,
            position,
            best,
        }
    }

    /// Trains until there is a reason to stop.
    pub(super) fn run(mut self, on_progress: OnProgress<'_>) -> Result<(), ModelError> {
        let reason = loop {
            if let Some(reason) = self.stop_reason() {
                break reason;
            }
            let out_of_time = self.epoch(on_progress)?;
            if out_of_time {
                break StopReason::TimeLimit;
            }
        };
        let last = self.learner.state().weights.clone();
        let (weights, kept_epoch) = match (self.plan.config.select, self.best.take()) {
            (Selection::Best, Some(best)) => (best, self.position.best_epoch),
            _ => (last, self.position.curve.len()),
        };
        let summary = MemberSummary {
            seed: self.seed,
            kept_epoch,
            windows_seen: self.position.curve.iter().map(|r| r.windows).sum(),
            seconds: self.seconds(),
            stop_reason: reason,
            curve: std::mem::take(&mut self.position.curve),
        };
        self.done.finished.push((summary, weights));
        match self.file {
            Some(file) => file.write(self.done),
            None => Ok(()),
        }
    }

    /// Why the member is done, if it is: nothing but what a checkpoint holds decides it.
    fn stop_reason(&self) -> Option<StopReason> {
        let epochs_done = self.position.curve.len();
        if epochs_done >= self.plan.config.epochs {
            return Some(StopReason::Finished);
        }
        let patience = self.plan.config.patience?;
        let worse = epochs_done - self.position.best_epoch;
        (worse >= patience).then_some(StopReason::EarlyStopping)
    }

    /// Takes the steps that are left of the present epoch, or until time is up; at least one.
    /// Returns whether time was up.
    fn epoch(&mut self, on_progress: OnProgress<'_>) -> Result<bool, ModelError> {
        let epoch_idx = self.position.curve.len();
        let order = self.plan.epoch_order(self.seed, epoch_idx);
        loop {
            // An epoch whose last step was checkpointed still has to be judged.
            if let Some(session) = order.get(self.position.steps_in_epoch) {
                self.step(session)?;
            }
            let out_of_time = self.is_out_of_time();
            let ended = self.position.steps_in_epoch >= order.len() || out_of_time;
            let report = if ended { Some(self.judge()?) } else { None };
            if ended || self.is_checkpoint_due() {
                self.checkpoint()?;
            }
            let flow = on_progress(&self.progress(epoch_idx, report.as_ref()));
            if flow.is_break() {
                self.checkpoint()?;
                return Err(ModelError::Stopped);
            }
            if ended {
                return Ok(out_of_time);
            }
        }
    }

    fn step(&mut self, session: &SessionWindows) -> Result<(), ModelError> {
        let (plan, step_idx) = (self.plan, self.learner.state().n_steps);
        let rows = plan.rows(self.seed, step_idx, session);
        let batch = plan.assembler.assemble(session, &rows);
        let rate = one_cycle(plan.config.learning_rate, step_idx, plan.n_steps());
        let dropout = self.dropout(step_idx, rows.len());
        let diverged = ModelError::Diverged {
            epoch: self.position.curve.len() + 1,
        };
        let loss = match self.learner.step(&batch, dropout, rate) {
            Ok(loss) if loss.is_finite() => loss,
            _ => return Err(diverged),
        };
        self.position.steps_in_epoch += 1;
        self.position.windows_in_epoch += rows.len();
        self.position.loss_sum += f64::from(loss);
        Ok(())
    }

    fn dropout(&self, step_idx: usize, n_windows: usize) -> Option<DropoutFactors> {
        let network = self.plan.network;
        if network.dropout == 0.0 {
            return None;
        }
        let mut rng = generator(self.seed, Draw::Dropout(step_idx));
        let mut factors =
            |units: usize| dropout_factors(n_windows * units, network.dropout, &mut rng);
        Some(DropoutFactors {
            hidden: factors(network.hidden_size),
            wide: factors(network.wide_size),
        })
    }

    /// Ends the epoch: judges the weights and begins the next one's count.
    fn judge(&mut self) -> Result<EpochReport, ModelError> {
        let epoch = self.position.curve.len() + 1;
        let plan = self.plan;
        let validation = (plan.validation.as_ref())
            .map(|set| set.judge(&plan.assembler, &self.learner.for_inference()));
        if validation.is_some_and(|report| !report.loss.is_finite()) {
            return Err(ModelError::Diverged { epoch });
        }
        let best_loss = (self
            .position
            .curve
            .get(self.position.best_epoch.wrapping_sub(1)))
        .and_then(|report| report.validation)
        .map_or(f64::INFINITY, |report| report.loss);
        let best = validation.is_some_and(|report| report.loss < best_loss);
        if best {
            self.position.best_epoch = epoch;
            if plan.config.select == Selection::Best {
                self.best = Some(self.learner.state().weights.clone());
            }
        }
        let report = EpochReport {
            epoch,
            train_loss: self.position.loss_sum / self.position.steps_in_epoch as f64,
            validation,
            windows: self.position.windows_in_epoch,
            elapsed: Duration::from_secs_f64(self.seconds()),
            best,
        };
        tracing::debug!(
            seed = self.seed,
            epoch,
            train_loss = report.train_loss,
            validation_loss = report.validation.map(|report| report.loss),
            windows = report.windows,
            "epoch done"
        );
        self.position.curve.push(report.clone());
        self.position.steps_in_epoch = 0;
        self.position.windows_in_epoch = 0;
        self.position.loss_sum = 0.0;
        Ok(report)
    }

    fn is_checkpoint_due(&self) -> bool {
        let minutes = self.plan.config.checkpoint_minutes;
        self.clock.checkpointed.elapsed().as_secs_f64() >= minutes * 60.0
    }

    fn checkpoint(&mut self) -> Result<(), ModelError> {
        self.clock.checkpointed = Instant::now();
        let Some(file) = self.file else {
            return Ok(());
        };
        self.position.seconds = self.seconds();
        self.done.current = Some(MemberState {
            learner: self.learner.state().clone(),
            position: self.position.clone(),
            best: self.best.clone(),
        });
        let written = file.write(self.done);
        self.done.current = None;
        written
    }

    /// Seconds spent on the member.
    fn seconds(&self) -> f64 {
        self.clock.seconds_before + self.clock.started.elapsed().as_secs_f64()
    }

    /// Time spent on all members.
    fn elapsed(&self) -> Duration {
        Duration::from_secs_f64(self.clock.seconds_of_others + self.seconds())
    }

    fn is_out_of_time(&self) -> bool {
        let limit = self.plan.time_limit();
        limit.is_some_and(|limit| self.elapsed() >= limit)
    }

    fn progress<'r>(&self, epoch_idx: usize, report: Option<&'r EpochReport>) -> Progress<'r> {
        let (plan, n_done) = (self.plan, self.learner.state().n_steps);
        let n_members = plan.config.seeds;
        let n_later = n_members - self.done.finished.len() - 1;
        let steps_left = plan.n_steps() - n_done + n_later * plan.n_steps();
        let taken = (n_done - self.clock.steps_before).max(1);
        let per_step = self.clock.started.elapsed().div_f64(taken as f64);
        let mut left = per_step.mul_f64(steps_left as f64);
        if let Some(limit) = plan.time_limit() {
            left = left.min(limit.saturating_sub(self.elapsed()));
        }
        let steps_in_epoch = self.position.steps_in_epoch.max(1) as f64;
        Progress {
            member: self.done.finished.len() + 1,
            n_members,
            epoch: epoch_idx + 1,
            n_epochs: plan.config.epochs,
            step: n_done,
            n_steps: plan.n_steps(),
            loss: match report {
                Some(report) => report.train_loss,
                None => self.position.loss_sum / steps_in_epoch,
            },
            elapsed: self.elapsed(),
            left,
            epoch_report: report,
        }
    }
}
