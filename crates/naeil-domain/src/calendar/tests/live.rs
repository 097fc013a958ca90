use std::sync::Arc;

use super::date;
use crate::calendar::{LiveCalendar, TradingCalendar};

#[test]
fn what_one_clone_replaces_all_see() {
    let live = LiveCalendar::from(TradingCalendar::xkrx());
    let elsewhere = live.clone();
    let held = elsewhere.current();
    assert!(!live.replace(TradingCalendar::xkrx()), "nothing differs");
    assert!(Arc::ptr_eq(&held, &elsewhere.current()));

    let closed = TradingCalendar::xkrx()
        .with_overrides("2026-11-25,closed")
        .unwrap();
    assert!(live.replace(closed));
    assert!(!Arc::ptr_eq(&held, &elsewhere.current()));
    assert_eq!(
        elsewhere.current().is_session(date("2026-11-25")),
        Ok(false)
    );
    // Whoever holds the old one goes on with it.
    assert_eq!(held.is_session(date("2026-11-25")), Ok(true));
    assert!(!Arc::ptr_eq(&held, &live.current()));
}

#[test]
fn readers_see_one_calendar_or_the_other_while_it_is_replaced() {
    let open = TradingCalendar::xkrx();
    let closed = open
        .clone()
        .with_overrides("2026-11-25,closed\n2026-11-26,closed")
        .unwrap();
    let live = LiveCalendar::new(open.clone());
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        let calendar = live.current();
                        assert_eq!(
                            calendar.is_session(date("2026-11-25")),
                            calendar.is_session(date("2026-11-26"))
                        );
                    }
                })
            })
            .collect();
        for _ in 0..100 {
            live.replace(closed.clone());
            live.replace(open.clone());
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
}
