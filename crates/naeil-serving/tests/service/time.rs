//! What the clock and the calendar do to answers. Sessions: Friday 2024-01-05, Monday 2024-01-08.

use naeil_domain::Horizon;

use crate::support::Stage;

#[tokio::test]
async fn an_answer_expires_at_the_next_open() {
    let stage = Stage::new().await;
    let friday = stage.ask("005930", Horizon::OneDay).await.unwrap();
    stage.clock.set("2024-01-08T08:59:59+09:00");
    let before_open = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(before_open.cache_hit);
    assert_eq!(before_open.prediction, friday.prediction);

    stage.clock.set("2024-01-08T09:00:00+09:00");
    let at_open = stage.ask("005930", Horizon::OneDay).await.unwrap();
    assert!(!at_open.cache_hit);
    assert!(at_open.prediction.predicted_at > friday.prediction.predicted_at);
    assert_eq!(at_open.prediction.id, friday.prediction.id);
}

#[tokio::test]
async fn an_answer_is_stale_once_a_session_has_closed_without_bars() {
    let stage = Stage::new().await;
    let check = async |now: &str, expected: bool| {
        stage.clock.set(now);
        let served = stage.ask("005930", Horizon::OneDay).await.unwrap();
        assert!(!served.cache_hit, "{now}");
        assert_eq!(served.prediction.is_stale(), expected, "{now}");
    };
    check("2024-01-07T12:00:00+09:00", false).await;
    check("2024-01-08T10:00:00+09:00", false).await;
    // Monday has closed: what was answered during it must not be repeated as fresh.
    check("2024-01-08T15:30:00+09:00", true).await;
    check("2024-01-09T09:00:00+09:00", true).await;
}
