use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use super::{UNREAD, UNREAD_LIMIT, for_each, together};

fn pool(n_threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build()
        .unwrap()
}

/// Tests that need a helper do not run while another uses up the invitations.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

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
fn nobody_waits_for_a_pool_that_is_busy() {
    let _alone = alone();
    // The first pool's one thread is the caller; the other thread of the second is held up.
    for n_threads in [1, 2] {
        let pool = pool(n_threads);
        let (release, held) = mpsc::channel::<()>();
        let (begun, is_held) = mpsc::channel();
        if n_threads == 2 {
            pool.spawn(move || {
                begun.send(()).unwrap();
                let _ = held.recv();
            });
            is_held.recv().unwrap();
        }
        let calls = AtomicUsize::new(0);
        pool.install(|| {
            for _ in 0..10 * UNREAD_LIMIT {
                together(3, &|| {
                    calls.fetch_add(1, Ordering::Relaxed);
                });
                // Other tests may just be adding one.
                assert!(UNREAD.load(Ordering::Relaxed) < 2 * UNREAD_LIMIT);
            }
        });
        assert_eq!(calls.into_inner(), 10 * UNREAD_LIMIT);
        drop((release, pool));
        // Invitations to a call that is over are read and do nothing.
        while UNREAD.load(Ordering::Relaxed) >= UNREAD_LIMIT / 2 {
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_helper_that_has_begun_is_waited_for() {
    let _alone = alone();
    // Each item waits for the other to begin: both threads take part. Then the helper is held until
    // the caller has been done for long, so that the caller is parked.
    for _ in 0..5 {
        let both = Barrier::new(2);
        let (caller_is_done, helper_is_done) = (AtomicBool::new(false), AtomicBool::new(false));
        let helped = AtomicUsize::new(0);
        pool(2).install(|| {
            let caller = std::thread::current().id();
            for_each(2, vec![0, 1], |_| {
                both.wait();
                if std::thread::current().id() == caller {
                    caller_is_done.store(true, Ordering::Release);
                    return;
                }
                while !caller_is_done.load(Ordering::Acquire) {
                    std::thread::yield_now();
                }
                std::thread::sleep(Duration::from_millis(5));
                helped.fetch_add(1, Ordering::Relaxed);
                helper_is_done.store(true, Ordering::Release);
            });
            assert!(helper_is_done.load(Ordering::Acquire));
        });
        assert_eq!(helped.into_inner(), 1);
    }
}

#[test]
fn a_panic_reaches_the_caller() {
    let result = std::panic::catch_unwind(|| {
        for_each(2, (0..100).collect(), |item: usize| assert_ne!(item, 70));
    });
    assert!(result.is_err());
}

#[test]
fn a_panic_of_the_helper_alone_reaches_the_caller() {
    let _alone = alone();
    let both = Barrier::new(2);
    let result = std::panic::catch_unwind(|| {
        pool(2).install(|| {
            let caller = std::thread::current().id();
            for_each(2, vec![0, 1], |_| {
                both.wait();
                assert_eq!(std::thread::current().id(), caller);
            });
        });
    });
    assert!(result.is_err());
}
