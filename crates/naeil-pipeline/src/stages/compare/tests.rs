use naeil_evaluation::ScoredRow;

use super::*;
use crate::testing::krx_sessions;

#[test]
fn sessions_that_share_a_label_with_the_champions_learning_are_dropped() {
    let sessions = krx_sessions(100);
    let check = |learned_until: Session, expected: Range<usize>| {
        assert_eq!(
            unseen_sessions(&sessions, &(60..100), learned_until),
            expected
        );
    };
    // The label of session 30 reaches to session 50, long before the test window.
    check(sessions[30], 60..100);
    // The label of session 39 reaches to session 59, that of session 40 into the window.
    check(sessions[39], 60..100);
    check(sessions[40], 61..100);
    check(sessions[70], 91..100);
    // Learned from all of it, or from later sessions than there are.
    check(sessions[79], 100..100);
    check(*krx_sessions(200).last().unwrap(), 100..100);
}

#[test]
fn accuracies_are_of_the_calls_above_one_half() {
    let row = |session_idx: u32, probability_up: f64, forward_return: f64| ScoredRow {
        session_idx,
        probability_up,
        forward_return,
        last_return: 0.0,
    };
    // Right calls: 0.6 on a rise, 0.4 on a fall, 0.5 (no call of "up") on a tie; wrong: 0.7.
    let champion = [
        row(7, 0.6, 0.01),
        row(7, 0.4, -0.01),
        row(8, 0.5, 0.0),
        row(10, 0.7, -0.02),
    ];
    let candidate = champion.map(|row| ScoredRow {
        probability_up: 0.9,
        ..row
    });
    let pairs = pair_accuracies(
        [&champion, &champion[..1], &[]],
        [&candidate, &candidate[..1], &[]],
    );
    let figures: Vec<_> = pairs
        .iter()
        .map(|p| (p.n_rows, p.n_sessions, p.champion, p.candidate))
        .collect();
    let expected = [
        (4, 3, Some(0.75), Some(0.25)),
        (1, 1, Some(1.0), Some(1.0)),
        (0, 0, None, None),
    ];
    assert_eq!(figures, expected);
}
