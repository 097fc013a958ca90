//! What a ledger promises.

use chrono::{DateTime, TimeZone as _, Utc};
use naeil_domain::ports::{Ledger, StoreError};
use naeil_domain::{Digest, LedgerEntry, Verdict};

/// Runs every check, each on a ledger that `fresh` gives empty.
pub async fn check<L: Ledger>(fresh: impl AsyncFn() -> L) {
    gives_entries_back_oldest_first(&fresh().await).await;
    accepts_a_repetition(&fresh().await).await;
    refuses_a_second_decision(&fresh().await).await;
}

/// Whole microseconds are what every database keeps.
fn at(minute: u32) -> DateTime<Utc> {
    let moment = Utc.with_ymd_and_hms(2026, 11, 20, 17, minute, 0).single();
    moment.expect("that moment exists in UTC") + chrono::Duration::microseconds(123_456)
}

fn entry(run_id: &str, minute: u32, verdict: Verdict) -> LedgerEntry {
    LedgerEntry {
        decided_at: at(minute),
        run_id: run_id.to_owned(),
        verdict,
        reason: "accuracy 0.53 against 0.50, 정확도".to_owned(),
        candidate_version: "2".to_owned(),
        candidate_digest: Digest::of(b"candidate"),
        champion_version: Some("1".to_owned()),
        evidence: r#"{"candidate":0.53,"champion":0.5}"#.to_owned(),
    }
}

async fn gives_entries_back_oldest_first(ledger: &impl Ledger) {
    assert_eq!(ledger.entries().await.expect("entries"), []);
    let newer = entry("run-b", 30, Verdict::Reject);
    let older = LedgerEntry {
        champion_version: None,
        ..entry("run-a", 10, Verdict::Promote)
    };
    ledger.record(&newer).await.expect("recorded");
    ledger.record(&older).await.expect("recorded");
    assert_eq!(ledger.entries().await.expect("entries"), [older, newer]);
}

async fn accepts_a_repetition(ledger: &impl Ledger) {
    let decision = entry("run-a", 10, Verdict::Hold);
    ledger.record(&decision).await.expect("recorded");
    ledger
        .record(&decision)
        .await
        .expect("a repetition is fine");
    assert_eq!(ledger.entries().await.expect("entries"), [decision]);
}

async fn refuses_a_second_decision(ledger: &impl Ledger) {
    let decision = entry("run-a", 10, Verdict::Hold);
    ledger.record(&decision).await.expect("recorded");
    for other in [
        entry("run-a", 10, Verdict::Promote),
        entry("run-a", 11, Verdict::Hold),
    ] {
        let refused = ledger.record(&other).await;
        assert!(
            matches!(&refused, Err(StoreError::Conflict(text)) if text.contains("run-a")),
            "{refused:?}"
        );
    }
    assert_eq!(ledger.entries().await.expect("entries"), [decision]);
}
