//! Tapes that wait for the next training step.
//!
//! A tape holds tens of megabytes; page-faulting fresh ones in each step would cost a quarter of
//! the training speed.

use std::sync::{Mutex, PoisonError};

use naeil_kernels::Tape;

/// Tapes kept at most: one a layer of the deepest network in use, so that a burst does not hold
/// its memory for ever.
const KEPT: usize = 4;

static WAITING: Mutex<Vec<Tape>> = Mutex::new(Vec::new());

/// A tape that goes back to the pool when dropped, be it after a backward pass or without one.
#[derive(Debug, Default)]
pub(super) struct PooledTape(Tape);

impl PooledTape {
    /// Takes a tape out of the pool, or makes one.
    pub(super) fn take() -> Self {
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        Self(waiting.pop().unwrap_or_default())
    }

    pub(super) fn get_mut(&mut self) -> &mut Tape {
        &mut self.0
    }
}

impl Drop for PooledTape {
    fn drop(&mut self) {
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < KEPT {
            waiting.push(std::mem::take(&mut self.0));
        }
    }
}
