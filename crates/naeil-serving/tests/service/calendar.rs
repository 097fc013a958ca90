//! What a calendar that ends, or changes while serving, does to answers. The market's last session
//! is Friday 2024-01-05; the calendar that ships ends with 2027.

use naeil_domain::{DataOrigin, Horizon, TradingCalendar};
use naeil_serving::{PredictError, Served, ServiceConfig};
use naeil_test_support::fakes::FakeBars;

use crate::support::{N_SESSIONS, Stage, market};

fn overridden(text: &str) -> TradingCalendar {
    TradingCalendar::xkrx().with_overrides(text).unwrap()
}

async fn one_day(stage: &Stage) -> Served {
    stage.ask("005930", Horizon::OneDay).await.unwrap()
}

fn target(served: &Served) -> String {
    served.prediction.target_session.to_string()
}

#[tokio::test]
async fn an_answer_names_the_new_target_once_a_session_is_declared_closed() {
    let stage = Stage::new().await;
    assert_eq!(target(&one_day(&stage).await), "2024-01-08");
    assert!(one_day(&stage).await.cache_hit);

    stage.calendar.replace(overridden("2024-01-08,closed"));
    let moved = one_day(&stage).await;
    assert_eq!(target(&moved), "2024-01-09");
    assert!(!moved.cache_hit, "the cached answer is of another calendar");
    assert!(one_day(&stage).await.cache_hit);
    // Monday does not trade: the answer lives on until Tuesday's open.
    stage.clock.set("2024-01-09T08:59:59+09:00");
    let on_tuesday = one_day(&stage).await;
    assert!(on_tuesday.cache_hit && !on_tuesday.prediction.is_stale());
    stage.clock.set("2024-01-09T09:00:00+09:00");
    assert!(!one_day(&stage).await.cache_hit);

    // A declaration that is taken back.
    stage.calendar.replace(TradingCalendar::xkrx());
    assert_eq!(target(&one_day(&stage).await), "2024-01-08");
}

#[tokio::test]
async fn a_new_calendar_lays_the_bars_out_anew_at_the_next_refresh() {
    let stage = Stage::new().await;
    one_day(&stage).await;
    assert!(!stage.service.refresh().await.unwrap().changed());

    stage.calendar.replace(overridden("2024-01-08,closed"));
    let outcome = stage.service.refresh().await.unwrap();
    assert!(outcome.market_changed, "{outcome:?}");
    assert!(!one_day(&stage).await.cache_hit);
    assert!(!stage.service.refresh().await.unwrap().changed());
}

/// A stage with bars of so many sessions, asked at `now`.
async fn stage_at(n_sessions: usize, now: &str) -> Stage {
    let bars = FakeBars::new(market(n_sessions), DataOrigin::Recorded);
    let stage = Stage::open(bars, Some("one"), ServiceConfig::for_testing()).await;
    stage.clock.set(now);
    stage
}

/// Sessions from the first of the test market's days to the one before the last that the shipped
/// calendar knows, 2027-12-29.
fn up_to_the_29th() -> usize {
    let day = |text: &str| text.parse().unwrap();
    let sessions = TradingCalendar::xkrx().sessions_between(day("2023-05-26"), day("2027-12-29"));
    sessions.unwrap().len()
}

#[tokio::test]
async fn on_the_last_days_of_the_calendar_only_what_can_be_dated_is_answered() {
    // The evening of 2027-12-29: the next session is known, the 5th is not.
    let stage = stage_at(up_to_the_29th(), "2027-12-29T18:00:00+09:00").await;
    let answer = one_day(&stage).await;
    assert_eq!(target(&answer), "2027-12-30");
    assert!(!answer.prediction.is_stale());
    let error = stage.ask("005930", Horizon::FiveDays).await.unwrap_err();
    assert!(matches!(error, PredictError::Calendar(_)), "{error:?}");
    assert!(error.to_string().contains("covers 2010 to 2027"), "{error}");
    let metrics = stage.service.metrics();
    assert_eq!(metrics.calendar_unknown.get(), 0, "the next open is known");

    // The evening after, without its bars: still dated, stale, and kept for 15 minutes, because
    // nobody knows when 2028 opens.
    stage.clock.set("2027-12-30T18:00:00+09:00");
    let answer = one_day(&stage).await;
    assert!(answer.prediction.is_stale() && !answer.cache_hit);
    stage.clock.set("2027-12-30T18:14:59+09:00");
    assert!(one_day(&stage).await.cache_hit);
    stage.clock.set("2027-12-30T18:15:00+09:00");
    assert!(!one_day(&stage).await.cache_hit);
    assert_eq!(metrics.calendar_unknown.get(), 2);

    // The year after: the same, and a calendar that learns of the year is heard at once.
    stage.clock.set("2028-01-04T18:00:00+09:00");
    assert!(one_day(&stage).await.prediction.is_stale());
    assert!(stage.ask("005930", Horizon::FiveDays).await.is_err());
    stage
        .calendar
        .replace(overridden("2028,covered\n2028-12-29,closed"));
    let answer = stage.ask("005930", Horizon::FiveDays).await.unwrap();
    assert_eq!(target(&answer), "2028-01-06");
    assert!(answer.prediction.is_stale());
}

#[tokio::test]
async fn bars_of_the_last_session_predict_nothing_before_the_calendar_knows_the_next() {
    let stage = stage_at(up_to_the_29th() + 1, "2027-12-30T18:00:00+09:00").await;
    for horizon in Horizon::ALL {
        let error = stage.ask("005930", horizon).await.unwrap_err();
        assert!(matches!(error, PredictError::Calendar(_)), "{error:?}");
        assert!(error.to_string().contains("2028-01-01"), "{error}");
    }
    assert_eq!(stage.service.metrics().calendar_unknown.get(), 3);

    stage
        .calendar
        .replace(overridden("2028,covered\n2028-12-29,closed"));
    assert_eq!(target(&one_day(&stage).await), "2028-01-03");
}

#[tokio::test]
async fn old_bars_are_still_dated_long_after_the_calendar_ends() {
    let stage = stage_at(N_SESSIONS, "2028-06-01T12:00:00+09:00").await;
    let answer = one_day(&stage).await;
    assert_eq!(target(&answer), "2024-01-08");
    assert!(answer.prediction.is_stale());
}
