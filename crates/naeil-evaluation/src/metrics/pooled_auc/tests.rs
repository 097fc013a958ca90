use super::*;
use crate::metrics::auc::auc;
use crate::metrics::fixture::rows;
use crate::metrics::ranks::ascending;

fn area(scores: &[f64], is_up: &[bool], sessions: &[Range<usize>]) -> Option<Statistic> {
    pooled_auc(scores, &ascending(scores), is_up, sessions)
}

#[test]
fn the_whole_is_the_area_over_all_rows_and_its_expansion_is_centred() {
    let rows = rows();
    let scores: Vec<f64> = rows.iter().map(|row| row.probability_up).collect();
    let is_up: Vec<bool> = rows.iter().map(|row| row.is_up()).collect();
    let half = rows.len() / 2;
    let statistic = area(&scores, &is_up, &[0..half, half..rows.len()]).unwrap();
    assert!((statistic.value().unwrap() - auc(&rows).unwrap()).abs() < 1e-12);
}

#[test]
fn the_expansion_follows_what_leaving_a_session_out_does() {
    // 40 sessions of 50 rows: without one of them, the area recomputed and the expansion agree
    // within a hundredth of what one session moves at most.
    let mut state = 7_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let scores: Vec<f64> = (0..2000).map(|_| random()).collect();
    let is_up: Vec<bool> = scores.iter().map(|s| random() < 0.3 + 0.3 * s).collect();
    let sessions: Vec<Range<usize>> = (0..40).map(|s| s * 50..(s + 1) * 50).collect();
    let whole = area(&scores, &is_up, &sessions).unwrap();
    let rest: Vec<usize> = (1..40).collect();
    let expanded = whole.over(&rest).value().unwrap();
    let moved: Vec<Range<usize>> = (0..39).map(|s| s * 50..(s + 1) * 50).collect();
    let exact = area(&scores[50..], &is_up[50..], &moved).unwrap();
    let exact = exact.value().unwrap();
    let change = (exact - whole.value().unwrap()).abs();
    assert!(
        (expanded - exact).abs() < 0.05 * change,
        "{expanded} {exact} {change}"
    );
}

#[test]
fn one_class_is_undefined() {
    assert_eq!(area(&[0.1, 0.2], &[true, true], &[0..1, 1..2]), None);
    assert_eq!(area(&[], &[], &[]), None);
}
