//! How far a training has come.

use std::time::Duration;

use crate::summary::EpochReport;

/// How far a training has come, after each of its steps.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The member in training, from 1.
    pub member: usize,
    /// Members in all.
    pub n_members: usize,
    /// The epoch, from 1.
    pub epoch: usize,
    /// Epochs of a member at most.
    pub n_epochs: usize,
    /// The step of the member, from 1.
    pub step: usize,
    /// Steps of a member at most.
    pub n_steps: usize,
    /// Mean loss of the epoch's steps so far.
    pub loss: f64,
    /// Time spent on all members so far.
    pub elapsed: Duration,
    /// Time that the rest will take if it goes on as it did, at most.
    pub left: Duration,
    /// What came out of the epoch, if this step ended it.
    pub epoch_report: Option<&'a EpochReport>,
}
