//! Area under the ROC curve over all sessions.

use std::ops::Range;

use crate::Statistic;

/// The area under the ROC curve over all rows, a tie counting half.
///
/// It is no ratio of sums over sessions: pairs stand across sessions. Its draws are those of its
/// first-order expansion: with A the area, and the placement of a row the share of the other class's
/// rows it is on the right side of, the mean over rises of (placement - A) plus the mean over others
/// of (placement - A) plus A.
///
/// `order` is the rows, ascending in score.
///
/// # Source
/// DeLong, DeLong and Clarke-Pearson (1988), structural components; here summed by session.
pub(crate) fn pooled_auc(
    scores: &[f64],
    order: &[usize],
    is_up: &[bool],
    sessions: &[Range<usize>],
) -> Option<Statistic> {
    let n_rises = is_up.iter().filter(|&&up| up).count() as f64;
    let n_others = scores.len() as f64 - n_rises;
    if n_rises == 0.0 || n_others == 0.0 {
        return None;
    }
    let mut placement = vec![0.0; scores.len()];
    let (mut rises_below, mut others_below, mut area) = (0.0, 0.0, 0.0);
    for group in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let rises = group.iter().filter(|&&row| is_up[row]).count() as f64;
        let others = group.len() as f64 - rises;
        let of_rise = (others_below + others / 2.0) / n_others;
        let of_other = (n_rises - rises_below - rises / 2.0) / n_rises;
        for &row in group {
            placement[row] = if is_up[row] { of_rise } else { of_other };
        }
        area += rises * of_rise;
        rises_below += rises;
        others_below += others;
    }
    let whole = area / n_rises;
    let sums = |class: bool| {
        let of = |rows: &Range<usize>| {
            let mut sum = (0.0, 0.0);
            for row in rows.clone().filter(|&row| is_up[row] == class) {
                sum.0 += placement[row] - whole;
                sum.1 += 1.0;
            }
            sum
        };
        sessions.iter().map(of).collect()
    };
    Some(Statistic::linearised(whole, [sums(true), sums(false)]))
}

#[cfg(test)]
mod tests;
