//! Threads that help while they are free.
//!
//! The calling thread does the work itself; threads of rayon's pool join in if they turn up before
//! it has finished. Nobody waits for a thread that has not begun, so a pool that is busy, or has a
//! single thread that is the caller, costs speed and nothing else: unlike with `rayon::join` or a
//! scope, there is nothing to deadlock on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;

const OPEN: u8 = 0;
const CLAIMED: u8 = 1;
const CLOSED: u8 = 2;
const DONE: u8 = 3;
const PANICKED: u8 = 4;

/// Rounds of waiting, some ten microseconds, before the processor is left to others.
const SPINS: u32 = 1_000;

/// Invitations that nobody has looked at yet, at most: a pool that stays busy for long does not
/// collect more. Beyond, callers work alone.
const UNREAD_LIMIT: usize = 64;

/// Invitations that nobody has looked at yet.
static UNREAD: AtomicUsize = AtomicUsize::new(0);

/// An invitation to one helper.
struct Invitation {
    state: AtomicU8,
    /// The thread that waits for the helper.
    caller: Thread,
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
        self.caller.unpark();
    }

    /// Closes it, or waits for the helper; whether that one panicked.
    fn close(&self) -> bool {
        let close = self
            .state
            .compare_exchange(OPEN, CLOSED, Ordering::Relaxed, Ordering::Relaxed);
        if close.is_ok() {
            return false;
        }
        let mut spins = 0;
        loop {
            match self.state.load(Ordering::Acquire) {
                CLAIMED if spins < SPINS => {
                    spins += 1;
                    std::hint::spin_loop();
                }
                // May return early, hence the loop.
                CLAIMED => std::thread::park(),
                state => return state == PANICKED,
            }
        }
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
        if UNREAD.fetch_add(1, Ordering::Relaxed) >= UNREAD_LIMIT {
            UNREAD.fetch_sub(1, Ordering::Relaxed);
            break;
        }
        let invitation = Arc::new(Invitation {
            state: AtomicU8::new(OPEN),
            caller: std::thread::current(),
            work: lasting,
        });
        team.0.push(Arc::clone(&invitation));
        rayon::spawn(move || {
            UNREAD.fetch_sub(1, Ordering::Relaxed);
            invitation.accept();
        });
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
mod tests;
