//! What a prediction log promises.

use chrono::TimeDelta;
use naeil_domain::Horizon;
use naeil_domain::ports::PredictionLog;

use crate::builders::{PredictionBuilder, code};

/// Runs every check, each on a log that `fresh` gives empty.
pub async fn check<L: PredictionLog>(fresh: impl AsyncFn() -> L) {
    counts_by_stock(&fresh().await).await;
    keeps_an_answer_once(&fresh().await).await;
    takes_many_at_once(&fresh().await).await;
}

async fn counted(log: &impl PredictionLog, stock_code: &str) -> u64 {
    log.count(&code(stock_code)).await.expect("a count")
}

async fn counts_by_stock(log: &impl PredictionLog) {
    assert_eq!(counted(log, "005930").await, 0);
    log.append(&[]).await.expect("nothing to append");
    let samsung = PredictionBuilder::new("005930");
    let answers = [
        samsung.logged("request-1"),
        samsung
            .clone()
            .horizon(Horizon::FiveDays)
            .logged("request-1"),
        PredictionBuilder::new("000660").logged("request-1"),
    ];
    log.append(&answers).await.expect("appended");
    assert_eq!(counted(log, "005930").await, 2);
    assert_eq!(counted(log, "000660").await, 1);
    assert_eq!(counted(log, "035420").await, 0);
}

async fn keeps_an_answer_once(log: &impl PredictionLog) {
    let samsung = PredictionBuilder::new("005930");
    for _ in 0..2 {
        let answers = [samsung.logged("request-1"), samsung.logged("request-1")];
        log.append(&answers)
            .await
            .expect("a repeated answer is fine");
    }
    assert_eq!(counted(log, "005930").await, 1);

    // The same answer to another request is another entry, also beside one that is known.
    let answers = [samsung.logged("request-1"), samsung.logged("request-2")];
    log.append(&answers).await.expect("appended");
    assert_eq!(counted(log, "005930").await, 2);

    // So is the same answer given later under a request id that the client uses again.
    let mut later = samsung.logged("request-1");
    later.answered_at += TimeDelta::milliseconds(1);
    log.append(&[later]).await.expect("appended");
    assert_eq!(counted(log, "005930").await, 3);
}

async fn takes_many_at_once(log: &impl PredictionLog) {
    let samsung = PredictionBuilder::new("005930");
    let answers: Vec<_> = (0..2500)
        .map(|n| samsung.logged(&format!("request-{n}")))
        .collect();
    log.append(&answers).await.expect("appended");
    assert_eq!(counted(log, "005930").await, 2500);
}
