use std::sync::Arc;

use chrono::DateTime;
use naeil_domain::ModelVersion;

use super::*;
use crate::compare_file::{COMPARE_FILE, ChampionEntry};
use crate::gate::{self, Standing};
use crate::progress::Silent;
use crate::run_dir::{RunDir, RunId};
use crate::testing::{Fault, TestPorts, quick_config};

/// A run whose first six stages are done: `champion` was compared with a new candidate.
struct Decision {
    test: TestPorts,
    context: StageContext,
    candidate: ModelVersion,
}

impl Decision {
    fn new(verdict: Verdict, with_champion: bool) -> Self {
        let test = TestPorts::empty();
        let champion = with_champion.then(|| {
            let champion = test.registry.hold_version(Digest::of(b"champion"));
            test.registry.point(Alias::Champion, &champion.version);
            champion
        });
        let candidate = test.registry.hold_version(Digest::of(b"candidate"));
        let config = quick_config();
        let id = RunId::new(test.ports.clock.now(), 1);
        let context = StageContext {
            run: RunDir::create(&test.runs_dir(), id, &config).unwrap(),
            ports: test.ports.clone(),
            config: Arc::new(config),
            progress: Arc::new(Silent),
        };
        let digest = candidate.digest.to_string();
        let standing = Standing::FirstModel;
        let decided = gate::judge(&standing, 0.02);
        let mut comparison = Comparison::new(decided, DateTime::UNIX_EPOCH, 0.02, digest.clone());
        comparison.verdict = verdict;
        comparison.champion = champion.as_ref().map(ChampionEntry::from);
        let compare = context.begin(Stage::Compare).unwrap();
        compare.write_json(COMPARE_FILE, &comparison).unwrap();
        compare.finish().unwrap();
        let registered = RegisteredVersion {
            version: candidate.version.clone(),
            digest,
        };
        let register = context.begin(Stage::Register).unwrap();
        register.write_json(REGISTER_FILE, &registered).unwrap();
        register.finish().unwrap();
        Self {
            test,
            context,
            candidate,
        }
    }

    fn champion(&self) -> Option<String> {
        self.test.registry.alias(Alias::Champion)
    }

    fn previous(&self) -> Option<String> {
        self.test.registry.alias(Alias::Previous)
    }
}

#[tokio::test]
async fn a_better_candidate_follows_the_champion_which_becomes_previous() {
    let decision = Decision::new(Verdict::Promote, true);
    let promotion = run(&decision.context).await.unwrap();
    let expected = Promotion {
        promoted: true,
        champion: Some("2".to_owned()),
        previous: Some("1".to_owned()),
    };
    assert_eq!(promotion, expected);
    assert_eq!(decision.champion(), expected.champion);
    assert_eq!(decision.previous(), expected.previous);
    let rows = decision.test.ledger.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].candidate_version, "2");
    assert_eq!(rows[0].candidate_digest, decision.candidate.digest);
    assert_eq!(rows[0].champion_version.as_deref(), Some("1"));
    assert_eq!(rows[0].decided_at, DateTime::UNIX_EPOCH);
}

#[tokio::test]
async fn what_is_not_promoted_is_recorded_and_moves_nothing() {
    for verdict in [Verdict::Hold, Verdict::Reject] {
        let decision = Decision::new(verdict, true);
        let promotion = run(&decision.context).await.unwrap();
        assert!(!promotion.promoted);
        assert_eq!(decision.champion().as_deref(), Some("1"));
        assert_eq!(decision.previous(), None);
        assert_eq!(decision.test.ledger.rows()[0].verdict, verdict);
    }
}

#[tokio::test]
async fn a_champion_moved_by_someone_else_is_left_alone() {
    let decision = Decision::new(Verdict::Promote, true);
    let other = decision.test.registry.hold_version(Digest::of(b"other"));
    decision
        .test
        .registry
        .point(Alias::Champion, &other.version);
    let error = run(&decision.context).await.unwrap_err();
    assert!(
        error.to_string().contains("(it was 1, now it is 3)"),
        "{error}"
    );
    assert_eq!(decision.champion().as_deref(), Some("3"));
    assert_eq!(decision.test.ledger.rows(), []);
}

#[tokio::test]
async fn nothing_is_promoted_without_a_row_in_the_ledger() {
    let decision = Decision::new(Verdict::Promote, false);
    decision.test.ledger.break_down();
    let error = run(&decision.context).await.unwrap_err();
    assert!(matches!(error, StageError::Store(_)), "{error}");
    assert_eq!(decision.champion(), None);
}

#[tokio::test]
async fn a_promotion_that_was_cut_off_can_be_repeated() {
    let decision = Decision::new(Verdict::Promote, true);
    let registry = &decision.test.registry;
    registry.fail_at(Some(Fault::SetAlias(Alias::Champion)));
    run(&decision.context).await.unwrap_err();
    assert_eq!(decision.champion().as_deref(), Some("1"));

    registry.fail_at(None);
    std::fs::remove_dir(decision.context.run.stage_path(Stage::Promote)).unwrap();
    run(&decision.context).await.unwrap();
    assert_eq!(decision.champion().as_deref(), Some("2"));
    assert_eq!(decision.previous().as_deref(), Some("1"));
    assert_eq!(decision.test.ledger.rows().len(), 1, "the row is the same");
}
