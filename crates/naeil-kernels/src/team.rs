//! Threads that help while they are free.
//!
//! The calling thread does the work itself; threads of rayon's pool join in if they turn up before
//! it has finished. Nobody waits for a thread that has not begun, so a pool that is busy, or has a
//! single thread that is the caller, costs speed and nothing else: unlike with `rayon::join` or a
//! scope, there is nothing to deadlock on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const OPEN: u8 = 0;
const CLAIMED: u8 = 1;
const CLOSED: u8 = 2;
const DONE: u8 = 3;
const PANICKED: u8 = 4;

/// Rounds of waiting, some ten microseconds, after which the other thread is not running.
const SPINS: u32 = 1_000;

/// An invitation to one helper.
struct Invitation {
    state: AtomicU8,
    /// Points into the caller's stack: alive until the invitation is closed or done.
    work: *const (dyn Fn() + Sync),
}

// SAFETY: `work` is `Sync`, so it may be called from another thread; `accept` touches it only
// after claiming the invitation, and `Team` stays until what is claimed is done.
unsafe impl Send for Invitation {}
// SAFETY: as above; the state is atomic.
unsafe impl Sync for Invitation {}

impl Invitation {
    fn accept(&self) {
        let claim =
            self.state
                .compare_exchange(OPEN, CLAIMED, Ordering::Acquire, Ordering::Relaxed);
        if claim.is_err() {
            return;
        }
        // SAFETY: the invitation was open, so its `Team` lives, and waits until this is done.
        let work = unsafe { &*self.work };
        let state = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(()) => DONE,
            Err(_) => PANICKED,
        };
        self.state.store(state, Ordering::Release);
    }

    /// Closes it, or waits for the helper; whether that one panicked.
    fn close(&self) -> bool {
        let close = self
            .state
            .compare_exchange(OPEN, CLOSED, Ordering::Relaxed, Ordering::Relaxed);
        if close.is_ok() {
            return false;
        }
        wait_until(|| self.state.load(Ordering::Acquire) != CLAIMED);
        self.state.load(Ordering::Relaxed) == PANICKED
    }
}

/// The helpers invited; closed when dropped, also by a panic of the caller.
struct Team(Vec<Arc<Invitation>>);

impl Drop for Team {
    fn drop(&mut self) {
        let panicked = self
            .0
            .drain(..)
            .fold(false, |any, invitation| invitation.close() | any);
        assert!(
            !panicked || std::thread::panicking(),
            "a thread that helped a kernel panicked"
        );
    }
}

/// Waits for what another thread is about to do.
#[inline]
pub(crate) fn wait_until(reached: impl Fn() -> bool) {
    while !wait_briefly(&reached) {
        std::thread::yield_now();
    }
}

/// Waits for what another thread is about to do, but not for longer than it takes if that thread is
/// running; whether it has been done.
#[inline]
pub(crate) fn wait_briefly(reached: impl Fn() -> bool) -> bool {
    for _ in 0..SPINS {
        if reached() {
            return true;
        }
        std::hint::spin_loop();
    }
    reached()
}

/// Calls `work` on this thread and on up to `helpers` others, once on each; returns when all that
/// have begun have ended. `work` shares out the work itself.
fn together(helpers: usize, work: &(dyn Fn() + Sync)) {
    let helpers = helpers.min(rayon::current_num_threads());
    // SAFETY: only the lifetime changes; `Team` keeps every use within this call.
    let lasting = unsafe {
        std::mem::transmute::<*const (dyn Fn() + Sync + '_), *const (dyn Fn() + Sync + 'static)>(
            work,
        )
    };
    let mut team = Team(Vec::with_capacity(helpers));
    for _ in 0..helpers {
        let invitation = Arc::new(Invitation {
            state: AtomicU8::new(OPEN),
            work: lasting,
        });
        team.0.push(Arc::clone(&invitation));
        rayon::spawn(move || invitation.accept());
    }
    work();
}

/// Calls `work` with every item, on up to `threads` threads.
pub(crate) fn for_each<T: Send>(threads: usize, items: Vec<T>, work: impl Fn(T) + Sync) {
    let threads = threads.min(items.len());
    if threads <= 1 {
        return items.into_iter().for_each(work);
    }
    let queue = Mutex::new(items.into_iter());
    together(threads - 1, &|| {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            match next {
                Some(item) => work(item),
                None => return,
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{for_each, together};

    #[test]
    fn every_item_is_worked_on_once() {
        for threads in 1..5 {
            let sum = AtomicUsize::new(0);
            for_each(threads, (0..1000).collect(), |item: usize| {
                sum.fetch_add(item, Ordering::Relaxed);
            });
            assert_eq!(sum.into_inner(), 499_500);
        }
    }

    #[test]
    fn a_busy_pool_only_costs_speed() {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        let calls = AtomicUsize::new(0);
        // The pool's one thread is the caller: nobody can ever turn up.
        pool.install(|| {
            together(2, &|| {
                calls.fetch_add(1, Ordering::Relaxed);
            });
        });
        assert_eq!(calls.into_inner(), 1);
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let result = std::panic::catch_unwind(|| {
            for_each(2, (0..100).collect(), |item: usize| assert_ne!(item, 70));
        });
        assert!(result.is_err());
    }
}
