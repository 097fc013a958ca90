//! What every prediction cache promises.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use naeil_domain::ports::PredictionCache;
use naeil_domain::{CacheKey, Digest, Horizon, Prediction};

use crate::builders::{PredictionBuilder, session};
use crate::fakes::all_at_once;

/// Checks an empty cache with room for at least a thousand answers.
///
/// # Panics
/// If the cache breaks a promise.
pub async fn check_cache(cache: &impl PredictionCache) {
    what_was_put_is_found(cache).await;
    every_part_of_the_key_counts(cache).await;
    answers_expire_at_the_moment_given(cache).await;
    the_last_answer_put_wins(cache).await;
    clearing_forgets_everything(cache).await;
    it_counts_what_it_does(cache).await;
    many_callers_never_meet_another_keys_answer(cache).await;
}

/// A key that differs from others by its stock's code.
pub fn key(stock_code: &str) -> CacheKey {
    PredictionBuilder::new(stock_code).key()
}

/// An answer to `key`'s question.
pub fn answer(key: &CacheKey, probability_up: f64) -> Arc<Prediction> {
    let prediction = PredictionBuilder::new(key.stock_code.as_str())
        .horizon(key.horizon)
        .model_digest(key.model_digest)
        .as_of(key.as_of)
        .data_revision(key.data_revision)
        .probability_up(probability_up)
        .build();
    Arc::new(prediction)
}

fn at(seconds: i64) -> DateTime<Utc> {
    let evening = Utc.with_ymd_and_hms(2024, 1, 31, 8, 0, 0).single();
    evening.expect("that moment exists in UTC") + TimeDelta::seconds(seconds)
}

async fn what_was_put_is_found(cache: &impl PredictionCache) {
    let key = key("005930");
    assert_eq!(cache.get(&key, at(0)).await, None);
    let put = answer(&key, 0.75);
    cache.put(key.clone(), put.clone(), at(60)).await;
    assert_eq!(cache.get(&key, at(0)).await, Some(put));
}

async fn every_part_of_the_key_counts(cache: &impl PredictionCache) {
    let base = key("000660");
    let variants = [
        key("00066K"),
        CacheKey {
            horizon: Horizon::FiveDays,
            ..base.clone()
        },
        CacheKey {
            model_digest: Digest::of(b"another model"),
            ..base.clone()
        },
        CacheKey {
            as_of: session("2024-01-30"),
            ..base.clone()
        },
        CacheKey {
            data_revision: 8,
            ..base.clone()
        },
    ];
    cache.put(base.clone(), answer(&base, 0.5), at(60)).await;
    for (i, variant) in variants.iter().enumerate() {
        assert_eq!(cache.get(variant, at(0)).await, None, "{variant:?}");
        let put = answer(variant, 0.6 + i as f64 / 100.0);
        cache.put(variant.clone(), put.clone(), at(60)).await;
        assert_eq!(cache.get(variant, at(0)).await, Some(put));
    }
    assert_eq!(cache.get(&base, at(0)).await, Some(answer(&base, 0.5)));
}

async fn answers_expire_at_the_moment_given(cache: &impl PredictionCache) {
    let key = key("035420");
    cache.put(key.clone(), answer(&key, 0.7), at(60)).await;
    assert!(cache.get(&key, at(59)).await.is_some());
    assert_eq!(cache.get(&key, at(60)).await, None);
    let renewed = answer(&key, 0.8);
    cache.put(key.clone(), renewed.clone(), at(120)).await;
    assert_eq!(cache.get(&key, at(60)).await, Some(renewed));
}

async fn the_last_answer_put_wins(cache: &impl PredictionCache) {
    let key = key("051910");
    cache.put(key.clone(), answer(&key, 0.6), at(60)).await;
    cache.put(key.clone(), answer(&key, 0.9), at(600)).await;
    assert_eq!(cache.get(&key, at(100)).await, Some(answer(&key, 0.9)));
}

async fn clearing_forgets_everything(cache: &impl PredictionCache) {
    let keys = [key("000010"), key("000020")];
    for key in &keys {
        cache.put(key.clone(), answer(key, 0.6), at(60)).await;
    }
    cache.clear().await;
    for key in &keys {
        assert_eq!(cache.get(key, at(0)).await, None);
    }
    assert_eq!(cache.stats().await.entries, 0);
    cache
        .put(keys[0].clone(), answer(&keys[0], 0.7), at(60))
        .await;
    let found = cache.get(&keys[0], at(0)).await;
    assert_eq!(
        found,
        Some(answer(&keys[0], 0.7)),
        "it works on after a clear"
    );
}

async fn it_counts_what_it_does(cache: &impl PredictionCache) {
    cache.clear().await;
    let before = cache.stats().await;
    let (known, unknown) = (key("000030"), key("000040"));
    cache.put(known.clone(), answer(&known, 0.6), at(60)).await;
    for _ in 0..3 {
        cache.get(&known, at(0)).await;
    }
    cache.get(&unknown, at(0)).await;
    cache.get(&known, at(61)).await;
    let after = cache.stats().await;
    assert_eq!(after.hits - before.hits, 3);
    assert_eq!(
        after.misses - before.misses,
        2,
        "an expired answer is a miss"
    );
    assert_eq!(after.entries, 0, "an expired answer is not kept once seen");
}

async fn many_callers_never_meet_another_keys_answer(cache: &impl PredictionCache) {
    let callers = (0..16_u32).map(|caller| async move {
        for turn in 0..50 {
            let number = (caller * 7 + turn) % 40;
            let key = key(&format!("{number:06}"));
            let expected = answer(&key, f64::from(number) / 40.0);
            if let Some(found) = cache.get(&key, at(0)).await
                && found.stock_code != key.stock_code
            {
                panic!("{key:?} gave {found:?}");
            }
            cache.put(key.clone(), expected.clone(), at(60)).await;
            assert_eq!(cache.get(&key, at(0)).await, Some(expected));
        }
    });
    cache.clear().await;
    all_at_once(callers).await;
}
