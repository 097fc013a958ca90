//! A cache in the memory of this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use moka::ops::compute::Op;
use moka::sync::Cache;
use naeil_domain::ports::{CacheStats, PredictionCache};
use naeil_domain::{CacheKey, Prediction};

/// Remembers up to a number of answers in memory, the more useful ones when there are too many.
///
/// Expiry is judged by the time the caller gives, never by a clock of its own, so that a replayed
/// or tested day expires as the real one did.
#[derive(Debug)]
pub struct InProcessCache {
    answers: Cache<CacheKey, Answer>,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Debug, Clone)]
struct Answer {
    prediction: Arc<Prediction>,
    expires_at: DateTime<Utc>,
}

impl Answer {
    fn has_expired(&self, now: DateTime<Utc>) -> bool {
        now >= self.expires_at
    }
}

impl InProcessCache {
    /// An empty cache with room for `max_entries` answers; with room for none it remembers none.
    pub fn new(max_entries: u64) -> Self {
        Self {
            answers: Cache::new(max_entries),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// Removes an expired answer, but not a fresh one that has taken its place meanwhile.
    fn remove_expired(&self, key: &CacheKey, now: DateTime<Utc>) {
        self.answers
            .entry_by_ref(key)
            .and_compute_with(|entry| match entry {
                Some(entry) if entry.value().has_expired(now) => Op::Remove,
                _ => Op::Nop,
            });
    }
}

#[async_trait]
impl PredictionCache for InProcessCache {
    async fn get(&self, key: &CacheKey, now: DateTime<Utc>) -> Option<Arc<Prediction>> {
        match self.answers.get(key) {
            Some(answer) if !answer.has_expired(now) => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                return Some(answer.prediction);
            }
            Some(_) => self.remove_expired(key, now),
            None => {}
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        None
    }

    async fn put(&self, key: CacheKey, prediction: Arc<Prediction>, expires_at: DateTime<Utc>) {
        self.answers.insert(
            key,
            Answer {
                prediction,
                expires_at,
            },
        );
    }

    async fn clear(&self) {
        self.answers.invalidate_all();
    }

    async fn stats(&self) -> CacheStats {
        // moka counts lazily; without this the number of entries would lag behind by a batch.
        self.answers.run_pending_tasks();
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            entries: self.answers.entry_count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use chrono::{TimeDelta, TimeZone as _};
    use naeil_test_support::suites::cache as suite;

    use super::*;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2024, 1, 2, 3, 0, 0).unwrap()
    }

    #[tokio::test]
    async fn behaves_as_a_cache() {
        suite::check_cache(&InProcessCache::new(10_000)).await;
    }

    #[tokio::test]
    async fn keeps_no_more_than_its_room() {
        let cache = InProcessCache::new(10);
        for number in 0..1000 {
            let key = suite::key(&format!("{number:06}"));
            let answer = suite::answer(&key, 0.6);
            cache.put(key, answer, noon() + TimeDelta::hours(1)).await;
        }
        assert!(cache.stats().await.entries <= 10);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sixteen_threads_agree_with_what_they_put() {
        let cache = Arc::new(InProcessCache::new(10_000));
        let start = Arc::new(Barrier::new(16));
        let questions: Arc<[_]> = (0..50)
            .map(|number| {
                let key = suite::key(&format!("{number:06}"));
                let answer = suite::answer(&key, f64::from(number) / 50.0);
                (key, answer)
            })
            .collect();
        let threads: Vec<_> = (0..16)
            .map(|_| {
                let (cache, start) = (Arc::clone(&cache), Arc::clone(&start));
                let questions = Arc::clone(&questions);
                tokio::task::spawn_blocking(move || {
                    let runtime = tokio::runtime::Handle::current();
                    start.wait();
                    runtime.block_on(hammer(&cache, &questions));
                })
            })
            .collect();
        for thread in threads {
            thread.await.unwrap();
        }
        let stats = cache.stats().await;
        assert_eq!(stats.hits + stats.misses, 16 * 500);
        assert!(stats.entries <= 50);
    }

    /// A third of the answers put have already expired, so removal races with putting.
    async fn hammer(cache: &InProcessCache, questions: &[(CacheKey, Arc<Prediction>)]) {
        for (turn, (key, answer)) in questions.iter().cycle().take(500).enumerate() {
            let life = TimeDelta::minutes(if turn % 3 == 0 { -1 } else { 1 });
            cache.put(key.clone(), answer.clone(), noon() + life).await;
            if let Some(found) = cache.get(key, noon()).await {
                assert_eq!(&found, answer);
            }
        }
    }
}
