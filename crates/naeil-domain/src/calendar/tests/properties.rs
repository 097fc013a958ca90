//! Laws of the calendar, over every day of 2010 to 2027 where that is cheap.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

use super::{date, time};
use crate::calendar::overrides::is_weekend;
use crate::calendar::{TradingCalendar, kst, shipped};
use crate::session::Session;

fn every_day() -> impl Iterator<Item = NaiveDate> {
    let last = date("2027-12-31");
    date("2010-01-01")
        .iter_days()
        .take_while(move |&day| day <= last)
}

fn every_session(calendar: &TradingCalendar) -> Vec<Session> {
    calendar
        .sessions_between(date("2010-01-01"), date("2027-12-31"))
        .unwrap()
}

#[test]
fn every_day_is_a_session_or_a_weekend_or_listed_as_closed() {
    let calendar = TradingCalendar::xkrx();
    let mut n_days = 0;
    for day in every_day() {
        n_days += 1;
        let listed = calendar.closed.contains(&day);
        assert_eq!(
            calendar.is_session(day),
            Ok(!is_weekend(day) && !listed),
            "{day}"
        );
        assert!(
            !(listed && is_weekend(day)),
            "{day} is listed and a weekend anyway"
        );
    }
    assert_eq!(n_days, 6574);
}

#[test]
fn every_year_closes_on_its_last_weekday_and_begins_at_ten() {
    let calendar = TradingCalendar::xkrx();
    for year in 2010..=2027 {
        let last_weekday = (1..=31)
            .rev()
            .map(|day| NaiveDate::from_ymd_opt(year, 12, day).unwrap())
            .find(|&day| !is_weekend(day))
            .unwrap();
        assert_eq!(
            calendar.is_session(last_weekday),
            Ok(false),
            "{last_weekday}"
        );
        let new_year = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        assert_eq!(calendar.is_session(new_year), Ok(false));
        let first = calendar.next_session(new_year).unwrap();
        let open = calendar.hours(first).unwrap().open;
        assert_eq!(open.format("%H:%M").to_string(), "10:00", "{first}");
    }
}

#[test]
fn hours_are_one_of_four_days_and_special_ones_are_sessions() {
    let calendar = TradingCalendar::xkrx();
    let longer_day = date("2016-08-01");
    for session in every_session(&calendar) {
        let hours = calendar.hours(session).unwrap();
        let open = hours.open.format("%H:%M").to_string();
        let close = hours.close.format("%H:%M").to_string();
        let (regular, late) = if session.date() < longer_day {
            ("15:00", "16:00")
        } else {
            ("15:30", "16:30")
        };
        let day = (open.as_str(), close.as_str());
        let expected = [("09:00", regular), ("10:00", regular), ("10:00", late)];
        assert!(expected.contains(&day), "{session} {day:?}");
        if day == ("10:00", late) {
            assert!(matches!(session.date().month(), 11 | 12), "{session}");
        }
    }
    for special in shipped::xkrx().special.keys() {
        assert_eq!(calendar.is_session(*special), Ok(true), "{special}");
    }
}

#[test]
fn steps_forth_and_back_are_one_walk_over_the_sessions() {
    let calendar = TradingCalendar::xkrx();
    let sessions = every_session(&calendar);
    // 4,183 to the end of 2026, as exchange_calendars has them, and 245 in 2027.
    assert_eq!(sessions.len(), 4428);
    for pair in sessions.windows(2) {
        let (here, there) = (pair[0], pair[1]);
        assert!(here < there);
        assert_eq!(calendar.next_session(here.date()), Ok(there));
        assert_eq!(calendar.previous_session(there.date()), Ok(here));
        assert_eq!(calendar.steps_between(here, there), Ok(1));
        // Days between two sessions belong to neither.
        for day in here
            .date()
            .iter_days()
            .skip(1)
            .take_while(|&day| day < there.date())
        {
            assert_eq!(calendar.next_session(day), Ok(there));
            assert_eq!(calendar.previous_session(day), Ok(here));
        }
    }
}

/// A moment of 2010-01-05 to 2027-12-29, to the second.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    let first = time("2010-01-05T00:00:00+09:00");
    let last = time("2027-12-30T08:00:00+09:00");
    (0..(last - first).num_seconds()).prop_map(move |offset| first + TimeDelta::seconds(offset))
}

proptest! {
    #[test]
    fn opens_lie_ahead_and_completed_sessions_behind(now in moment()) {
        let calendar = TradingCalendar::xkrx();
        let open = calendar.next_open_after(now).unwrap();
        prop_assert!(open > now);
        // Answers that expire at the next open never live longer than the longest closure.
        let wait = calendar.time_to_next_open(now).unwrap();
        prop_assert!(wait > TimeDelta::zero() && wait < TimeDelta::days(11), "{wait}");

        let completed = calendar.last_completed_session(now).unwrap();
        prop_assert!(calendar.closes_at(completed).unwrap() <= now);
        let next = calendar.next_session(completed.date()).unwrap();
        prop_assert!(calendar.closes_at(next).unwrap() > now);
        // The open ahead is that of the next session, or of the one after if that is trading.
        let opens_next = Session::new(open.with_timezone(&kst()).date_naive());
        let is_trading = calendar.opens_at(next).unwrap() <= now;
        let steps = if is_trading { 2 } else { 1 };
        prop_assert_eq!(calendar.nth_session_after(completed, steps), Ok(opens_next));

        let last_final = calendar.last_final_session(now).unwrap();
        prop_assert!(last_final <= completed);
        prop_assert!(calendar.steps_between(last_final, completed).unwrap() <= 1);
    }

    #[test]
    fn time_moves_every_answer_forward(now in moment(), later in 0_i64..40 * 86_400) {
        let calendar = TradingCalendar::xkrx();
        let then = (now + TimeDelta::seconds(later)).min(time("2027-12-30T08:00:00+09:00"));
        let at = |moment| {
            (
                calendar.next_open_after(moment).unwrap(),
                calendar.last_completed_session(moment).unwrap(),
                calendar.last_final_session(moment).unwrap(),
            )
        };
        let (before, after) = (at(now), at(then));
        prop_assert!(before.0 <= after.0 && before.1 <= after.1 && before.2 <= after.2);
        // Final once, final for ever; and not before the close.
        for session in [before.1, before.2, after.1] {
            let was = calendar.bar_is_final(session, now).unwrap();
            let is = calendar.bar_is_final(session, then).unwrap();
            prop_assert!(is || !was);
            prop_assert!(!was || calendar.closes_at(session).unwrap() <= now);
        }
    }

    #[test]
    fn steps_add_up_and_are_undone(
        from in 0_usize..4300,
        first in 0_usize..60,
        second in 0_usize..60,
    ) {
        let calendar = TradingCalendar::xkrx();
        let sessions = every_session(&calendar);
        let start = sessions[from];
        let end = calendar.nth_session_after(start, first + second).unwrap();
        let halfway = calendar.nth_session_after(start, first).unwrap();
        prop_assert_eq!(end, sessions[from + first + second]);
        prop_assert_eq!(calendar.nth_session_after(halfway, second), Ok(end));
        prop_assert_eq!(calendar.nth_session_before(end, first + second), Ok(start));
        prop_assert_eq!(calendar.steps_between(start, end), Ok(first + second));
        prop_assert_eq!(
            calendar.sessions_between(start.date(), end.date()).unwrap().len(),
            first + second + 1
        );
    }

    #[test]
    fn an_override_changes_its_own_day_and_no_other(
        offset in 0_i64..6574,
        other in 0_i64..6574,
        opens: bool,
    ) {
        let first = date("2010-01-01");
        let day = first + TimeDelta::days(offset);
        let elsewhere = first + TimeDelta::days(other);
        let word = if opens { "open" } else { "closed" };
        let shipped = TradingCalendar::xkrx();
        let calendar = shipped.clone().with_overrides(&format!("{day},{word}")).unwrap();
        prop_assert_eq!(calendar.is_session(day), Ok(opens));
        if elsewhere != day {
            prop_assert_eq!(calendar.is_session(elsewhere), shipped.is_session(elsewhere));
        }
    }

    #[test]
    fn no_text_makes_reading_an_override_file_panic(text in "(?s).{0,200}") {
        // Whether it reads or not is for the other tests; here only that it ends.
        let _ = TradingCalendar::xkrx().with_overrides(&text);
    }
}
