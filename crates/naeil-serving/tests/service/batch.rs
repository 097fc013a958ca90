//! Several stocks in one question.

use naeil_domain::{Horizon, StockCode};
use naeil_serving::PredictError;
use naeil_test_support::builders::code;

use crate::support::{NEWLY_LISTED, Stage, asker};

fn codes(texts: &[&str]) -> Vec<StockCode> {
    texts.iter().map(|text| code(text)).collect()
}

#[tokio::test]
async fn answers_come_in_order_and_a_duplicate_is_computed_once() {
    let stage = Stage::new().await;
    let known = stage.ask("051910", Horizon::OneDay).await.unwrap();
    let passes_before = stage.control.passes().len();
    let asked = codes(&[
        "247540",
        "005930",
        NEWLY_LISTED,
        "051910",
        "999999",
        "005930",
        "999999",
        "000660",
    ]);
    let answers = stage
        .service
        .predict_batch(asker("batch"), &asked, Horizon::OneDay)
        .await
        .unwrap();

    assert_eq!(answers.len(), asked.len());
    for (answer, code) in answers.iter().zip(&asked) {
        match (answer, code.as_str()) {
            (Err(PredictError::UnknownStock { code }), "999999") => {
                assert_eq!(code.as_str(), "999999");
            }
            (Err(PredictError::NotEnoughHistory { .. }), NEWLY_LISTED) => {}
            (Ok(served), text) => assert_eq!(served.prediction.stock_code.as_str(), text),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(answers[1], answers[5]);
    let from_cache = answers[3].as_ref().unwrap();
    assert!(from_cache.cache_hit);
    assert_eq!(from_cache.prediction, known.prediction);
    // 247540, 005930 and 000660 in one pass.
    assert_eq!(stage.control.passes()[passes_before..], [3]);
}

#[tokio::test]
async fn one_by_one_gives_the_same_as_a_batch() {
    let (alone, together) = (Stage::new().await, Stage::new().await);
    let asked = codes(&["000660", "035420", "086520"]);
    let batch = together
        .service
        .predict_batch(asker("batch"), &asked, Horizon::TwentyDays)
        .await
        .unwrap();
    for (code, answer) in asked.iter().zip(batch) {
        let single = alone.ask(code.as_str(), Horizon::TwentyDays).await.unwrap();
        assert_eq!(single, answer.unwrap());
    }
}

#[tokio::test]
async fn every_answer_of_a_batch_is_logged_under_its_request() {
    let stage = Stage::new().await;
    let asked = codes(&["000660", "999999", "035420", "000660"]);
    stage
        .service
        .predict_batch(asker("batch"), &asked, Horizon::OneDay)
        .await
        .unwrap();
    stage.service.shutdown().await;
    let logged = stage.log.answers();
    let stocks: Vec<&str> = logged
        .iter()
        .map(|answer| answer.prediction.stock_code.as_str())
        .collect();
    assert_eq!(stocks, ["000660", "035420"], "a duplicate is one entry");
    assert!(logged.iter().all(|answer| answer.request_id == "batch"));
}

#[tokio::test]
async fn no_stocks_give_no_answers() {
    let stage = Stage::new().await;
    let answers = stage
        .service
        .predict_batch(asker("batch"), &[], Horizon::OneDay)
        .await;
    assert_eq!(answers, Ok(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_with_stocks_in_common_do_not_block_each_other_for_good() {
    let stage = Stage::new().await;
    let forwards = codes(&["000660", "005930", "035420", "051910"]);
    let backwards: Vec<StockCode> = forwards.iter().rev().cloned().collect();
    for _ in 0..20 {
        let ask = |codes: &[StockCode]| {
            let (service, codes) = (stage.service.clone(), codes.to_vec());
            tokio::spawn(async move {
                service
                    .predict_batch(asker("batch"), &codes, Horizon::OneDay)
                    .await
            })
        };
        let (one, other) = (ask(&forwards), ask(&backwards));
        let (one, mut other) = (one.await.unwrap().unwrap(), other.await.unwrap().unwrap());
        other.reverse();
        for (a, b) in one.into_iter().zip(other) {
            assert_eq!(a.unwrap().prediction, b.unwrap().prediction);
        }
        naeil_domain::ports::PredictionCache::clear(stage.cache.as_ref()).await;
    }
}
