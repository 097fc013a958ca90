use super::{date, session, time};
use crate::calendar::TradingCalendar;

#[test]
fn overrides_close_open_and_shift_sessions() {
    let calendar = TradingCalendar::xkrx()
        .with_overrides("# declared today\n2026-11-25,closed\n2026-11-28,open,10:00,12:00\n")
        .unwrap();
    assert_eq!(calendar.is_session(date("2026-11-25")), Ok(false));
    assert_eq!(calendar.is_session(date("2026-11-28")), Ok(true));
    assert_eq!(
        calendar
            .closes_at(session("2026-11-28"))
            .unwrap()
            .to_rfc3339(),
        "2026-11-28T12:00:00+09:00"
    );
}

#[test]
fn steps_go_around_what_an_override_closes() {
    let shipped = TradingCalendar::xkrx();
    let calendar = shipped.clone().with_overrides("2026-11-24,closed").unwrap();
    let monday = session("2026-11-23");
    assert_eq!(
        shipped.nth_session_after(monday, 1),
        Ok(session("2026-11-24"))
    );
    assert_eq!(
        calendar.nth_session_after(monday, 1),
        Ok(session("2026-11-25"))
    );
    assert_eq!(
        calendar
            .next_open_after(time("2026-11-23T16:00:00+09:00"))
            .unwrap()
            .to_rfc3339(),
        "2026-11-25T09:00:00+09:00"
    );
}

#[test]
fn hours_that_a_later_line_leaves_out_are_the_usual_ones() {
    let opens = |text: &str, day: &str| {
        let calendar = TradingCalendar::xkrx().with_overrides(text).unwrap();
        let opens = calendar.opens_at(session(day)).unwrap();
        opens.format("%H:%M").to_string()
    };
    let corrected = "2026-11-25,open,10:00,16:30\n2026-11-25,open\n";
    assert_eq!(opens(corrected, "2026-11-25"), "09:00");
    // The first session of 2026 opens late whatever was thought of it before.
    let reopened = "2026-01-02,closed\n2026-01-02,open\n";
    assert_eq!(opens(reopened, "2026-01-02"), "10:00");
}

#[test]
fn the_later_line_about_a_date_counts_and_spaces_do_not() {
    let text = "\u{feff}2026-11-25 , closed # rumour\r\n2026-11-25,open\r\n";
    let calendar = TradingCalendar::xkrx().with_overrides(text).unwrap();
    assert_eq!(calendar.is_session(date("2026-11-25")), Ok(true));
    // Hours declared before stay: this is the first session of 2026.
    let calendar = TradingCalendar::xkrx()
        .with_overrides("2026-01-02,open")
        .unwrap();
    assert_eq!(
        calendar
            .opens_at(session("2026-01-02"))
            .unwrap()
            .to_rfc3339(),
        "2026-01-02T10:00:00+09:00"
    );
}

#[test]
fn a_bad_line_is_named_with_what_stands_there() {
    let check = |text: &str, problem: &str| {
        let error = TradingCalendar::xkrx().with_overrides(text).unwrap_err();
        assert_eq!((error.line, error.problem.as_str()), (2, problem));
        assert!(error.to_string().contains("line 2"), "{error}");
    };
    check("\n25.11.2026,closed", "'25.11.2026' is not a date");
    check(
        "\n2026-11-25,shut",
        "'2026-11-25,shut' is neither closed nor open",
    );
    check("\n2026-11-25,open,10,12:00", "'10' is not a time");
    check(
        "\n2026-11-25,open,12:00,10:00",
        "opening 12:00 is not before closing 10:00",
    );
    check(
        "\n2028-01-03,closed",
        "2028-01-03 has no effect, the calendar covers 2010 to 2027",
    );
    check(
        "\n2029,covered",
        "2029 does not follow 2027, the last year covered",
    );
    check("\ntwenty,covered", "'twenty' is not a year");
    check(
        "\n2028,covered\n2028-01-03,closed",
        "the closures of 2028 are not all listed, 2028-12-29 (the year-end closure) is missing",
    );
}

#[test]
fn a_year_can_be_added_with_all_its_closures() {
    let shipped = TradingCalendar::xkrx();
    assert!(shipped.is_session(date("2028-01-04")).is_err());
    // Closures first and the year last: the order of the lines does not matter.
    let text = "2028-12-29,closed\n2028-01-03,open,10:00,15:30\n2028-03-01,closed\n2028,covered\n";
    let calendar = shipped.with_overrides(text).unwrap();
    assert_eq!(calendar.years(), (2010, 2028));
    assert_eq!(
        calendar.next_session(date("2027-12-30")),
        Ok(session("2028-01-03"))
    );
    assert_eq!(calendar.is_session(date("2028-03-01")), Ok(false));
    assert_eq!(
        calendar
            .opens_at(session("2028-01-03"))
            .unwrap()
            .to_rfc3339(),
        "2028-01-03T10:00:00+09:00"
    );
    assert!(calendar.next_session(date("2028-12-28")).is_err());
    // A newer naeil that ships the year finds a file that still reads.
    assert_eq!(
        calendar.clone().with_overrides("2028,covered").unwrap(),
        calendar
    );
}
