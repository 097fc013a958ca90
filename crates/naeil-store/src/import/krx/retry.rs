//! When to ask again.

use std::hash::{BuildHasher as _, Hasher as _};
use std::time::{Duration, Instant, SystemTime};

use chrono::DateTime;

/// Most that a reply may ask us to wait before the next attempt.
const MOST_PATIENCE: Duration = Duration::from_secs(300);

/// The longest pause that grows by itself.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Exponential backoff with full jitter: anything between nothing and `first * 2^(attempt - 1)`.
///
/// # Source
/// Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
pub(super) fn backoff(first: Duration, attempt: u32, random: f64) -> Duration {
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
    first
        .saturating_mul(doubled)
        .min(LONGEST_BACKOFF)
        .mul_f64(random.clamp(0.0, 1.0))
}

/// What `Retry-After` asks for; `None` if it cannot be read.
pub(super) fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(header).ok()?;
    Some(
        SystemTime::from(until)
            .duration_since(now)
            .unwrap_or_default(),
    )
}

/// Whether so long a wait is worth it.
pub(super) fn is_bearable(wait: Duration) -> bool {
    wait <= MOST_PATIENCE
}

/// A number in `0..1`, different each time. The standard library seeds its hashers from the system,
/// which is all the chance that jitter needs.
pub(super) fn random() -> f64 {
    let bits = std::hash::RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Keeps calls apart.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    next: Option<Instant>,
}

impl Pace {
    pub(super) fn new(calls_per_second: f64) -> Self {
        Self {
            gap: Duration::from_secs_f64(1.0 / calls_per_second),
            next: None,
        }
    }

    /// How long to wait at `now` before calling; takes the place of that call.
    pub(super) fn wait_at(&mut self, now: Instant) -> Duration {
        let start = self.next.map_or(now, |next| next.max(now));
        self.next = Some(start + self.gap);
        start - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_are_cut_by_chance() {
        let first = Duration::from_secs(1);
        let longest = |attempt| backoff(first, attempt, 1.0).as_secs();
        assert_eq!([1, 2, 3, 4, 9, 99].map(longest), [1, 2, 4, 8, 60, 60]);
        assert_eq!(backoff(first, 3, 0.25), first);
        assert_eq!(backoff(first, 3, 0.0), Duration::ZERO);
    }

    #[test]
    fn chance_is_between_nothing_and_one_and_varies() {
        let drawn: Vec<f64> = (0..50).map(|_| random()).collect();
        assert!(drawn.iter().all(|x| (0.0..1.0).contains(x)), "{drawn:?}");
        assert!(drawn.iter().any(|x| (x - drawn[0]).abs() > 1e-6));
    }

    #[test]
    fn retry_after_is_read_in_both_spellings() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        let date = "Tue, 14 Nov 2023 22:13:50 GMT";
        assert_eq!(retry_after(date, now), Some(Duration::from_secs(30)));
        let past = "Tue, 14 Nov 2023 22:00:00 GMT";
        assert_eq!(retry_after(past, now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
        assert!(!is_bearable(Duration::from_secs(3600)));
    }

    #[test]
    fn calls_are_kept_apart() {
        let start = Instant::now();
        let mut pace = Pace::new(2.0);
        let half = Duration::from_millis(500);
        assert_eq!(pace.wait_at(start), Duration::ZERO);
        assert_eq!(pace.wait_at(start), half);
        assert_eq!(pace.wait_at(start), 2 * half);
        // Time that has passed anyway is not waited for again, nor saved up.
        assert_eq!(pace.wait_at(start + 4 * half), Duration::ZERO);
        assert_eq!(pace.wait_at(start + 4 * half), half);
    }
}
